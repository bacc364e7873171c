/**
 * Copies all sessions from a standalone server to a cluster, as they are: ids,
 * dates, order, TTLs. On a cluster their keys have other names.
 *
 * Stop the writers first. What was copied before is replaced, so it can be run
 * again.
 *
 * ```sh
 * deno run -A examples/copy_to_cluster.ts redis://old:6379 redis://node:6379 [PREFIX]
 * ```
 *
 * @module
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import { createClient, createCluster, RESP_TYPES } from "redis";
import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";

/** Keys that are on their way at once. */
const BATCH = 500;

const [from, to, keyPrefix = ""] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  throw new Error("Name the server to copy from and a node of the cluster");
}
const server = createClient({ url: from });
// The other nodes get their password and TLS from `defaults`, not from this URL.
const cluster = createCluster({ rootNodes: [{ url: to }] });
for (const client of [server, cluster]) {
  client.on("error", (error) => console.error(error));
  await client.connect();
}
// A dump is bytes, no text.
const dumps = server.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });

/** Copies a key with its TTL, if it is there. */
async function copy(key: string, name: string): Promise<void> {
  const [dump, left] = await Promise.all([dumps.dump(key), server.pTTL(key)]);
  if (dump === null || left === -2) return;
  // 0 stands for no TTL.
  const ttlMs = left === -1 ? 0 : Math.max(left, 1);
  await cluster.restore(name, ttlMs, dump, { REPLACE: true });
}

await using source = new RedisAdapter({ client: server, keyPrefix });
await using target = new RedisAdapter({ client: cluster, keyPrefix });
// What the documented adapter wrote gets the fields of this one, and is found.
await source.reindex();
let copied = 0;
for await (const { id } of source.iterateSessions()) {
  const plain = `${keyPrefix}session:${id}`;
  const tagged = `${keyPrefix}session:{${id}}`;
  const messages = await server.zRange(`${plain}:messages`, 0, -1);
  for (let i = 0; i < messages.length; i += BATCH) {
    await Promise.all(
      messages.slice(i, i + BATCH).map((message) =>
        copy(
          `${keyPrefix}message:${message}`,
          `${keyPrefix}message:{${id}}:${message}`,
        )
      ),
    );
  }
  await copy(`${plain}:messages`, `${tagged}:messages`);
  await copy(plain, tagged);
  copied++;
}
// The indexes are not copied but built.
const { sessionsIndexed } = await target.reindex();
console.log(`${copied} sessions copied; the cluster has ${sessionsIndexed}`);

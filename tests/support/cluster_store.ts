/**
 * Opens adapters on a cluster, and looks at what they have stored on its nodes.
 *
 * @module
 */

import { createCluster } from "redis";
import {
  RedisAdapter,
  type RedisAdapterConfig,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession } from "./records.ts";
import { ask } from "./redis_cli.ts";
import type { RedisCluster } from "./redis_cluster.ts";
import { keysOf, type TestBed } from "./test_bed.ts";

/** The options of an adapter on a cluster. */
export type ClusterStoreOptions = Partial<
  Omit<RedisAdapterConfig, "closeClient">
>;

/** An adapter on a cluster, and a look behind it. */
export interface ClusterStore {
  /** The adapter. */
  readonly storage: RedisAdapter;
  /** The client that it uses. */
  readonly client: ClusterClient;
  /** What every key of the adapter begins with. */
  readonly prefix: string;
  /** Opens another adapter on the same data. */
  another(options: ClusterStoreOptions): RedisAdapter;
  /** Lists the adapter's keys on all primaries without their prefix, sorted. */
  keys(): Promise<string[]>;
}

function makeClient(cluster: RedisCluster) {
  return createCluster({ rootNodes: cluster.rootNodes });
}

/** A cluster client of node-redis 6 with its defaults. */
export type ClusterClient = ReturnType<typeof makeClient>;

/** Connects a cluster client. */
export async function connectCluster(
  bed: TestBed,
  cluster: RedisCluster,
): Promise<ClusterClient> {
  const client = makeClient(cluster);
  // One without a listener of errors would end the process with its first one.
  client.on("error", () => {});
  await client.connect();
  bed.defer(() => client.isOpen && client.destroy());
  return client;
}

/** Opens an adapter whose keys nobody else has. */
export async function openOnCluster(
  bed: TestBed,
  cluster: RedisCluster,
  options: ClusterStoreOptions = {},
): Promise<ClusterStore> {
  const client = await connectCluster(bed, cluster);
  const prefix = options.keyPrefix ?? bed.prefix();
  const another = (more: ClusterStoreOptions) =>
    new RedisAdapter({
      client: client as RedisClient,
      closeClient: false,
      keyPrefix: prefix,
      ...more,
    });
  return {
    storage: another(options),
    client,
    prefix,
    another,
    keys: async () => {
      const names: string[] = [];
      for (const { url } of await cluster.primaries()) {
        const keys = await keysOf(await bed.client(url), prefix);
        names.push(...keys.map((key) => key.slice(prefix.length)));
      }
      return names.sort();
    },
  };
}

/** Creates two sessions of one user; "old" has a deadline and a message. */
export async function fillStore(storage: RedisAdapter): Promise<void> {
  await storage.createSession(newSession({ id: "other", userId: "bob" }));
  await storage.createSession(
    newSession({ id: "old", userId: "bob", expiresAt: new Date(3000) }),
  );
  await storage.addMessage("old", newMessage("one", { id: "m1" }));
}

/** Returns how often the nodes of a cluster have replied with an error. */
export async function countErrors(
  cluster: RedisCluster,
  code: string,
): Promise<number> {
  let count = 0;
  for (const node of cluster.nodes.filter(({ isUp }) => isUp)) {
    const [info] = await ask(node, ["INFO", "errorstats"]);
    const line = new RegExp(`errorstat_${code}:count=(\\d+)`).exec(
      String(info),
    );
    count += Number(line?.[1] ?? 0);
  }
  return count;
}

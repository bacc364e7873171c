/**
 * Finding sessions plainly: SCAN for all keys, HGETALL of each session, and the
 * filters, the order and the page in JavaScript.
 *
 * @module
 */

import type { SessionFilters } from "@reaatech/session-continuity-storage-redis";
import type { TestClient } from "../tests/support/test_bed.ts";

type Hash = Readonly<Record<string, string>>;

/** Returns a page of sessions. */
export async function scanSessions(
  client: TestClient,
  filters: SessionFilters,
): Promise<readonly Hash[]> {
  const { order, sortBy = "createdAt", limit } = filters;
  const found = await scanAll(client, (hash) => fits(hash, filters));
  const sign = order === "desc" ? -1 : 1;
  found.sort((a, b) =>
    sign *
    (Number(a[sortBy]) - Number(b[sortBy]) || (a["id"]! < b["id"]! ? -1 : 1))
  );
  return found.slice(0, limit);
}

/** Returns the ids of sessions that are due, the soonest first. */
export async function scanExpired(
  client: TestClient,
  before: Date,
): Promise<readonly string[]> {
  const found = await scanAll(
    client,
    ({ expiresAt }) =>
      expiresAt !== undefined && Number(expiresAt) <= before.getTime(),
  );
  return found.sort((a, b) => Number(a["expiresAt"]) - Number(b["expiresAt"]))
    .map(({ id }) => id as string);
}

function fits(hash: Hash, filters: SessionFilters): boolean {
  const { userId, status, activeAgentId, tags } = filters;
  const { createdAfter, createdBefore } = filters;
  const createdAt = Number(hash["createdAt"]);
  const own: unknown[] = tags ? JSON.parse(hash["tags"] ?? "[]") : [];
  return (userId === undefined || hash["userId"] === userId) &&
    (status === undefined || hash["status"] === status) &&
    (activeAgentId === undefined || hash["activeAgentId"] === activeAgentId) &&
    (tags === undefined || tags.some((tag) => own.includes(tag))) &&
    (createdAfter === undefined || createdAt >= createdAfter.getTime()) &&
    (createdBefore === undefined || createdAt <= createdBefore.getTime());
}

/** Reads all sessions, and keeps those that are wanted. */
async function scanAll(
  client: TestClient,
  isWanted: (hash: Hash) => boolean,
): Promise<Hash[]> {
  const found = new Map<string, Hash>();
  const batches = client.scanIterator({ MATCH: "session:*", COUNT: 1000 });
  for await (const keys of batches) {
    const own = keys.filter((key) => !key.endsWith(":messages"));
    const hashes = await Promise.all(own.map((key) => client.hGetAll(key)));
    for (const [i, hash] of hashes.entries()) {
      if (isWanted(hash)) found.set(own[i]!, hash);
    }
  }
  return [...found.values()];
}

/**
 * Reads all that an adapter has stored, to compare it with what it has later.
 *
 * @module
 */

import { endOf } from "./passing_time.ts";
import type { TestClient, TestStore } from "./test_bed.ts";

/** Returns every key of an adapter with its type, its value and when it expires. */
export async function snapshot(
  store: TestStore,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const name of await store.keys()) {
    const key = store.prefix + name;
    const type = await store.redis.type(key);
    const end = await endOf(store, name);
    found[name] = [type, await value(store.redis, type, key), end];
  }
  return found;
}

async function value(
  redis: TestClient,
  type: string,
  key: string,
): Promise<unknown> {
  switch (type) {
    case "hash":
      return Object.entries(await redis.hGetAll(key)).sort();
    case "zset":
      return await redis.zRangeWithScores(key, 0, -1);
    case "set":
      return (await redis.sMembers(key)).sort();
    default:
      return await redis.get(key);
  }
}

/** Returns a hash as an object. */
export async function readHash(
  { redis, prefix }: TestStore,
  name: string,
): Promise<Record<string, string>> {
  return { ...await redis.hGetAll(prefix + name) };
}

/** Returns the members and scores of a sorted set, in its order. */
export async function readOrder(
  { redis, prefix }: TestStore,
  name: string,
): Promise<[member: string, score: number][]> {
  const members = await redis.zRangeWithScores(prefix + name, 0, -1);
  return members.map(({ value, score }) => [value, score]);
}

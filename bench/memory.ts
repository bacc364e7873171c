/**
 * What a message costs in Redis' memory.
 *
 * @module
 */

import type { RedisClientType } from "redis";
import type { Entry } from "./contenders/contender.ts";
import { sampleMessages } from "./messages.ts";

/** The sizes of the sessions that are weighed, in messages. */
export const MEMORY_SIZES = [20, 100, 1000] as const;

/**
 * Stores a session, reads it once, and weighs every key that belongs to it:
 * session, messages, order and indexes.
 *
 * @returns bytes for each message
 */
export async function bytesPerMessage(
  client: RedisClientType,
  entry: Entry,
  place: { readonly url: string; readonly keyPrefix: string },
  count: number,
  seed: number,
): Promise<number> {
  const { url, keyPrefix } = place;
  const contender = await entry.connect(url, keyPrefix);
  try {
    const sessionId = await contender.open("ada");
    await contender.fill(sessionId, sampleMessages(count, seed));
    // A sort turns a small sorted set into a skip list, which is larger.
    await contender.getMessages(sessionId);
  } finally {
    await contender.close();
  }
  let bytes = 0;
  for (const key of await keysOf(client, keyPrefix)) {
    // Without SAMPLES 0, Redis guesses from five fields of each key.
    bytes += await client.memoryUsage(key, { SAMPLES: 0 }) ?? 0;
  }
  return bytes / count;
}

/** Removes every key that begins with the prefix. */
export async function removeKeys(
  client: RedisClientType,
  keyPrefix: string,
): Promise<void> {
  const batches = client.scanIterator({ MATCH: `${keyPrefix}*`, COUNT: 1000 });
  for await (const keys of batches) {
    if (keys.length > 0) await client.unlink(keys);
  }
}

/** Returns the keys that begin with a prefix, each of them once. */
async function keysOf(
  client: RedisClientType,
  keyPrefix: string,
): Promise<Set<string>> {
  const found = new Set<string>();
  const batches = client.scanIterator({ MATCH: `${keyPrefix}*`, COUNT: 1000 });
  for await (const keys of batches) for (const key of keys) found.add(key);
  return found;
}

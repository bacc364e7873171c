/**
 * Looks at what conversations have become in Redis, past the adapter, with
 * plain commands: the keys, their types, when they expire, what they take.
 *
 * @module
 */

import type { MeasuredStorage } from "./measured_storage.ts";

type Client = MeasuredStorage["client"];

/** Keys of one kind. */
export interface KeyGroup {
  /** What they are called, without the prefix. */
  readonly pattern: string;
  readonly type: string;
  readonly count: number;
  readonly bytes: number;
  /** The least and the most that any of them has left; -1 is for ever. */
  readonly ttlSeconds: readonly [number, number];
  readonly holds: string;
}

const KINDS: readonly (readonly [RegExp, pattern: string, holds: string])[] = [
  [/^session:[^:]+$/, "session:{id}", "a session, a field per property"],
  [/^session:/, "session:{id}:messages", "the order of its messages"],
  [/^message:/, "message:{id}", "a message, three fields"],
  [/^user:/, "user:{userId}:sessions", "the sessions of a user"],
  [/^sessions:by-/, "sessions:by-…", "indexes of all sessions"],
  [/^/, "others", "not of this adapter"],
];

/** Finds all keys of a prefix. */
export async function findKeys(
  client: Client,
  keyPrefix: string,
): Promise<string[]> {
  const keys = new Set<string>();
  const options = { MATCH: `${keyPrefix}*`, COUNT: 1000 };
  // SCAN can return a key twice.
  for await (const page of client.scanIterator(options)) {
    for (const key of page) keys.add(key);
  }
  return [...keys];
}

/** Groups the keys of a prefix by what they are for. */
export async function groupKeys(
  client: Client,
  keyPrefix: string,
): Promise<KeyGroup[]> {
  const keys = await findKeys(client, keyPrefix);
  const facts = await Promise.all(keys.map(async (key) => {
    const [type, ttlMs, bytes] = await Promise.all([
      client.type(key),
      client.pTTL(key),
      client.memoryUsage(key, { SAMPLES: 0 }),
    ]);
    const name = key.slice(keyPrefix.length);
    const kind = KINDS.findIndex(([pattern]) => pattern.test(name));
    const ttlSeconds = ttlMs < 0 ? -1 : Math.round(ttlMs / 1000);
    return { kind, type, ttlSeconds, bytes: bytes ?? 0 };
  }));
  return KINDS.flatMap(([, pattern, holds], kind) => {
    const members = facts.filter((fact) => fact.kind === kind);
    if (members.length === 0) return [];
    const ttls = members.map(({ ttlSeconds }) => ttlSeconds);
    return [{
      pattern,
      type: [...new Set(members.map(({ type }) => type))].join(", "),
      count: members.length,
      bytes: members.reduce((sum, { bytes }) => sum + bytes, 0),
      ttlSeconds: [Math.min(...ttls), Math.max(...ttls)] as const,
      holds,
    }];
  });
}

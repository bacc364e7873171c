/**
 * What every operation on the store needs: the way to Redis, the names of the
 * keys, and the rules that the adapter was made with.
 *
 * @module
 */

import type { Hints } from "./hints.ts";
import type { HistoryCache } from "./history_cache.ts";
import type { Keys } from "./keys.ts";
import type { RedisPort } from "./redis_port.ts";
import { corrupt, type Failure } from "./failure.ts";
import type { SessionId, SummarizerService } from "./types.ts";

/** One adapter's view of the store. */
export interface Store {
  readonly port: RedisPort;
  readonly keys: Keys;
  /** Keeps the indexes on a cluster; elsewhere the scripts do it themselves. */
  readonly hints?: Hints;
  /** What was last read of histories, where the adapter keeps it. */
  readonly cache?: HistoryCache;
  /** The sliding TTL of sessions, in milliseconds; 0 for none. */
  readonly ttlMs: number;
  /** Whether reads start the TTL again too. */
  readonly refreshTtlOnRead: boolean;
  /** Put into the compression settings of sessions that are read. */
  readonly summarizer: SummarizerService | undefined;
  /** Takes a corrupt record that a list or a history leaves out; throws where it must not. */
  readonly onCorrupt: (failure: Failure) => void;
}

/** KEYS of a script that works on one session. */
export function sessionKeys(store: Store, id: SessionId): string[] {
  return [store.keys.session(id), store.keys.messages(id)];
}

/** The first ARGV of a script that works on one session, and starts this TTL again, or none. */
export function sessionArgs(store: Store, ttlMs: number): string[] {
  return [...store.keys.scope, String(ttlMs)];
}

/** A script's reply: a status word and what belongs to it. */
export type Reply<Status extends string> = readonly [
  status: Status,
  ...details: unknown[],
];

/**
 * Runs a script that replies with a status, and throws where it found a key
 * of another type.
 */
export async function runScript<Status extends string>(
  store: Store,
  script: Parameters<RedisPort["run"]>[0],
  keys: string[],
  args: string[],
  repeats?: boolean,
): Promise<Reply<Status>> {
  // The header of each script lists its statuses; "corrupt" is common to all.
  const reply = await store.port.run(script, keys, args, repeats) as Reply<
    Status | "corrupt"
  >;
  if (reply[0] === "corrupt") {
    const [, key, why] = reply as ["corrupt", string, string];
    throw corrupt(key, why);
  }
  return reply as Reply<Status>;
}

/** HGETALL's flat reply as an object; a Map's order and a plain look-up, whatever the names. */
export function fieldsOf(flat: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < flat.length; i += 2) {
    fields[flat[i] as string] = flat[i + 1] as string;
  }
  return fields;
}

/**
 * Adds a hint to an index of a cluster.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import { BASE } from "./prelude/base.ts";

const script = defineScript(
  BASE,
  `
-- Adds a member to an index, or moves it.
--
-- KEYS[1] index sorted set
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] member; ARGV[4] score, "" for now;
-- ARGV[5] ms to add to the score; ARGV[6] a condition of ZADD, or ""
-- Returns {"ok", score that was asked for, score that stands} or {"corrupt", key, why}
-- Cost: O(log N) of all sessions
local index, member, given, condition = KEYS[1], ARGV[3], ARGV[4], ARGV[6]
local score = whole((tonumber(given) or clock()) + tonumber(ARGV[5]))
local ask = {"ZADD", index, score, member}
if condition ~= "" then table.insert(ask, 3, condition) end
local _, wrong = typed(index, "zset", redis.pcall(unpack(ask)))
return wrong or {"ok", score, redis.call("ZSCORE", index, member)}
`,
);

/** A hint, and when it may take the place of the one that is there. */
export interface Hint {
  readonly index: string;
  readonly member: string;
  /** In milliseconds; absent: now, by the index's server. */
  readonly score?: number | undefined;
  /** Added to the score, in milliseconds. */
  readonly plusMs?: number;
  /** "NX" never, "GT" where it is greater, "LT" where it is less; absent: always. */
  readonly condition?: "NX" | "GT" | "LT";
}

/** Where a hint is. */
export interface PutHint {
  /** The score that was asked for. */
  readonly asked: number;
  /** The score that stands: another one where the condition did not hold. */
  readonly stands: number;
}

/** Adds a hint, or moves it. */
export async function putHint(
  store: Store,
  { index, member, score, plusMs = 0, condition }: Hint,
): Promise<PutHint> {
  const [, asked, stands] = await runScript<"ok">(store, script, [index], [
    ...store.keys.scope,
    member,
    String(score ?? ""),
    String(plusMs),
    condition ?? "",
  ]);
  return { asked: Number(asked), stands: Number(stands) };
}

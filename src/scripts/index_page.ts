/**
 * Reads a part of an index of a cluster, in its order.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import { BASE } from "./prelude/base.ts";
import { WALK } from "./prelude/walk.ts";

const script = defineScript(
  BASE,
  WALK,
  `
-- Reads the entries of an index whose score lies in a range, after a cursor.
--
-- KEYS[1] index sorted set
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] "asc" or "desc"; ARGV[4] most
-- entries; ARGV[5] cursor, "" at first; ARGV[6] lowest score, or "";
-- ARGV[7] highest score, or "", or "now"
-- Returns {"ok", member, score, ...} or {"corrupt", key, why}
-- Cost: O(log N + returned) of all sessions
local index, most, cursor = KEYS[1], tonumber(ARGV[4]), ARGV[5]
local lowest = tonumber(ARGV[6]) or -math.huge
local highest = ARGV[7] == "now" and clock() or tonumber(ARGV[7]) or math.huge
local wrong = misfit(index, "zset")
if wrong then return wrong end
local reply = {"ok"}
walk(source_of(index, ARGV[3] == "desc"), cursor, lowest, highest, most, function(member, score)
  reply[#reply + 1] = member
  reply[#reply + 1] = whole(score)
end)
return reply
`,
);

/** Which part of an index to read. */
export interface IndexRange {
  readonly index: string;
  /** Entries read at most. */
  readonly most: number;
  readonly descending?: boolean;
  /** Where the part begins: the cursor of the entry before it. */
  readonly cursor?: string;
  readonly lowest?: number | undefined;
  /** The highest score; "now" is by the index's server. */
  readonly highest?: number | "now" | undefined;
}

/** An entry of an index. */
export interface IndexEntry {
  readonly member: string;
  readonly score: number;
}

/** Returns the cursor of an entry, after which a walk goes on. */
export function cursorOf({ member, score }: IndexEntry): string {
  return `${score}:${member}`;
}

/** Reads a part of an index. */
export async function readIndexPage(
  store: Store,
  { index, most, descending = false, cursor = "", lowest, highest }: IndexRange,
): Promise<IndexEntry[]> {
  const [, ...flat] = await runScript<"ok">(store, script, [index], [
    ...store.keys.scope,
    descending ? "desc" : "asc",
    String(most),
    cursor,
    String(lowest ?? ""),
    String(highest ?? ""),
  ]);
  const entries: IndexEntry[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    entries.push({ member: flat[i] as string, score: Number(flat[i + 1]) });
  }
  return entries;
}

/**
 * Reads a part of a history of which the adapter may hold something already:
 * only what is new to it crosses the network.
 *
 * @module
 */

import { type HistoryCache, hold, release } from "../history_cache.ts";
import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { Message, SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { decodeRows } from "./message_row.ts";
import { BASE } from "./prelude/base.ts";
import { HISTORY } from "./prelude/history.ts";
import { SESSION_KEYS, SLIDE_ON_READ } from "./prelude/session.ts";
import type { MessageQuery } from "./read_messages.ts";

const script = defineScript(
  BASE,
  SESSION_KEYS,
  SLIDE_ON_READ,
  `
-- Reads a part of a history, without the messages that the caller holds if
-- nothing but appends came after them.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3...] hashes of
-- messages that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms to start again, or 0;
-- ARGV[4] "asc" or "desc"; ARGV[5] offset; ARGV[6] limit, or -1; ARGV[7] "1" where
-- SORT_RO is to be tried; and what the caller holds: ARGV[8] revision, "" for nothing;
-- ARGV[9] rank of its first message; ARGV[10] rank, ARGV[11] id and ARGV[12] score
-- of its last one
-- Returns {"ok", revision, "" where there is none; rank of the part's first
-- message; rank of the first row; list of ids and rows; score of the part's last
-- message; 1 where SORT_RO was refused}, {"gone"} where an id has no hash,
-- {"slide", ids, user} or {"corrupt", key, why}
-- Cost: O(log M + rows) of the session's messages
local offset, limit = tonumber(ARGV[5]), tonumber(ARGV[6])
local held, held_first, held_last = ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[10])

local count, wrong = typed(messages, "zset", redis.pcall("ZCARD", messages))
if wrong then return wrong end
local more = slide_on_read()
if more then return more end

-- Only a session that this adapter created tells of all that changes in it.
local marks = redis.pcall("HMGET", session, "creationToken", "revision")
local revision = not marks.err and marks[1] and marks[1] .. (marks[2] or "") or ""

local size = limit < 0 and count or math.min(limit, count)
local first = ARGV[4] == "asc" and offset or math.max(count - offset - size, 0)
local last = ARGV[4] == "asc" and math.min(offset + size, count) - 1 or count - offset - 1
local from = first
if held ~= "" and held == revision and held_first <= first then
  local stands = redis.call("ZRANGE", messages, ARGV[10], ARGV[10], "WITHSCORES")
  if stands[1] == ARGV[11] and stands[2] == ARGV[12] then from = math.max(first, math.min(held_last, last) + 1) end
end
local rows, newest, may_sort = {}, nil, ARGV[7] == "1"
if from <= last then
  -- Made here, where something is new.
  ${HISTORY}
  for start = from, last, 200 do
    local ids, records = part_of(start, math.min(200, last - start + 1), true)
    for i, message_id in ipairs(ids) do
      local row = is_own(records[i]) and records[i] or looked_up(message_id)
      if not row then return {"gone"} end
      newest = message_id
      rows[#rows + 1] = message_id
      rows[#rows + 1] = row
    end
  end
end
local score = ""
if newest then
  score = redis.call("ZSCORE", messages, newest)
elseif first <= last then
  score = redis.call("ZRANGE", messages, last, last, "WITHSCORES")[2]
end
return {"ok", revision, first, from, rows, score, ARGV[7] == "1" and not may_sort and 1 or nil}
`,
);

/** Returns whether a script is to try SORT_RO, as it is told that. */
export function maySort(store: Store, id: SessionId): "1" | "0" {
  return store.port.maySort && store.keys.canSortBy(id) ? "1" : "0";
}

/**
 * Reads the messages that a query without filters asks for.
 *
 * @returns undefined where a message is missing, so that its place is to be filled
 */
export async function readChanges(
  store: Store,
  cache: HistoryCache,
  id: SessionId,
  { descending, offset, limit }: MessageQuery,
): Promise<Message[] | undefined> {
  const held = cache.get(id);
  const reply = await runDeclared<"ok" | "gone">(store, script, id, {
    slides: store.refreshTtlOnRead,
    args: [
      descending ? "desc" : "asc",
      String(offset),
      String(limit ?? -1),
      maySort(store, id),
      held?.revision ?? "",
      ...(held === undefined ? [] : [
        String(held.first),
        String(held.first + held.messages.length - 1),
        held.messages.at(-1)!.id, // A part is never empty.
        held.lastScore,
      ]),
    ],
  });
  if (reply[0] === "gone") {
    cache.delete(id);
    return undefined;
  }
  const [, revision, first, from, rows, lastScore, isRefused] =
    reply as ChangesReply;
  if (isRefused !== undefined) store.port.sortIsRefused();
  const kept = held?.messages.slice(first - held.first, from - held.first) ??
    [];
  const fresh = decodeRows(store, id, rows);
  const messages = [...kept.map(release), ...fresh];
  const isWhole = 2 * fresh.length === rows.length;
  if (revision !== "" && isWhole && messages.length > 0) {
    const all = [...kept, ...fresh.map(hold)];
    cache.set(id, { revision, first, messages: all, lastScore });
  } else {
    cache.delete(id);
  }
  return descending ? messages.reverse() : messages;
}

type ChangesReply = readonly [
  "ok",
  revision: string,
  first: number,
  from: number,
  rows: readonly unknown[],
  lastScore: string,
  isRefused?: 1,
];

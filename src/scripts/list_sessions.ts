/**
 * Reads sessions by their filters, one bounded batch a call, where one script
 * reaches the indexes and the sessions: on one server.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES, SWEEP } from "./prelude/indexes.ts";
import { LOOK } from "./prelude/look.ts";
import { DATES } from "./prelude/older.ts";
import { WALK } from "./prelude/walk.ts";
import {
  indexOf,
  isSelective,
  type ListPosition,
  namedArgs,
  queryArgs,
  readRow,
  type SessionBatch,
  type SessionQuery,
  type SessionRow,
} from "./session_query.ts";

/** Sessions that one call looks at, at most: some 4 µs each where a filter leaves most of them out. */
const LOOK_MOST = 300;
/** Sessions that one call returns, at most: 8 to 10 µs each. Nobody else is served meanwhile. */
const ROWS_MOST = 150;
/** Sessions of a user that one call puts in order, at most. */
const USER_MOST = 500;
/** Bytes of sessions after which one call ends, so that no reply grows without bound. */
const REPLY_BYTES = 1 << 20;
/** Due deadlines that one call cleans up, at most: some 7 µs each. */
const SWEEP_MOST = 200;

const script = defineScript(
  BASE,
  INDEXES,
  SWEEP,
  DATES,
  WALK,
  LOOK,
  `
-- Lists sessions in the order of an index. Index entries are hints: each session
-- is looked at itself, and an id whose session is gone leaves the indexes.
--
-- KEYS[1] by-created or by-activity sorted set
-- ARGV[1] prefix; ARGV[2] layout; then name, value, ... in any order, besides
-- the filters: order, "asc" or "desc"; look_most sessions to look at, and
-- user_most of a user's to put in order; rows_most sessions and about
-- reply_bytes to return; sweep_most due deadlines to clean up; slack, by how many
-- ms sessions may end before their deadline; offset; limit, absent for none;
-- cursor, "" at first, then score, a colon, the id before the next
-- Returns {"ok", rows, cursor or "" at the end, offset that is left, due
-- deadlines cleaned up}, where a row is one of row_of or {id, "corrupt", key,
-- why}; {"many", due deadlines cleaned up} where the user has so many sessions
-- that they are to be gathered; or {"corrupt", key, why}
-- Cost: O(log N + looked at) of all N sessions; of a user's U sessions O(U log U)
local index = KEYS[1]
local look_most, rows_most = tonumber(ask.look_most), tonumber(ask.rows_most)
local reply_bytes = tonumber(ask.reply_bytes)
local offset, limit, cursor = tonumber(ask.offset), tonumber(ask.limit), ask.cursor
local is_reversed = ask.order == "desc"

local wrong = misfit(by_created, "zset", by_activity, "zset", by_expiry, "zset", by_deadline, "zset")
  or (user and misfit(user_key(user), "set"))
if wrong then return wrong end

-- Where a user has few sessions, those of them that are in both sets, put in
-- order anew by each call; all sessions, where so many are the user's that a
-- page is found among them sooner; nil, where neither is so.
local gone = {}
local function narrowest()
  local size = user and redis.call("SCARD", user_key(user))
  if not user then return source_of(index, is_reversed) end
  if size > tonumber(ask.user_most) then
    local all = redis.call("ZCARD", index)
    if limit and (offset + limit) * all < size * size then return source_of(index, is_reversed) end
    return nil
  end
  local both = redis.call("ZINTER", 2, user_key(user), index, "WEIGHTS", 0, 1, "WITHSCORES")
  -- One that only the user's set has left is gone, or waits for reindex().
  for _, session_id in ipairs(#both < 2 * size and redis.call("SMEMBERS", user_key(user)) or {}) do
    local is_gone = not redis.call("ZSCORE", index, session_id)
      and redis.call("EXISTS", session_key(session_id)) == 0
    if is_gone then gone[#gone + 1] = session_id end
  end
  return {
    is_reversed = is_reversed,
    size = #both / 2,
    part = function(first, last)
      local part = {}
      for place = first, math.min(last, #both / 2 - 1) do
        local at = 2 * (is_reversed and #both / 2 - 1 - place or place)
        part[#part + 1] = both[at + 1]
        part[#part + 1] = both[at + 2]
      end
      return part
    end,
  }
end
local swept = sweep(tonumber(ask.sweep_most), tonumber(ask.slack), clock())
local source = limit ~= 0 and narrowest()
if source == nil then return {"many", swept} end

local rows, bytes = {}, 0
-- Takes what fits into the page; returns true when the page is full.
local function visit(session_id)
  local answer, detail, values = look(session_id)
  if answer == "gone" then gone[#gone + 1] = session_id end
  if answer ~= "fits" and answer ~= "corrupt" then return false end
  if offset > 0 then
    offset = offset - 1
    return false
  end
  local row, size = {session_id}, 0
  if answer == "corrupt" then
    row = {session_id, unpack(detail)}
  else
    row, size = row_of(session_id, values)
  end
  bytes = bytes + size
  rows[#rows + 1] = row
  return #rows == limit or #rows == rows_most or bytes >= reply_bytes
end

local next_cursor = ""
if source then
  -- The index goes by creation where its scores tell what the filters ask for.
  local is_by_created = index == by_created
  next_cursor = walk(source, cursor, is_by_created and earliest or -math.huge,
    is_by_created and latest or math.huge, look_most, visit)
end
for _, session_id in ipairs(gone) do unindex(session_id, user) end
return {"ok", rows, next_cursor, offset, swept}
`,
);

/** A batch, or none where the user has so many sessions that they are to be gathered. */
export type ScriptBatch = Omit<SessionBatch, "next"> & {
  readonly next: ListPosition | undefined;
};

/** Reads the next batch of sessions. */
export async function listBatch(
  store: Store,
  query: SessionQuery,
  { cursor, offset, limit }: ListPosition,
): Promise<ScriptBatch> {
  const readsAll = !isSelective(query) &&
    (query.userId === undefined || limit === undefined);
  const [status, ...details] = await runScript<"ok" | "many">(
    store,
    script,
    [indexOf(store, query)],
    [
      ...store.keys.scope,
      ...queryArgs(query, readsAll),
      ...namedArgs({
        order: query.descending ? "desc" : "asc",
        look_most: readsAll ? ROWS_MOST : LOOK_MOST,
        rows_most: ROWS_MOST,
        user_most: USER_MOST,
        reply_bytes: REPLY_BYTES,
        sweep_most: SWEEP_MOST,
        slack: Math.ceil(store.ttlMs / 4),
        offset,
        limit,
        cursor,
      }),
    ],
  );
  if (status === "many") {
    const hasMoreDue = details[0] === SWEEP_MOST;
    return { rows: [], next: undefined, hasMoreDue };
  }
  const [rows, next, left, swept] = details;
  const batch = (rows as (SessionRow | string)[]).map(readRow);
  return {
    rows: batch,
    next: {
      cursor: next as string,
      isEnd: next === "",
      offset: left as number,
      limit: limit === undefined ? undefined : limit - batch.length,
    },
    hasMoreDue: swept === SWEEP_MOST,
  };
}

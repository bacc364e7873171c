/**
 * Reads sessions by their filters, one bounded batch a call.
 *
 * @module
 */

import { SESSION_FIELDS, STATUSES } from "../session_codec.ts";
import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES, SWEEP } from "./prelude/indexes.ts";
import { DATES } from "./prelude/older.ts";
import { WALK } from "./prelude/walk.ts";

/** The place of a field among the values of a session, as Lua counts. */
const at = (name: string) => SESSION_FIELDS.indexOf(name) + 1;

/** Sessions that one call looks at, at most. */
const LOOK_MOST = 1000;
/** Bytes of sessions after which one call ends, so that no reply grows without bound. */
const REPLY_BYTES = 1 << 20;
/** Due deadlines that one call cleans up, at most. */
const SWEEP_PER_CALL = 1000;

/** Stand between two values of a session that is one text, and for one that is not there. */
const SEPARATOR = "\x1f";
const ABSENT = "\x1e";

const script = defineScript(
  BASE,
  INDEXES,
  SWEEP,
  DATES,
  WALK,
  `
-- Lists sessions by creation, then id. Index entries are hints: each session
-- is looked at itself, and an id whose session is gone leaves the indexes.
--
-- KEYS[1] by-created sorted set
-- ARGV[1] prefix; ARGV[2] hash tags; then name, value, ... in any order:
-- look_most sessions to look at; reply_bytes to return, about; sweep_most due
-- deadlines to clean up; offset; limit, absent for none;
-- cursor, "" at first, then createdAt ms, a colon, the id before the next; and
-- the filters, absent where not asked for: userId, status, activeAgentId,
-- earliest and latest createdAt in ms, and tag, as often as there are tags, as JSON
-- Returns {"ok", rows, cursor or "" at the end, offset that is left, due
-- deadlines cleaned up}, where a row is the values of a session's fields in
-- their order and its id, as one text or as a list, or {id, "corrupt", key,
-- why}; or {"corrupt", key, why}
-- Cost: O(log N + looked at) of all N sessions; of a user's U sessions
-- O(U log U) where U * U is at most look_most * N, else as without a user
local ask, tags = {}, nil
for i = 3, #ARGV, 2 do
  if ARGV[i] == "tag" then
    tags = tags or {}
    tags[ARGV[i + 1]] = true
  else
    ask[ARGV[i]] = ARGV[i + 1]
  end
end
local look_most, reply_bytes = tonumber(ask.look_most), tonumber(ask.reply_bytes)
local offset, limit, cursor = tonumber(ask.offset), tonumber(ask.limit), ask.cursor
local earliest = tonumber(ask.earliest) or -math.huge
local latest = tonumber(ask.latest) or math.huge
local user, status, agent = ask.userId, ask.status, ask.activeAgentId

local wrong = misfit(by_created, "zset", by_activity, "zset", by_expiry, "zset", by_deadline, "zset")
  or (user and misfit(user_key(user), "set"))
if wrong then return wrong end
local swept = sweep(tonumber(ask.sweep_most), clock())

-- Whether one of the wanted tags is in a list of strings as JSON.stringify
-- writes it: compared as JSON, so that no escape needs to be read.
local function has_tag(text)
  local first = string.find(text, '"', 1, true)
  while first do
    local last = first
    repeat
      -- A backslash takes the character after it along.
      last = string.find(text, '["\\\\]', last + 1)
      local is_escape = last and string.byte(text, last) == 92
      if is_escape then last = last + 1 end
    until not is_escape
    if not last then return false end
    if tags[string.sub(text, first, last)] then return true end
    first = string.find(text, '"', last + 1, true)
  end
  return false
end

local STATUSES = {${STATUSES.map((word) => `${word} = true`).join(", ")}}
local FIELDS = {${SESSION_FIELDS.map((name) => `"${name}"`).join(", ")}}
local at_user, at_agent = ${at("userId")}, ${at("activeAgentId")}
local FILTERED = {"createdAt", "status", "userId", "activeAgentId", "tags"}
-- Where all that is looked at is likely to be wanted, it is read at once.
local reads_all = not (tags or status or agent) and (not user or not limit)

local names, at = reads_all and FIELDS or FILTERED, {}
for i, name in ipairs(names) do at[name] = i end

-- Looks at a session: "gone", "corrupt" and why, "other" when a filter leaves
-- it out, or "fits" and perhaps its fields. One that cannot be held against the
-- filters is corrupt whatever they are.
local function look(session_id)
  local key = session_key(session_id)
  local seen, wrong = typed(key, "hash", redis.pcall("HMGET", key, unpack(names)))
  if wrong then return "corrupt", wrong end
  local ms = to_ms(seen[at.createdAt])
  local flaw = (not ms and "createdAt") or (not STATUSES[seen[at.status]] and "status")
    or (tags and seen[at.tags] and not string.match(seen[at.tags], "^%[.*%]$") and "tags")
  if flaw then
    if redis.call("EXISTS", key) == 0 then return "gone" end
    return "corrupt", {"corrupt", key, 'has no readable field "' .. flaw .. '"'}
  end
  if (user and seen[at.userId] ~= user) or (status and seen[at.status] ~= status)
    or (agent and seen[at.activeAgentId] ~= agent) or ms < earliest or ms > latest
    or (tags and not has_tag(seen[at.tags] or "")) then
    return "other"
  end
  return "fits", reads_all and seen or nil
end

local function has_mark(text)
  return text and string.find(text, "[${SEPARATOR}${ABSENT}]")
end

-- The values of a session's fields and its id as one text, since a list of them
-- takes longer to return and to read, and its length. JSON and numbers hold no
-- mark; where one of the others does, it is a list all the same.
local function row_of(values, session_id)
  if has_mark(session_id) or has_mark(values[at_user]) or has_mark(values[at_agent]) then
    values[#FIELDS + 1] = session_id
    return values, #cjson.encode(values)
  end
  for i = 1, #FIELDS do
    if not values[i] then values[i] = "${ABSENT}" end
  end
  local text = table.concat(values, "${SEPARATOR}", 1, #FIELDS) .. "${SEPARATOR}" .. session_id
  return text, #text
end

local rows, bytes, gone = {}, 0, {}
-- Takes what fits into the page; returns true when the page is full.
local function visit(session_id)
  local answer, detail = look(session_id)
  if answer == "gone" then gone[#gone + 1] = session_id end
  if answer ~= "fits" and answer ~= "corrupt" then return false end
  if offset > 0 then
    offset = offset - 1
    return false
  end
  local row
  if answer == "corrupt" then
    row = {session_id, unpack(detail)}
  else
    local size
    row, size = row_of(detail or redis.call("HMGET", session_key(session_id), unpack(FIELDS)), session_id)
    bytes = bytes + size
  end
  rows[#rows + 1] = row
  return #rows == limit or bytes >= reply_bytes
end

-- The narrowest source: where a user has few of all sessions, those of them
-- that are in both sets, put in order anew by each call.
local function narrowest()
  local size = user and redis.call("SCARD", user_key(user)) or 0
  if not user or size * size > look_most * redis.call("ZCARD", by_created) then return source_of(by_created) end
  local both = redis.call("ZINTER", 2, user_key(user), by_created, "WEIGHTS", 0, 1, "WITHSCORES")
  -- One that only the user's set has left is gone, or waits for reindex().
  for _, session_id in ipairs(#both < 2 * size and redis.call("SMEMBERS", user_key(user)) or {}) do
    local is_gone = not redis.call("ZSCORE", by_created, session_id)
      and redis.call("EXISTS", session_key(session_id)) == 0
    if is_gone then gone[#gone + 1] = session_id end
  end
  return {
    size = #both / 2,
    part = function(first, last)
      local part = {}
      for i = 2 * first + 1, math.min(2 * last + 2, #both) do part[#part + 1] = both[i] end
      return part
    end,
  }
end

local next_cursor = ""
if limit ~= 0 then
  next_cursor = walk(narrowest(), cursor, earliest, latest, look_most, visit)
end
for _, session_id in ipairs(gone) do unindex(session_id, user) end
return {"ok", rows, next_cursor, offset, swept}
`,
);

/** Which sessions to list; every value was checked. */
export interface SessionQuery {
  readonly userId: string | undefined;
  readonly status: string | undefined;
  readonly activeAgentId: string | undefined;
  readonly tags: readonly string[];
  readonly createdAfterMs: number | undefined;
  readonly createdBeforeMs: number | undefined;
  /** Matching sessions that are left out at the start. */
  readonly offset: number;
  /** Matching sessions that are wanted at most; all of them unless given. */
  readonly limit: number | undefined;
}

/** Where a list stands between two batches. */
export interface ListPosition {
  /** Where the next batch begins; "" at the beginning, and again at the end. */
  readonly cursor: string;
  /** Matching sessions that are still to be left out. */
  readonly offset: number;
  /** Matching sessions that are still wanted. */
  readonly limit: number | undefined;
}

/** A session as the list script returns it: the values of its fields and its id, or what is wrong. */
export type SessionRow =
  | readonly (string | null)[]
  | readonly [SessionId, "corrupt", key: string, why: string];

function unpack(row: SessionRow | string): SessionRow {
  if (typeof row !== "string") return row;
  const values: (string | null)[] = row.split(SEPARATOR);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === ABSENT) values[i] = null;
  }
  return values;
}

/** One batch of a list. */
export interface SessionBatch {
  readonly rows: readonly SessionRow[];
  readonly next: ListPosition;
  /** Whether more deadlines than one call cleans up may be due. */
  readonly hasMoreDue: boolean;
}

/** Reads the next batch of sessions. */
export async function listBatch(
  store: Store,
  query: SessionQuery,
  { cursor, offset, limit }: ListPosition,
): Promise<SessionBatch> {
  const asked = {
    look_most: LOOK_MOST,
    reply_bytes: REPLY_BYTES,
    sweep_most: SWEEP_PER_CALL,
    offset,
    limit,
    cursor,
    userId: query.userId,
    status: query.status,
    activeAgentId: query.activeAgentId,
    earliest: query.createdAfterMs,
    latest: query.createdBeforeMs,
  };
  const args = [...store.keys.scope];
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined) args.push(name, String(value));
  }
  for (const tag of query.tags) args.push("tag", JSON.stringify(tag));
  const [, rows, next, left, swept] = await runScript<"ok">(
    store,
    script,
    [store.keys.byCreated],
    args,
  );
  const batch = (rows as (SessionRow | string)[]).map(unpack);
  return {
    rows: batch,
    next: {
      cursor: next as string,
      offset: left as number,
      limit: limit === undefined ? undefined : limit - batch.length,
    },
    hasMoreDue: swept === SWEEP_PER_CALL,
  };
}

/**
 * Reads sessions by their filters, one bounded batch a call.
 *
 * @module
 */

import { SESSION_FIELDS } from "../session_codec.ts";
import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES, SWEEP } from "./prelude/indexes.ts";
import { DATES } from "./prelude/older.ts";
import { WALK } from "./prelude/walk.ts";

/** Sessions that one call looks at, at most; a user's set up to this size is read at once. */
const LOOK_MOST = 1000;
/** Due deadlines that one call cleans up, at most. */
const SWEEP_MOST = 1000;

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
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] most sessions to look at;
-- ARGV[4] most due deadlines to clean up; ARGV[5] offset; ARGV[6] limit, or -1;
-- ARGV[7] created at ms or later, or ""; ARGV[8] created at ms or earlier, or "";
-- ARGV[9] cursor: "" at first, then createdAt ms, a colon, the id before the next;
-- ARGV[10] 1 where a user is asked for; ARGV[11] that user;
-- ARGV[12] status, or ""; ARGV[13] 1 where an agent is asked for; ARGV[14] that agent;
-- ARGV[15...] tags as JSON, one of which a session must have
-- Returns {"ok", rows, cursor or "" at the end, offset that is left, due
-- deadlines cleaned up}, where rows are JSON: lists of the values of a session's
-- fields in their order (false: not there) and its id, or {id, "corrupt", key, why};
-- or {"corrupt", key, why}
-- Cost: O(log N + looked at) of all sessions; of a user's sessions O(U log U)
local look_most, sweep_most = tonumber(ARGV[3]), tonumber(ARGV[4])
local offset, limit = tonumber(ARGV[5]), tonumber(ARGV[6])
local earliest, latest = tonumber(ARGV[7]) or -math.huge, tonumber(ARGV[8]) or math.huge
local cursor = ARGV[9]
local user = ARGV[10] == "1" and ARGV[11] or nil
local status = ARGV[12] ~= "" and ARGV[12] or nil
local agent = ARGV[13] == "1" and ARGV[14] or nil
local tags, tags_wanted = {}, #ARGV - 14
for i = 15, #ARGV do tags[ARGV[i]] = true end

local wrong = misfit(by_created, "zset", by_activity, "zset", by_expiry, "zset", by_deadline, "zset")
  or (user and misfit(user_key(user), "set"))
if wrong then return wrong end
local now = clock()
local swept = sweep(sweep_most, now)

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

local FIELDS = {${SESSION_FIELDS.map((name) => `"${name}"`).join(", ")}}
local FILTERED = {"createdAt", "status", "userId", "activeAgentId", "tags"}
-- Where all that is looked at is likely to be wanted, it is read at once.
local reads_all = tags_wanted == 0 and not (status or agent) and (not user or limit < 0)

local names, at = reads_all and FIELDS or FILTERED, {}
for i, name in ipairs(names) do at[name] = i end

local function read(key, names)
  return typed(key, "hash", redis.pcall("HMGET", key, unpack(names)))
end

-- Looks at a session: "gone", "corrupt" and why, "other" when a filter leaves
-- it out, or "fits", its createdAt and perhaps its fields. One that cannot be
-- read fits no filter and every one: it is reported.
local function look(session_id)
  local key = session_key(session_id)
  local seen, wrong = read(key, names)
  if wrong then return "corrupt", wrong end
  local ms = to_ms(seen[at.createdAt] or nil)
  if not ms or not seen[at.status] then
    if redis.call("EXISTS", key) == 0 then return "gone" end
    return "corrupt", {"corrupt", key, 'has no readable field "' .. (ms and "status" or "createdAt") .. '"'}
  end
  if (user and seen[at.userId] ~= user) or (status and seen[at.status] ~= status)
    or (agent and seen[at.activeAgentId] ~= agent) or ms < earliest or ms > latest
    or (tags_wanted > 0 and not has_tag(seen[at.tags] or "")) then
    return "other"
  end
  return "fits", ms, reads_all and seen or nil
end

local rows, next_cursor, gone = {}, "", {}
-- Takes a session into the page; returns true when the page is full.
local function take(session_id, wrong, values)
  if offset > 0 then
    offset = offset - 1
  elseif wrong then
    rows[#rows + 1] = {session_id, unpack(wrong)}
  else
    local row = values or read(session_key(session_id), FIELDS)
    row[#FIELDS + 1] = session_id
    rows[#rows + 1] = row
  end
  return #rows == limit
end

-- One text takes a fraction of the time that thousands of values would.
local function reply()
  return {"ok", #rows == 0 and "[]" or cjson.encode(rows), next_cursor, offset, swept}
end

if limit == 0 then return reply() end
local size = user and redis.call("SCARD", user_key(user)) or math.huge
if size <= look_most then
  local found = {}
  for _, session_id in ipairs(redis.call("SMEMBERS", user_key(user))) do
    local answer, detail, values = look(session_id)
    if answer == "gone" then
      gone[#gone + 1] = session_id
    elseif answer == "corrupt" then
      local score = redis.call("ZSCORE", by_created, session_id)
      found[#found + 1] = {tonumber(score or 0), session_id, detail}
    elseif answer == "fits" then
      found[#found + 1] = {detail, session_id, nil, values}
    end
  end
  table.sort(found, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return is_after(b[2], a[2])
  end)
  for _, each in ipairs(found) do
    if is_past(cursor, each[1], each[2]) and take(each[2], each[3], each[4]) then
      next_cursor = cursor_of(each[1], each[2])
      break
    end
  end
else
  next_cursor = walk(by_created, cursor, earliest, latest, look_most, function(session_id)
    local answer, detail, values = look(session_id)
    if answer == "gone" then gone[#gone + 1] = session_id end
    if answer == "corrupt" then return take(session_id, detail) end
    return answer == "fits" and take(session_id, nil, values)
  end)
end
for _, session_id in ipairs(gone) do
  unindex(session_id, user)
  try("ZREM", by_deadline, deadline_member(session_id, user))
end
return reply()
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
  | readonly (string | false)[]
  | readonly [SessionId, "corrupt", key: string, why: string];

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
  const { userId, status, activeAgentId } = query;
  const [, rows, next, left, swept] = await runScript<"ok">(
    store,
    script,
    [store.keys.byCreated],
    [
      ...store.keys.scope,
      String(LOOK_MOST),
      String(SWEEP_MOST),
      String(offset),
      String(limit ?? -1),
      String(query.createdAfterMs ?? ""),
      String(query.createdBeforeMs ?? ""),
      cursor,
      userId === undefined ? "0" : "1",
      userId ?? "",
      status ?? "",
      activeAgentId === undefined ? "0" : "1",
      activeAgentId ?? "",
      ...query.tags.map((tag) => JSON.stringify(tag)),
    ],
  );
  const batch = JSON.parse(rows as string) as SessionRow[];
  return {
    rows: batch,
    next: {
      cursor: next as string,
      offset: left as number,
      limit: limit === undefined ? undefined : limit - batch.length,
    },
    hasMoreDue: swept === SWEEP_MOST,
  };
}

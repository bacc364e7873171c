/**
 * The Lua that writes to a session: its deadlines.
 *
 * @module
 */

import { INDEXES } from "./indexes.ts";

/**
 * A session of which a script is.
 *
 * KEYS[1] session hash, KEYS[2] messages sorted set;
 * ARGV[3] the TTL in ms, 0 for none; negative: on a cluster, the session's hints
 * live so long already.
 */
export const SESSION_KEYS = `
local session, messages = KEYS[1], KEYS[2]
local id, ttl = id_of(session), math.abs(tonumber(ARGV[3]))
`;

/** The deadlines of a session; after SESSION_KEYS. */
const DEADLINES = `
local is_prolonged = not apart or tonumber(ARGV[3]) < 0

-- How long the session has: -1 without a TTL. Asked before the clock, so that
-- now + left is never before its end.
local left = redis.call("PTTL", session)
local now = clock()

-- By how much a session's messages may outlive it.
local slack = math.ceil(ttl / 4)

-- When the messages of a session that is written to now expire at the latest.
local function latest_moment()
  return now + ttl + slack
end

-- What a write now does to the deadlines: {moment = when the messages expire,
-- in ms or nil for never, ids = the messages to tell where that is a new
-- moment}; or nil and the reply where a key holds another type, or where, on a
-- cluster, messages are to be declared and hints prolonged first: {"slide", ids
-- of messages, user}. All messages share one moment, at most a quarter of the
-- TTL after the session's.
local function plan_slide(stored, user)
  local moment = integer(stored)
  if ttl == 0 then return {moment = left >= 0 and math.max(moment or 0, now + left) or nil} end
  local latest = latest_moment()
  if moment and left >= 0 and moment >= now + ttl and moment <= latest then return {moment = moment} end
  local ids, wrong = typed(messages, "zset", redis.pcall("ZRANGE", messages, 0, -1))
  wrong = wrong or (not apart and misfit(by_deadline, "zset")) or nil
  if wrong then return nil, wrong end
  if not is_prolonged or is_undeclared(id, ids) then return nil, {"slide", ids, user} end
  return {moment = latest, ids = ids}
end

-- Starts the TTL of the session and of all that belongs to it again, as planned.
local function slide(user, plan)
  if ttl == 0 then return end
  if plan.ids then
    -- Made here, where they are seldom needed: each function that a script makes
    -- costs all its calls some tenths of a microsecond.
    ${INDEXES}
    local moment = whole(plan.moment)
    add_hint(by_deadline, moment, deadline_member(id, user))
    -- A user's key of another type is for the list of that user to report.
    if user and not index_misfit(user_key(user), "set") then join_user(user, id, plan.moment, now) end
    for _, message_id in ipairs(plan.ids) do
      redis.call("PEXPIREAT", message_key(id, message_id), moment)
    end
    -- Last: where the script stops before it, the next write does all of it again.
    redis.call("HSET", session, "messagesExpireAt", moment)
  end
  local ends = whole(now + ttl)
  redis.call("PEXPIREAT", session, ends)
  redis.call("PEXPIREAT", messages, ends)
end
`;

/** A session that a script writes to. */
export const SESSION = SESSION_KEYS + DEADLINES;

/** Sliding by itself. */
export const SLIDE_ONLY = `
-- Plans to slide the TTL where nothing else about the session changes; returns
-- the user and the plan, no plan where there is nothing to do, and the reply
-- as plan_slide does.
local function plan_slide_only()
  if ttl == 0 or left == -2 then return end
  local stored, wrong = typed(session, "hash",
    redis.pcall("HMGET", session, "messagesExpireAt", "userId", "lastSequence"))
  if wrong then return nil, nil, wrong end
  local user = stored[2] or nil
  -- The documented adapter, which kept no lastSequence, wrote "" for no user.
  if user == "" and not stored[3] then user = nil end
  local plan
  plan, wrong = plan_slide(stored[1], user)
  return user, plan, wrong
end

-- The reply that asks for keys to be declared, or nil.
local function if_slide(reply)
  if reply and reply[1] == "slide" then return reply end
end
`;

/** Sliding beside a read; after SESSION_KEYS. */
export const SLIDE_ON_READ = `
-- Starts the TTL again beside a read, where that is asked for. A read answers also
-- where nothing can be written: on a replica, without memory, beside a key of
-- another type. Returns the reply that asks for keys to be declared first, or nil.
local function slide_on_read()
  if ttl == 0 then return nil end
  ${DEADLINES}
  ${SLIDE_ONLY}
  local ok, more = pcall(function()
    local user, plan, more = plan_slide_only()
    if plan then slide(user, plan) end
    return more
  end)
  return ok and if_slide(more) or nil
end
`;

/**
 * The Lua that keeps the indexes.
 *
 * @module
 */

/** The hint that every write moves. */
export const ACTIVITY = `
-- Moves a session in by-activity, or returns the reply where that key holds
-- another type. It goes first in a script: harmless alone, and refused without memory.
local function note_activity(moment, session_id)
  if apart then return nil end
  local _, wrong = typed(by_activity, "zset", redis.pcall("ZADD", by_activity, moment, session_id))
  return wrong
end
`;

/**
 * The hints that lists start from: entries come with a session and go with it.
 * On a cluster the indexes lie apart and the caller keeps them: all this does
 * nothing then.
 */
export const INDEXES = `
-- misfit, of indexes.
local function index_misfit(...)
  if not apart then return misfit(...) end
end

local function add_hint(index, score, member)
  if not apart then redis.call("ZADD", index, score, member) end
end

-- A member of by-deadline names the session and its user, so that a sweep finds both.
local function deadline_member(session_id, user)
  return #session_id .. ":" .. session_id .. (user or "")
end

-- Whether a write that only tidies up was carried out. A refusal, as of a
-- replica, is no fault of the caller's: the next one who meets the hint tries again.
local function try_write(...)
  local reply = redis.pcall(...)
  return type(reply) ~= "table" or not reply.err
end

-- Adds a session to a user's set, which lives as long as its last session:
-- until a moment in ms, or for good where that is nil.
local function join_set(key, session_id, moment, now)
  local left = redis.call("PTTL", key)
  redis.call("SADD", key, session_id)
  if not moment then
    if left >= 0 then redis.call("PERSIST", key) end
  elseif left == -2 or (left >= 0 and now + left < moment) then
    redis.call("PEXPIREAT", key, whole(moment))
  end
end

local function join_user(user, session_id, moment, now)
  if not apart then join_set(user_key(user), session_id, moment, now) end
end
`;

/** Removing hints whose session is gone. */
export const SWEEP = `
-- Removes a session from all indexes.
local function unindex(session_id, user)
  if apart then return end
  -- No user and the user "" have the same member of by-deadline: who takes it away
  -- leaves nothing by which a sweep would find the set of the latter.
  try_write("SREM", user_key(user or ""), session_id)
  for _, index in ipairs({by_created, by_activity, by_expiry}) do
    try_write("ZREM", index, session_id)
  end
  try_write("ZREM", by_deadline, deadline_member(session_id, user))
end

-- Cleans up at most so many members of by-deadline: those whose moment has come,
-- and after them those whose session ended before its messages, by up to so many
-- ms, as far as the first one that is alive. Returns how many it did.
local function sweep(most, slack, now)
  if apart then return 0 end
  local due = redis.call("ZRANGEBYSCORE", by_deadline, "-inf", whole(now + slack), "WITHSCORES", "LIMIT", 0, most)
  local done = 0
  for i = 1, #due, 2 do
    local member, moment = due[i], tonumber(due[i + 1])
    local size = string.match(member, "^(%d+):") or "0"
    local session_id = string.sub(member, #size + 2, #size + 1 + tonumber(size))
    local user = string.sub(member, #size + 2 + tonumber(size))
    local key = session_key(session_id)
    local left = redis.call("PTTL", key)
    -- An id can be taken again, for another user.
    local owner = redis.pcall("HGET", key, "userId") or ""
    local is_moved = type(owner) == "string" and owner ~= user
    local is_done
    if left == -2 then
      unindex(session_id, user)
    elseif is_moved then
      try_write("SREM", user_key(user), session_id)
    elseif moment > now then
      break
    end
    if left < 0 or is_moved then
      is_done = try_write("ZREM", by_deadline, member)
    else
      -- Still there: somebody gave it more time than the adapter knows of.
      is_done = try_write("ZADD", by_deadline, whole(now + left + 1), member)
    end
    if is_done then done = done + 1 end
  end
  return done
end
`;

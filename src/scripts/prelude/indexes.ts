/**
 * The Lua that keeps the indexes.
 *
 * @module
 */

/** The hints that lists start from: entries come with a session and go with it. */
export const INDEXES = `
-- A member of by-deadline names the session and its user, so that a sweep finds both.
local function deadline_member(session_id, user)
  return #session_id .. ":" .. session_id .. (user or "")
end

-- Whether a command that a hint needs was carried out. A refusal, as of a
-- replica, is no fault of the caller's: the next one who meets the hint tries again.
local function try(...)
  local reply = redis.pcall(...)
  return type(reply) ~= "table" or not reply.err
end

-- Adds a member to an index, or gives it another score; returns what the script
-- has to return where that is refused.
local function hint(index, score, member)
  local _, wrong = typed(index, "zset", redis.pcall("ZADD", index, score, member))
  return wrong
end

-- Adds a session to its user's set, which lives as long as its last session:
-- until a moment in ms, or for good where that is nil.
local function join_user(user, session_id, moment, now)
  local key = user_key(user)
  local left = redis.call("PTTL", key)
  redis.call("SADD", key, session_id)
  if not moment then
    if left >= 0 then redis.call("PERSIST", key) end
  elseif left == -2 or (left >= 0 and now + left < moment) then
    redis.call("PEXPIREAT", key, whole(moment))
  end
end
`;

/** Removing hints whose session is gone. */
export const SWEEP = `
-- Removes a session from the indexes but by-deadline; false where that is refused.
local function unindex(session_id, user)
  local is_done = not user or try("SREM", user_key(user), session_id)
  for _, index in ipairs({by_created, by_activity, by_expiry}) do
    is_done = try("ZREM", index, session_id) and is_done
  end
  return is_done
end

-- Cleans up at most so many sessions whose deadline has come, and members that
-- are none; returns how many it did.
local function sweep(most, now)
  local due = redis.call("ZRANGEBYSCORE", by_deadline, "-inf", whole(now), "LIMIT", 0, most)
  local done = 0
  for _, member in ipairs(due) do
    local size = string.match(member, "^(%d+):") or "0"
    local session_id = string.sub(member, #size + 2, #size + 1 + tonumber(size))
    local user = string.sub(member, #size + 2 + tonumber(size))
    local left = redis.call("PTTL", session_key(session_id))
    local is_done
    if left < 0 then
      if left == -2 then unindex(session_id, user) end
      is_done = try("ZREM", by_deadline, member)
    else
      -- Still there: somebody gave it more time than the adapter knows of.
      is_done = try("ZADD", by_deadline, whole(now + left + 1), member)
    end
    if is_done then done = done + 1 end
  end
  return done
end
`;

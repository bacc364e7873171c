/**
 * The Lua that writes to a session: its deadlines.
 *
 * @module
 */

/**
 * A session that a script writes to.
 *
 * KEYS[1] session hash, KEYS[2] messages sorted set;
 * ARGV[3] the session's id, ARGV[4] the TTL in ms, 0 for none.
 */
export const SESSION = `
local session, messages = KEYS[1], KEYS[2]
local id, ttl = ARGV[3], tonumber(ARGV[4])

-- How long the session has: -2 when missing, -1 without a TTL. Asked before
-- the clock, so that now + left is never before the session's own end.
local left = redis.call("PTTL", session)
local now = clock()

-- When the messages of the session expire if it is written to now: one moment
-- for all, at most a quarter of the TTL after the session. Returns it in ms,
-- or nil for never, and whether it is a new one.
local function messages_expiry(stored)
  local moment = tonumber(stored or "")
  if ttl == 0 then return left >= 0 and math.max(moment or 0, now + left) or nil, false end
  local latest = now + ttl + math.ceil(ttl / 4)
  if moment and left >= 0 and moment >= now + ttl and moment <= latest then
    return moment, false
  end
  return latest, true
end

-- Starts the TTL of the session and of all that belongs to it again.
local function slide(user, moment, is_new)
  if ttl == 0 then return end
  if is_new then
    redis.call("HSET", session, "messagesExpireAt", whole(moment))
    local ids = redis.call("ZRANGE", messages, 0, -1)
    for _, message_id in ipairs(ids) do
      redis.call("PEXPIREAT", message_key(id, message_id), whole(moment))
    end
    redis.call("ZADD", by_deadline, whole(moment), deadline_member(id, user))
    -- A user's key of another type is for the list of that user to report.
    if user and not misfit(user_key(user), "set") then join_user(user, id, moment, now) end
  end
  redis.call("PEXPIREAT", session, whole(now + ttl))
  redis.call("PEXPIREAT", messages, whole(now + ttl))
end

-- Slides the TTL where nothing else about the session changes.
local function slide_only()
  if ttl == 0 or left == -2 then return end
  local stored = redis.call("HMGET", session, "messagesExpireAt", "userId", "lastSequence")
  local user = stored[2] or nil
  -- Adapter 0.1, which kept no lastSequence, wrote "" for no user.
  if user == "" and not stored[3] then user = nil end
  slide(user, messages_expiry(stored[1]))
end
`;

/**
 * The Lua that scripts share. Each piece is text that a script puts before its
 * own; the pieces come in the order below, since each uses those above it.
 *
 * @module
 */

import { KEYS_LUA } from "../keys.ts";

/** The names of keys, and what every script checks and asks first. */
export const BASE = `${KEYS_LUA}
-- Milliseconds since 1970 by the server's clock: one clock for all processes.
local function clock()
  local time = redis.call("TIME")
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Given keys, each followed by its type: the reply that names the first one
-- that holds something else. Scripts do not roll back, so this comes before
-- their first write.
local function misfit(...)
  local wanted = {...}
  for i = 1, #wanted, 2 do
    local kind = redis.call("TYPE", wanted[i]).ok
    if kind ~= "none" and kind ~= wanted[i + 1] then
      return {"corrupt", wanted[i], "holds a " .. kind .. " instead of a " .. wanted[i + 1]}
    end
  end
end

local function whole(number)
  return string.format("%.0f", number)
end

-- HGETALL's flat reply as a table.
local function fields_of(flat)
  local fields = {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end
`;

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

-- Removes a session from the indexes; false where that is refused.
local function unindex(session_id, user)
  if user and not try("SREM", user_key(user), session_id) then return false end
  return try("ZREM", by_created, session_id)
    and try("ZREM", by_activity, session_id)
    and try("ZREM", by_expiry, session_id)
    and try("ZREM", by_deadline, deadline_member(session_id, user))
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

-- Cleans up at most so many sessions whose deadline has come; returns how many it did.
local function sweep(most, now)
  local due = redis.call("ZRANGEBYSCORE", by_deadline, "-inf", whole(now), "LIMIT", 0, most)
  local done = 0
  for _, member in ipairs(due) do
    local size = string.match(member, "^(%d+):") or "0"
    local session_id = string.sub(member, #size + 2, #size + 1 + tonumber(size))
    local user = string.sub(member, #size + 2 + tonumber(size))
    local left = redis.call("PTTL", session_key(session_id))
    local is_done
    if left == -2 then
      is_done = unindex(session_id, user ~= "" and user or nil)
    elseif left == -1 then
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
  local stored = redis.call("HMGET", session, "messagesExpireAt", "userId")
  local moment, is_new = messages_expiry(stored[1])
  slide(stored[2] and stored[2] ~= "" and stored[2] or nil, moment, is_new)
end
`;

/** Records that adapter 0.1 wrote. */
export const OLDER = `
-- Milliseconds since 1970, of decimal digits or of ISO 8601 text in UTC.
local function to_ms(text)
  local ms = tonumber(text or "")
  if ms or not text then return ms end
  local y, m, d, h, min, s, part =
    string.match(text, "^(%d+)%-(%d+)%-(%d+)T(%d+):(%d+):(%d+)%.?(%d*)Z$")
  if not y then return nil end
  -- Days since 1970 in the Gregorian calendar, by years that begin in March.
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if m <= 2 then y = y - 1 end
  local era = math.floor(y / 400)
  local year = y - era * 400
  local day = math.floor((153 * ((m + 9) % 12) + 2) / 5) + d - 1
  local days = era * 146097 + year * 365 + math.floor(year / 4) - math.floor(year / 100) + day - 719468
  local seconds = ((days * 24 + tonumber(h)) * 60 + tonumber(min)) * 60 + tonumber(s)
  return seconds * 1000 + tonumber(string.sub(part .. "000", 1, 3))
end

-- Gives a session of adapter 0.1 the fields that this adapter relies on: dates
-- in ms, no "" for unset, tags beside the metadata, lastSequence. Nothing that
-- a read returns changes.
local function upgrade(session, messages)
  local fields = fields_of(redis.call("HGETALL", session))
  if fields.lastSequence then return end
  local ids = redis.call("ZRANGE", messages, -1, -1)
  local last = math.max(
    tonumber(redis.call("GET", session .. ":seq") or 0) or 0,
    redis.call("ZCARD", messages),
    ids[1] and tonumber(redis.call("HGET", message_key(fields.id or "", ids[1]), "sequence") or 0) or 0
  )
  local set, unset = {"lastSequence", whole(last)}, {}
  for name, value in pairs(fields) do
    if value == "" then
      unset[#unset + 1] = name
    elseif name == "createdAt" or name == "lastActivityAt" or name == "expiresAt" then
      local ms = to_ms(value)
      if ms then
        set[#set + 1] = name
        set[#set + 1] = whole(ms)
      end
    end
  end
  local ok, metadata = pcall(cjson.decode, fields.metadata or "")
  -- Metadata that is no JSON has no tags to copy; a read reports it.
  if ok and type(metadata) == "table" and type(metadata.tags) == "table" and not fields.tags then
    -- cjson escapes a slash and DEL, which JSON.stringify does not.
    local tags = string.gsub(cjson.encode(metadata.tags), "\\\\/", "/")
    set[#set + 1] = "tags"
    set[#set + 1] = #metadata.tags == 0 and "[]" or (string.gsub(tags, "\\\\u007f", "\\127"))
  end
  redis.call("HSET", session, unpack(set))
  if #unset > 0 then redis.call("HDEL", session, unpack(unset)) end
end
`;

/** The hash of a message. */
export const MESSAGE = `
-- The attributes of a message as JSON: the members that a script asks for come
-- first and in this order, so that it finds them without parsing.
local function attributes_of(role, content_type, owner, created_at, sequence, rest)
  return '{"role":"' .. role .. '","contentType":"' .. content_type .. '","sessionId":' .. owner ..
    ',"createdAt":' .. created_at .. ',"sequence":' .. sequence .. rest .. "}"
end

-- The parts of such a text, or nil where it is none: role, contentType, owner
-- (the session's id as JSON), createdAt, and all after it but the metadata.
-- A quote inside of a JSON string is escaped, so no string can hold the marks.
local function parts_of(attributes)
  local metadata = string.find(attributes, ',"metadata":', 1, true)
  local head = string.sub(attributes, 1, (metadata or #attributes) - 1)
  local role, content_type, owner, created_at, others = string.match(head,
    '^{"role":"(%a+)","contentType":"(%a+)","sessionId":(".-"),"createdAt":(%-?%d+)(.*)$')
  return role, content_type, owner, created_at, others,
    metadata and string.sub(attributes, metadata, -2) or ""
end

-- The id of the session that a message hash names; nil where it names none that can be read.
local function owner_of(key)
  local stored = redis.call("HMGET", key, "attributes", "sessionId")
  if not stored[1] then return stored[2] or nil end
  local _, _, owner = parts_of(stored[1])
  local ok, decoded = pcall(cjson.decode, "[" .. (owner or "null") .. "]")
  return ok and type(decoded[1]) == "string" and decoded[1] or nil
end

-- Whether a message key in this session's set is another session's message:
-- its own was lost, and the id was taken by another since.
local function is_foreign(key, session_id)
  if tagged or redis.call("TYPE", key).ok ~= "hash" then return false end
  local owner = owner_of(key)
  return owner ~= nil and owner ~= session_id
end

-- Removes the hashes of messages, but not those of another session.
local function unlink_messages(session_id, ids)
  local keys = {}
  for _, message_id in ipairs(ids) do
    local key = message_key(session_id, message_id)
    if not is_foreign(key, session_id) then keys[#keys + 1] = key end
    if #keys == 1000 then
      redis.call("UNLINK", unpack(keys))
      keys = {}
    end
  end
  if #keys > 0 then redis.call("UNLINK", unpack(keys)) end
end
`;

/** Walking an index in bounded batches. */
export const WALK = `
-- Whether a comes after b in the order of bytes, which is that of sorted sets;
-- Lua's < follows the locale of the server.
local function is_after(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x > y end
  end
  return #a > #b
end

-- A cursor is the score and the id of the last session that was looked at;
-- "" is the beginning, and again the end.
local function cursor_of(ms, session_id)
  return whole(ms) .. ":" .. session_id
end

local function is_past(cursor, ms, session_id)
  if cursor == "" then return true end
  local cursor_ms, cursor_id = string.match(cursor, "^(.-):(.*)$")
  cursor_ms = tonumber(cursor_ms)
  return ms > cursor_ms or (ms == cursor_ms and is_after(session_id, cursor_id))
end

-- Visits the ids of an index after the cursor whose score lies in the range,
-- in the index's order, until visit(id, score) returns true or so many were
-- looked at. Returns the cursor. The index must not change meanwhile.
local function walk(index, cursor, earliest, latest, most, visit)
  local from = math.max(tonumber(string.match(cursor, "^(.-):")) or -math.huge, earliest)
  local start = from == -math.huge and 0 or redis.call("ZCOUNT", index, "-inf", "(" .. whole(from))
  local looked = 0
  while true do
    local batch = redis.call("ZRANGE", index, start, start + 99, "WITHSCORES")
    for i = 1, #batch, 2 do
      local session_id, score = batch[i], tonumber(batch[i + 1])
      if score > latest then return "" end
      if is_past(cursor, score, session_id) then
        looked = looked + 1
        if visit(session_id, score) or looked == most then return cursor_of(score, session_id) end
      end
    end
    if #batch < 200 then return "" end
    start = start + 100
  end
end
`;

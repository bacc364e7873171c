/**
 * The Lua that understands records of the documented adapter.
 *
 * @module
 */

/** Dates of either adapter. */
export const DATES = `
-- Milliseconds since 1970, of decimal digits or of ISO 8601 text in UTC.
local function to_ms(text)
  local ms = integer(text)
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
`;

/** Taking over sessions of the documented adapter; after INDEXES and DATES. */
export const ADOPT = `
-- Gives a session of the documented adapter the fields that this adapter relies on: dates
-- in ms, no "" for unset, tags beside the metadata, lastSequence. Nothing that
-- a read returns changes.
local function upgrade(id, fields)
  local session, messages = session_key(id), messages_key(id)
  -- Keys of another type have no sequence; what reads them reports them.
  local function number(...)
    return tonumber(redis.pcall(...) or 0) or 0
  end
  local ids = redis.pcall("ZRANGE", messages, -1, -1)
  local last = math.max(
    number("GET", seq_key(id)),
    number("ZCARD", messages),
    ids[1] and number("HGET", message_key(id, ids[1]), "sequence") or 0
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
  -- Metadata that is no JSON has no tags to copy: a read reports it. cjson also
  -- refuses half a surrogate pair, so the tags beside one are not listed by.
  if ok and type(metadata) == "table" and type(metadata.tags) == "table" and not fields.tags then
    -- cjson escapes a slash and DEL, which JSON.stringify does not.
    local tags = string.gsub(cjson.encode(metadata.tags), "\\\\/", "/")
    set[#set + 1] = "tags"
    set[#set + 1] = #metadata.tags == 0 and "[]" or (string.gsub(tags, "\\\\u007f", "\\127"))
  end
  redis.call("HSET", session, unpack(set))
  if #unset > 0 then redis.call("HDEL", session, unpack(unset)) end
end

-- Puts a session into the indexes, after upgrading one of the documented adapter; false
-- where it has no date. Such a one cannot be read either: no list meets it.
local function adopt(id)
  local session = session_key(id)
  local left = redis.call("PTTL", session)
  local now = clock()
  local fields = fields_of(redis.call("HGETALL", session))
  if not fields.lastSequence then
    upgrade(id, fields)
    fields = fields_of(redis.call("HGETALL", session))
  end
  local created_at = to_ms(fields.createdAt)
  if not created_at then return false end
  local user = fields.userId
  local moment = left >= 0 and math.max(integer(fields.messagesExpireAt) or 0, now + left) or nil
  redis.call("ZADD", by_created, whole(created_at), id)
  redis.call("ZADD", by_activity, whole(to_ms(fields.lastActivityAt) or created_at), id)
  local expires_at = to_ms(fields.expiresAt)
  if expires_at then redis.call("ZADD", by_expiry, whole(expires_at), id) end
  if moment then redis.call("ZADD", by_deadline, whole(moment), deadline_member(id, user)) end
  -- A user's key of another type is for the list of that user to report.
  if user and not misfit(user_key(user), "set") then join_user(user, id, moment, now) end
  return true
end
`;

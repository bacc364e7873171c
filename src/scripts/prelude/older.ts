/**
 * The Lua that understands records of adapter 0.1.
 *
 * @module
 */

/** Dates of either adapter. */
export const DATES = `
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
`;

/** Sessions of adapter 0.1. */
export const UPGRADE = `
-- Gives a session of adapter 0.1 the fields that this adapter relies on: dates
-- in ms, no "" for unset, tags beside the metadata, lastSequence. Nothing that
-- a read returns changes.
local function upgrade(session, messages)
  local fields = fields_of(redis.call("HGETALL", session))
  if fields.lastSequence then return end
  -- Keys of another type have no sequence; what reads them reports them.
  local function number(...)
    return tonumber(redis.pcall(...) or 0) or 0
  end
  local ids = redis.pcall("ZRANGE", messages, -1, -1)
  local last = math.max(
    number("GET", session .. ":seq"),
    number("ZCARD", messages),
    ids[1] and number("HGET", message_key(fields.id or "", ids[1]), "sequence") or 0
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

/**
 * The Lua that reads and removes hashes of messages.
 *
 * @module
 */

/** The hash of a message. */
export const MESSAGE = `
-- The attributes of a message as JSON: the members that a script asks for come
-- first and in this order, so that it finds them without parsing.
local function attributes_of(role, content_type, owner, created_at, sequence, rest)
  return '{"role":"' .. role .. '","contentType":"' .. content_type .. '","sessionId":' .. owner ..
    ',"createdAt":' .. created_at .. ',"sequence":' .. sequence .. rest .. "}"
end

-- The parts of such a text as a table, or nil where it is none: role,
-- content_type, owner (the session's id as JSON), created_at, sequence,
-- tokenCount and updatedAt as they stand, and metadata with its comma, "" for none.
-- A quote inside of a JSON string is escaped, so no string can hold the marks.
local function parts_of(attributes)
  local metadata_at = string.find(attributes, ',"metadata":', 1, true) or #attributes
  local parts = {metadata = string.sub(attributes, metadata_at, -2)}
  local rest
  parts.role, parts.content_type, parts.owner, parts.created_at, parts.sequence, rest =
    string.match(string.sub(attributes, 1, metadata_at - 1),
      '^{"role":"(%a+)","contentType":"(%a+)","sessionId":(".-"),"createdAt":(%-?%d+),"sequence":(%d+)(.*)$')
  if not rest or string.sub(attributes, -1) ~= "}" then return nil end
  for _, name in ipairs({"tokenCount", "updatedAt"}) do
    local value, after = string.match(rest, '^,"' .. name .. '":(%-?%d[%d.eE+-]*)(.*)$')
    if value then parts[name], rest = value, after end
  end
  return rest == "" and parts or nil
end

-- The text that a JSON string stands for, or nil.
local function text_of(json)
  local ok, decoded = pcall(cjson.decode, "[" .. (json or "null") .. "]")
  return ok and type(decoded[1]) == "string" and decoded[1] or nil
end

-- Whether JSON names another session than this one. Most need no decoding.
local function names_other(owner, session_id)
  if owner == '"' .. session_id .. '"' and not string.find(owner, "\\\\", 1, true) then return false end
  local named = text_of(owner)
  return named ~= nil and named ~= session_id
end

-- Role, session id and createdAt of such a text, without taking the rest apart;
-- nil where its id holds an escape or it is none.
local function head_of(attributes)
  if string.sub(attributes, -1) ~= "}" then return nil end
  return string.match(attributes,
    '^{"role":"(%a+)","contentType":"%a+","sessionId":"([^"\\\\]*)","createdAt":(%-?%d+),"sequence":%d+[,}]')
end

-- The id of the session that a message hash names; nil where it names none that can be read.
local function owner_of(key)
  local stored = redis.pcall("HMGET", key, "attributes", "sessionId")
  -- Of another type: its reply is an error.
  if stored.err then return nil end
  if not stored[1] then return stored[2] or nil end
  local _, plain = head_of(stored[1])
  if plain then return plain end
  local parts = parts_of(stored[1])
  return parts and text_of(parts.owner)
end

-- Whether a message key in this session's set is another session's message:
-- its own was lost, and the id was taken by another since.
local function is_foreign(key, session_id)
  if tagged then return false end
  -- The text says so in its head, where no other string can stand. An id with a
  -- quote or a backslash can read there like another one.
  local attributes = redis.pcall("HGET", key, "attributes")
  if type(attributes) == "string" and not string.find(session_id, '["\\\\]') then
    local at = string.find(attributes, '"sessionId":"' .. session_id .. '","createdAt"', 1, true)
    if at and at < 60 then return false end
  end
  local owner = owner_of(key)
  return owner ~= nil and owner ~= session_id
end
`;

/** Removing messages. */
export const UNLINK = `
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

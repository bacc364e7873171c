/**
 * The Lua that reads and removes hashes of messages.
 *
 * @module
 */

/** Writing a message. */
export const RECORD = `
-- The record of a message: attributes as a JSON array, a line feed, the content.
-- What scripts ask for comes first, so that they find it without parsing; tail is
-- all from the role on.
local function record_of(owner, created_at, sequence, tail)
  return "[" .. owner .. "," .. created_at .. "," .. sequence .. "," .. tail
end
`;

/** What scripts look for in a record. */
export const AFTER_OWNER = `
-- What follows the session's id in a record: createdAt, sequence, role, type.
local after_owner = '(%-?%d+),%d+,"(%a+)","%a+",'
`;

/** The hash of a message. */
export const MESSAGE = `${AFTER_OWNER}
-- The session's id as JSON, createdAt and role of a record; nil where it is none. A
-- quote inside of a JSON string is escaped, so none can hold what stands between
-- the first one and the role. Most ids have no escape, which is faster.
local function head_of(record)
  local owner, created_at, role = string.match(record, '^%[("[^"\\\\]*"),' .. after_owner)
  if owner then return owner, created_at, role end
  return string.match(string.match(record, "^[^\\n]*"), '^%[(".-"),' .. after_owner)
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

-- The id of the session that a message hash names; nil where it names none that can be read.
local function owner_of(key)
  local stored = redis.pcall("HMGET", key, "message", "sessionId")
  -- Of another type: its reply is an error.
  if stored.err then return nil end
  if not stored[1] then return stored[2] or nil end
  return text_of((head_of(stored[1])))
end
`;

/** Removing messages; after MESSAGE. */
export const UNLINK = `
-- Whether a message key in this session's set is another session's message:
-- its own was lost, and the id was taken by another since.
local function is_foreign(key, session_id)
  if tagged then return false end
  -- Its first string says so. An id with a quote or a backslash can read there
  -- like another one.
  local record = redis.pcall("HGET", key, "message")
  if type(record) == "string" and not string.find(session_id, '["\\\\]') then
    local first = '["' .. session_id .. '",'
    if string.sub(record, 1, #first) == first then return false end
  end
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

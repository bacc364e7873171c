/**
 * The Lua that holds sessions against the filters of a list.
 *
 * @module
 */

import { SESSION_FIELDS, STATUSES } from "../../session_codec.ts";

/** The place of a field among the values of a session, as Lua counts. */
const at = (name: string) => SESSION_FIELDS.indexOf(name) + 1;

/** Stand between two values of a session that is one text, and for one that is not there. */
export const SEPARATOR = "\x1f";
export const ABSENT = "\x1e";

/** Looking at sessions; after DATES. */
export const LOOK = `
-- ARGV[3...] are name, value, ... in any order. Among them are the filters, absent
-- where not asked for: userId, status, activeAgentId, earliest and latest
-- createdAt in ms, and tag, as often as there are tags, as JSON; sort_by, the
-- field that the order goes by; reads_all, "1" where all that is looked at is
-- likely to be wanted; and id, as often as there are ids to look at.
local ask, tags, asked_ids = {}, nil, {}
for i = 3, #ARGV, 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  if name == "tag" then
    tags = tags or {}
    tags[value] = true
  elseif name == "id" then
    asked_ids[#asked_ids + 1] = value
  else
    ask[name] = value
  end
end
local earliest = tonumber(ask.earliest) or -math.huge
local latest = tonumber(ask.latest) or math.huge
local user, status, agent = ask.userId, ask.status, ask.activeAgentId

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

local STATUSES = {${STATUSES.map((word) => `${word} = true`).join(", ")}}
local FIELDS = {${SESSION_FIELDS.map((name) => `"${name}"`).join(", ")}}
local at_user, at_agent = ${at("userId")}, ${at("activeAgentId")}
local FILTERED = {"createdAt", "lastActivityAt", "status", "userId", "activeAgentId", "tags"}
local reads_all = ask.reads_all == "1"
local names, at = reads_all and FIELDS or FILTERED, {}
for i, name in ipairs(names) do at[name] = i end

-- Looks at a session: "gone"; "corrupt" and the reply; "left" when it is another
-- user's; "other" when another filter leaves it out; or "fits", the moment that
-- the order goes by, and perhaps its fields. One that cannot be held against the
-- filters is corrupt whatever they are.
local function look(session_id)
  local key = session_key(session_id)
  local seen, wrong = typed(key, "hash", redis.pcall("HMGET", key, unpack(names)))
  if wrong then return "corrupt", wrong end
  local ms = to_ms(seen[at.createdAt])
  local flaw = (not ms and "createdAt") or (not STATUSES[seen[at.status]] and "status")
    or (tags and seen[at.tags] and not string.match(seen[at.tags], "^%[.*%]$") and "tags")
  if flaw then
    if redis.call("EXISTS", key) == 0 then return "gone" end
    return "corrupt", {"corrupt", key, 'has no readable field "' .. flaw .. '"'}
  end
  if user and seen[at.userId] ~= user then return "left" end
  if (status and seen[at.status] ~= status) or (agent and seen[at.activeAgentId] ~= agent)
    or ms < earliest or ms > latest or (tags and not has_tag(seen[at.tags] or "")) then
    return "other"
  end
  local moment = ask.sort_by == "createdAt" and ms or to_ms(seen[at.lastActivityAt]) or ms
  return "fits", moment, reads_all and seen or nil
end

local function has_mark(text)
  return text and string.find(text, "[${SEPARATOR}${ABSENT}]")
end

-- The values of a session's fields and its id as one text, since a list of them
-- takes longer to return and to read, and its length. JSON and numbers hold no
-- mark; where one of the others does, it is a list all the same.
local function row_of(session_id, values)
  values = values or redis.call("HMGET", session_key(session_id), unpack(FIELDS))
  if has_mark(session_id) or has_mark(values[at_user]) or has_mark(values[at_agent]) then
    values[#FIELDS + 1] = session_id
    return values, #cjson.encode(values)
  end
  for i = 1, #FIELDS do
    if not values[i] then values[i] = "${ABSENT}" end
  end
  local text = table.concat(values, "${SEPARATOR}", 1, #FIELDS) .. "${SEPARATOR}" .. session_id
  return text, #text
end
`;

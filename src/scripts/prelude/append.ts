/**
 * The Lua that every append begins with.
 *
 * @module
 */

import { ROW_LUA } from "../message_row.ts";
import { MESSAGE } from "./message.ts";

/** Where a session's history ends, and what the keys of new messages hold; after SESSION. */
export const APPEND = `
-- Fields of the session: lastSequence, messagesExpireAt, userId, staged; and the
-- last entry of its order: id, score.
local stored, newest

-- Reads them. Returns the reply where that cannot be.
local function read_end()
  local wrong
  stored, wrong = typed(session, "hash",
    redis.pcall("HMGET", session, "lastSequence", "messagesExpireAt", "userId", "staged"))
  if wrong then return wrong end
  if left == -2 then return {"missing"} end
  if not stored[1] then return {"older"} end
  newest, wrong = typed(messages, "zset", redis.pcall("ZRANGE", messages, "-1", "-1", "WITHSCORES"))
  return wrong
end

-- The sequence and the score that the next messages come after, or nil, nil and
-- the reply where so many cannot come.
local function last_place(count)
  local sequence = integer(stored[1])
  if not sequence or sequence < 0 then
    return nil, nil, {"corrupt", session, 'has a field "lastSequence" that is no count'}
  end
  local score = newest[2] and math.ceil(tonumber(newest[2])) or 0
  -- Each can be dated a ms after the one before; beyond, JavaScript has no Date.
  if score + count > 8.64e15 then return nil, nil, {"corrupt", messages, "has a last score after which there is no date"} end
  return sequence, score
end

-- What the key of a message to append holds: "none"; "orphan", a message that no
-- session has; or "known" and its row where this session has it. Or nil and the
-- reply where the id cannot be taken.
local function look_at(key, message_id)
  if redis.call("EXISTS", key) == 0 then return "none" end
  -- Made here, where they are seldom needed.
  ${MESSAGE}
  ${ROW_LUA}
  local wrong = misfit(key, "hash")
  if wrong then return nil, wrong end
  -- Under a hash tag, the key itself names the session.
  local named = not tagged and owner_of(key) or nil
  if (named == nil or named == id) and redis.call("ZSCORE", messages, message_id) then
    return "known", (row_of(id, message_id))
  end
  if named ~= nil and named ~= id and redis.call("EXISTS", session_key(named)) == 1
    and (redis.call("ZSCORE", messages_key(named), message_id)
      or type(redis.pcall("HGET", session_key(named), "staged")) == "string") then
    return nil, {"taken", message_id, named}
  end
  return "orphan"
end
`;

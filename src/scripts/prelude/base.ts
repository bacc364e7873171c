/**
 * The Lua that begins every script: names of keys, types, the clock.
 *
 * A script is put together of pieces, each a text that uses those before it:
 * BASE first, then those of this folder that it needs, then its own.
 *
 * @module
 */

import { KEYS_LUA } from "../../keys.ts";

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

-- Whether one of these messages' keys is not among KEYS, where it has to be: on
-- a cluster, a script that meets another key of a slot on the move may stop half
-- way, or find nothing where there is something.
local function is_undeclared(session_id, ids)
  if not apart then return false end
  local declared = {}
  for _, key in ipairs(KEYS) do declared[key] = true end
  for _, message_id in ipairs(ids) do
    if not declared[message_key(session_id, message_id)] then return true end
  end
  return false
end

-- The reply of a redis.pcall on a key, or nil and the script's reply where the
-- key holds another type; any other error ends the script. It saves asking for
-- the type.
local function typed(key, kind, reply)
  if type(reply) ~= "table" or not reply.err then return reply end
  if not string.find(reply.err, "WRONGTYPE", 1, true) then error(reply.err, 0) end
  return nil, misfit(key, kind)
end

-- The digits of a whole number; of a large one, Lua's own text has fewer.
local function whole(number)
  return string.format("%d", number)
end

-- The whole number that a text is, or nil; tonumber takes "nan" and "0x10", too,
-- and beyond 2^53 numbers are not exact.
local function integer(text)
  local number = tonumber(string.match(text or "", "^%-?%d+$"))
  return number and math.abs(number) <= 2 ^ 53 and number or nil
end

-- HGETALL's flat reply as a table.
local function fields_of(flat)
  local fields = {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end
`;

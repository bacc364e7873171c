/**
 * The Lua that walks an index in bounded batches.
 *
 * @module
 */

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

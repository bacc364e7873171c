/**
 * The Lua that walks sessions in bounded batches.
 *
 * @module
 */

/** Walking a source of sessions, in the order of a sorted set. */
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

-- A source has a size, and a function that returns its entries from one place
-- to another, counted from 0, as id, score, id, score, ...; a reversed one
-- begins with the greatest score.
local function source_of(index, is_reversed)
  local command = is_reversed and "ZREVRANGE" or "ZRANGE"
  return {
    is_reversed = is_reversed == true,
    size = redis.call("ZCARD", index),
    part = function(first, last) return redis.call(command, index, first, last, "WITHSCORES") end,
  }
end

-- The place of the first entry that comes after this score and id, by halving;
-- where id is nil, of the first with this score or after it.
local function place_after(source, score, id)
  local function is_beyond(entry)
    local member, at = entry[1], tonumber(entry[2])
    if at ~= score then return (at > score) ~= source.is_reversed end
    return id == nil or (member ~= id and is_after(member, id) ~= source.is_reversed)
  end
  local low, high = 0, source.size
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_beyond(source.part(middle, middle)) then high = middle else low = middle + 1 end
  end
  return low
end

-- Visits the ids of a source after the cursor whose score lies in the range, in
-- the source's order, until visit(id, score) returns true or so many were looked
-- at. Returns the cursor: the score and the id of the last one that was looked
-- at, "" at the beginning and again at the end. The source must not change meanwhile.
local function walk(source, cursor, lowest, highest, most, visit)
  local score, id = string.match(cursor, "^(.-):(.*)$")
  local place = 0
  local first = source.is_reversed and highest or lowest
  if score then
    place = place_after(source, tonumber(score), id)
  elseif math.abs(first) < math.huge then
    place = place_after(source, first)
  end
  local looked = 0
  while place < source.size do
    local part = source.part(place, place + 99)
    for i = 1, #part, 2 do
      local at = tonumber(part[i + 1])
      if at > highest or at < lowest then return "" end
      looked = looked + 1
      if visit(part[i], at) or looked == most then return whole(at) .. ":" .. part[i] end
    end
    place = place + 100
  end
  return ""
end
`;

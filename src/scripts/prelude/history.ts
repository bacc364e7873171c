/**
 * The Lua that reads parts of a session's history.
 *
 * @module
 */

import { ROW_LUA } from "../message_row.ts";
import { MESSAGE } from "./message.ts";

/**
 * Reading parts of a history; after SESSION_KEYS, and a local may_sort: whether
 * SORT_RO is to be tried. It is false afterwards where Redis has refused that.
 */
export const HISTORY = `
-- What a record begins with that names this session; an id with an escape is for looked_up.
local own = not string.find(id, '[%c"\\\\]') and '["' .. id .. '",'

local function is_own(record)
  return own and record and string.sub(record, 1, #own) == own
end

-- Some messages of the order, at most, from one place: their ids and records, which
-- Redis fetches several times as fast all at once; no records where it does not:
-- before 7.0, by access rules, on a cluster.
local function part_of(start, count, is_ascending)
  if may_sort and own and not apart then
    local found = redis.pcall("SORT_RO", messages, "BY", "nosort", is_ascending and "ASC" or "DESC",
      "LIMIT", start, count, "GET", "#", "GET", message_key(id, "*") .. "->message")
    if not found.err then
      local ids, records = {}, {}
      for i = 1, #found, 2 do
        ids[#ids + 1] = found[i]
        records[#ids] = found[i + 1]
      end
      return ids, records
    end
    may_sort = false
  end
  return redis.call(is_ascending and "ZRANGE" or "ZREVRANGE", messages, start, start + count - 1), {}
end

-- row_of of this session, which few reads need: it is made for the first message that does.
local looked_up_by
local function looked_up(message_id)
  if not looked_up_by then
    ${MESSAGE}
    ${ROW_LUA}
    looked_up_by = row_of
  end
  return looked_up_by(id, message_id)
end
`;

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

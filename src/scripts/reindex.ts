/**
 * Builds the indexes for sessions that are not in them.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES } from "./prelude/indexes.ts";
import { ADOPT, DATES } from "./prelude/older.ts";

/** Keys that one call scans, about. */
const SCAN_COUNT = 500;

const script = defineScript(
  BASE,
  INDEXES,
  DATES,
  ADOPT,
  `
-- Scans a part of the keyspace, and puts the sessions that it meets into the
-- indexes. A session of the documented adapter gets the fields that this adapter relies on.
--
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] cursor of SCAN, "0" at first;
-- ARGV[4] keys to scan, about; ARGV[5] pattern of session keys
-- Returns {"ok", cursor, keys met, sessions indexed} or {"corrupt", key, why}
-- Cost: O(keys scanned)
local wrong = misfit(by_created, "zset", by_activity, "zset", by_expiry, "zset", by_deadline, "zset")
if wrong then return wrong end
local start = prefix .. "session:" .. (tagged and "{" or "")
local scan = redis.call("SCAN", ARGV[3], "MATCH", ARGV[5], "COUNT", ARGV[4])

-- The id in the key of a session hash; nil for any other key, and for the hash
-- of another application, which does not name its id.
local function id_of(key)
  if string.sub(key, 1, #start) ~= start or redis.call("TYPE", key).ok ~= "hash" then return nil end
  local id = string.sub(key, #start + 1)
  if tagged then id = string.match(id, "^([^}]+)}$") end
  return id and redis.call("HGET", key, "id") == id and id or nil
end

local indexed = 0
for _, key in ipairs(scan[2]) do
  local id = id_of(key)
  if id and adopt(id) then indexed = indexed + 1 end
end
return {"ok", scan[1], #scan[2], indexed}
`,
);

/** What a part of the scan met. */
export interface ReindexStep {
  /** Where the next step begins; "0" at the end. */
  readonly cursor: string;
  readonly keysMet: number;
  readonly sessionsIndexed: number;
}

/** Indexes the sessions in the next part of the keyspace. */
export async function reindexStep(
  store: Store,
  cursor: string,
): Promise<ReindexStep> {
  const [, next, keysMet, sessionsIndexed] = await runScript<"ok">(
    store,
    script,
    [],
    [
      ...store.keys.scope,
      cursor,
      String(SCAN_COUNT),
      store.keys.sessionPattern,
    ],
  );
  return {
    cursor: next as string,
    keysMet: keysMet as number,
    sessionsIndexed: sessionsIndexed as number,
  };
}

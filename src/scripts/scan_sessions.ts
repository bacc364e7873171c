/**
 * Finds the sessions in a part of the keyspace.
 *
 * @module
 */

import { defineScript, type RedisPort } from "../redis_port.ts";
import type { Keys } from "../keys.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";

/** Keys that one call scans, about. */
const SCAN_COUNT = 500;

const script = defineScript(
  BASE,
  `
-- Scans a part of the keyspace of one server for sessions.
--
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] cursor of SCAN, "0" at first;
-- ARGV[4] keys to scan, about; ARGV[5] pattern of session keys
-- Returns {"ok", cursor, keys met, ids of sessions}
-- Cost: O(keys scanned)
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

local ids = {}
for _, key in ipairs(scan[2]) do ids[#ids + 1] = id_of(key) end
return {"ok", scan[1], #scan[2], ids}
`,
);

/** What a part of the scan met. */
export interface ScannedPart {
  /** Where the next part begins; "0" at the end. */
  readonly cursor: string;
  readonly keysMet: number;
  readonly ids: readonly SessionId[];
}

/** Scans the next part of the keyspace of one server. */
export async function scanSessions(
  port: RedisPort,
  keys: Keys,
  cursor: string,
): Promise<ScannedPart> {
  const args = [
    ...keys.scope,
    cursor,
    String(SCAN_COUNT),
    keys.sessionPattern,
  ];
  const [, next, keysMet, ids] = await port.run(script, [], args) as unknown[];
  return {
    cursor: next as string,
    keysMet: keysMet as number,
    ids: ids as SessionId[],
  };
}

/**
 * Builds the indexes for sessions that are not in them.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES } from "./prelude/indexes.ts";
import { DATES, UPGRADE } from "./prelude/older.ts";

/** Keys that one call scans, about. */
const SCAN_COUNT = 500;

const script = defineScript(
  BASE,
  INDEXES,
  DATES,
  UPGRADE,
  `
-- Scans a part of the keyspace, and puts the sessions that it meets into the
-- indexes. A session of adapter 0.1 gets the fields that this adapter relies on.
--
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] cursor of SCAN, "0" at first;
-- ARGV[4] keys to scan, about; ARGV[5] pattern of session keys
-- Returns {"ok", cursor, keys met, sessions indexed} or {"corrupt", key, why}
-- Cost: O(keys scanned)
local wrong = misfit(by_created, "zset", by_activity, "zset", by_expiry, "zset", by_deadline, "zset")
if wrong then return wrong end
local start = prefix .. "session:" .. (tagged and "{" or "")
local scan = redis.call("SCAN", ARGV[3], "MATCH", ARGV[5], "COUNT", ARGV[4])

-- The id in the key of a session hash; nil for any other key.
local function id_of(key)
  if string.sub(key, 1, #start) ~= start or redis.call("TYPE", key).ok ~= "hash" then return nil end
  local rest = string.sub(key, #start + 1)
  if not tagged then return rest end
  return string.match(rest, "^([^}]+)}$")
end

local indexed = 0
for _, key in ipairs(scan[2]) do
  local id = id_of(key)
  local left = redis.call("PTTL", key)
  local now = clock()
  if id then
    upgrade(key, key .. ":messages")
    local fields = fields_of(redis.call("HGETALL", key))
    local created_at = to_ms(fields.createdAt)
    -- One that has no date cannot be read either: it stays where a list does not meet it.
    if created_at then
      local user = fields.userId
      local moment = nil
      if left >= 0 then moment = math.max(tonumber(fields.messagesExpireAt or "") or 0, now + left) end
      redis.call("ZADD", by_created, whole(created_at), id)
      redis.call("ZADD", by_activity, whole(to_ms(fields.lastActivityAt) or created_at), id)
      local expires_at = to_ms(fields.expiresAt)
      if expires_at then redis.call("ZADD", by_expiry, whole(expires_at), id) end
      if moment then redis.call("ZADD", by_deadline, whole(moment), deadline_member(id, user)) end
      if user and not misfit(user_key(user), "set") then join_user(user, id, moment, now) end
      indexed = indexed + 1
    end
  end
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

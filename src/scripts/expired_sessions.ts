/**
 * Finds sessions whose own deadline is due, one bounded batch a call, where one
 * script reaches the index and the sessions: on one server.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { DATES } from "./prelude/older.ts";
import { WALK } from "./prelude/walk.ts";

/** Entries that one call looks at, at most. */
const LOOK_MOST = 1000;

const script = defineScript(
  BASE,
  DATES,
  WALK,
  `
-- Lists the ids of sessions whose expiresAt has come, the soonest first. A
-- session that cannot be read is listed by its index entry, so that a clean-up
-- reaches it.
--
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] most entries to look at;
-- ARGV[4] expiresAt ms or earlier; ARGV[5] cursor, "" at first
-- Returns {"ok", ids, cursor or "" at the end} or {"corrupt", key, why}
-- Cost: O(log N + looked at) of all sessions that have an expiresAt
local most, before, cursor = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local wrong = misfit(by_expiry, "zset")
if wrong then return wrong end

local ids, gone = {}, {}
cursor = walk(source_of(by_expiry), cursor, -math.huge, before, most, function(session_id)
  local key = session_key(session_id)
  local kind = redis.call("TYPE", key).ok
  local created_at, expires_at = false, false
  if kind == "hash" then
    created_at, expires_at = unpack(redis.call("HMGET", key, "createdAt", "expiresAt"))
  end
  local has_none = not expires_at or expires_at == ""
  -- A hash without a date of its own is no session's: it says nothing of deadlines.
  if kind == "none" or (has_none and to_ms(created_at)) then
    gone[#gone + 1] = session_id
  elseif (to_ms(expires_at) or before) <= before then
    ids[#ids + 1] = session_id
  end
end)
-- A replica refuses; the hint then stays, and is passed over again.
for _, session_id in ipairs(gone) do redis.pcall("ZREM", by_expiry, session_id) end
return {"ok", ids, cursor}
`,
);

/** A batch of due sessions. */
export interface ExpiredBatch {
  readonly ids: readonly SessionId[];
  /** Where the next batch begins; "" at the end. */
  readonly cursor: string;
}

/** Reads the next batch of sessions whose expiresAt is due, on one server. */
export async function expiredBatch(
  store: Store,
  beforeMs: number,
  cursor: string,
): Promise<ExpiredBatch> {
  const [, ids, next] = await runScript<"ok">(store, script, [], [
    ...store.keys.scope,
    String(LOOK_MOST),
    String(beforeMs),
    cursor,
  ]);
  return { ids: ids as SessionId[], cursor: next as string };
}

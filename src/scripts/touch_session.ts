/**
 * Starts a session's TTL again.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, sessionArgs, sessionKeys, type Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES } from "./prelude/indexes.ts";
import { OLDER } from "./prelude/older.ts";
import { SESSION } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  INDEXES,
  SESSION,
  OLDER,
  `
-- Moves a session's lastActivityAt to now and starts its TTL again.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] id; ARGV[4] TTL ms
-- Returns {"ok"}, {"missing"} or {"corrupt", key, why}
-- Cost: O(log N) of all sessions; O(M) of the session's messages once in a
-- quarter of the TTL
local wrong = misfit(session, "hash", messages, "zset", by_activity, "zset", by_deadline, "zset")
if wrong then return wrong end
if left == -2 then return {"missing"} end
if redis.call("HEXISTS", session, "lastSequence") == 0 then upgrade(session, messages) end
redis.call("ZADD", by_activity, whole(now), id)
redis.call("HSET", session, "lastActivityAt", whole(now))
slide_only()
return {"ok"}
`,
);

/** Starts a session's TTL again; false when there is no such session. */
export async function touchSession(
  store: Store,
  id: SessionId,
): Promise<boolean> {
  const [status] = await runScript<"ok" | "missing">(
    store,
    script,
    sessionKeys(store, id),
    sessionArgs(store, id),
  );
  return status === "ok";
}

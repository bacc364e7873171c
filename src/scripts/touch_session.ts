/**
 * Starts a session's TTL again.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { runOnSession } from "./session_script.ts";
import { BASE } from "./prelude/base.ts";
import { ACTIVITY } from "./prelude/indexes.ts";
import { SESSION, SLIDE_ONLY } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  ACTIVITY,
  SESSION,
  SLIDE_ONLY,
  `
-- Moves a session's lastActivityAt to now and starts its TTL again.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms
-- Returns {"ok", lastActivityAt ms}, {"missing"}, {"older"}, {"slide", ids, user}
-- or {"corrupt", key, why}
-- Cost: O(log N) of all sessions; O(M) of the session's messages once in a
-- quarter of the TTL
local stored, wrong = typed(session, "hash", redis.pcall("HGET", session, "lastSequence"))
if wrong then return wrong end
if left == -2 then return {"missing"} end
if not stored then return {"older"} end
local user, plan
user, plan, wrong = plan_slide_only()
wrong = wrong or note_activity(now, id)
if wrong then return wrong end
redis.call("HSET", session, "lastActivityAt", whole(now))
if plan then slide(user, plan) end
return {"ok", now}
`,
);

/** Starts a session's TTL again; false when there is no such session. */
export async function touchSession(
  store: Store,
  id: SessionId,
): Promise<boolean> {
  const [status, lastActivityAt] = await runOnSession<"ok" | "missing">(
    store,
    script,
    id,
    {},
  );
  if (status === "missing") return false;
  await store.hints?.add(id, { lastActivityAtMs: lastActivityAt as number });
  return true;
}

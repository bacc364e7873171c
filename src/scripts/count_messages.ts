/**
 * Counts the messages of a session.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { BASE } from "./prelude/base.ts";

const script = defineScript(
  BASE,
  `
-- Counts the messages of a session.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] unused
-- Returns {"ok", count} or {"corrupt", key, why}
-- Cost: O(1)
local messages = KEYS[2]
local wrong = misfit(messages, "zset")
if wrong then return wrong end
return {"ok", redis.call("ZCARD", messages)}
`,
);

/** Returns how many messages a session has; 0 when there is no such session. */
export async function countMessages(
  store: Store,
  sessionId: SessionId,
): Promise<number> {
  const [, count] = await runDeclared<"ok">(store, script, sessionId, {});
  return count as number;
}

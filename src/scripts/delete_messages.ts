/**
 * Removes messages of a session: one of them, or all.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, sessionArgs, sessionKeys, type Store } from "../store.ts";
import type { MessageId, SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES } from "./prelude/indexes.ts";
import { MESSAGE, UNLINK } from "./prelude/message.ts";
import { SESSION, SLIDE_ONLY } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  INDEXES,
  SESSION,
  SLIDE_ONLY,
  MESSAGE,
  UNLINK,
  `
-- Removes messages that are in this session, whatever state their hashes are in.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] session id; ARGV[4] TTL ms;
-- ARGV[5] message id; absent: all messages
-- Returns {"ok"} or {"corrupt", key, why}
-- Cost: O(log M) of the session's messages; O(M) for all of them
local only = ARGV[5]
local wrong = misfit(messages, "zset")
if wrong then return wrong end
if only and not redis.call("ZSCORE", messages, only) then return {"ok"} end

-- Beside a key of another type no TTL starts again, but what is corrupt can go.
local user, plan = plan_slide_only()
local ids = only and {only} or redis.call("ZRANGE", messages, 0, -1)
unlink_messages(id, ids)
if only then
  redis.call("ZREM", messages, only)
else
  redis.call("UNLINK", messages)
end
if plan then
  plan.ids = plan.ids and redis.call("ZRANGE", messages, 0, -1)
  slide(user, plan)
end
return {"ok"}
`,
);

/** Removes one message of this session, or all of them. */
export async function deleteMessages(
  store: Store,
  sessionId: SessionId,
  messageId?: MessageId,
): Promise<void> {
  const args = sessionArgs(store, sessionId);
  if (messageId !== undefined) args.push(messageId);
  await runScript<"ok">(store, script, sessionKeys(store, sessionId), args);
}

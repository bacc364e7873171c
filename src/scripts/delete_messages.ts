/**
 * Removes messages of a session: one of them, or all.
 *
 * @module
 */

import { newRevision } from "../history_cache.ts";
import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { MessageId, SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { BASE } from "./prelude/base.ts";
import { MESSAGE, UNLINK } from "./prelude/message.ts";
import { SESSION, SLIDE_ONLY } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  SESSION,
  SLIDE_ONLY,
  MESSAGE,
  UNLINK,
  `
-- Removes messages that are in this session, whatever state their hashes are in.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3...] hashes of
-- messages that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms;
-- ARGV[4] a new revision; ARGV[5] message id; absent: all messages
-- Returns {"ok"}, {"declare", ids}, {"slide", ids, user} or {"corrupt", key, why}
-- Cost: O(log M) of the session's messages; O(M) for all of them
local only = ARGV[5]
local wrong = misfit(messages, "zset")
if wrong then return wrong end
if only and not redis.call("ZSCORE", messages, only) then return {"ok"} end

-- Beside a key of another type no TTL starts again, but what is corrupt can go.
local user, plan, more = plan_slide_only()
if if_slide(more) then return more end
local ids = only and {only} or redis.call("ZRANGE", messages, 0, -1)
if is_undeclared(id, ids) then return {"declare", ids} end
-- For those who hold messages of the session. Without memory it is refused;
-- then only the places of the messages tell that some are gone.
if left ~= -2 then redis.pcall("HSET", session, "revision", ARGV[4]) end
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
  const only = messageId === undefined ? [] : [messageId];
  await runDeclared<"ok">(store, script, sessionId, {
    keys: only.map((id) => store.keys.message(sessionId, id)),
    args: [newRevision(), ...only],
  });
}

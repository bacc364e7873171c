/**
 * Removes a session and all that belongs to it.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, sessionArgs, sessionKeys, type Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES, SWEEP } from "./prelude/indexes.ts";
import { MESSAGE, UNLINK } from "./prelude/message.ts";

const script = defineScript(
  BASE,
  INDEXES,
  SWEEP,
  MESSAGE,
  UNLINK,
  `
-- Removes a session, its messages and its index entries, whatever state they
-- are in: a session that cannot be read can still be removed.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] id; ARGV[4] unused
-- Returns {"ok"}
-- Cost: O(M) of the session's messages
local session, messages = KEYS[1], KEYS[2]
local id = ARGV[3]

local user = nil
if redis.call("TYPE", session).ok == "hash" then
  user = redis.call("HGET", session, "userId") or nil
end
local ids = {}
if redis.call("TYPE", messages).ok == "zset" then
  ids = redis.call("ZRANGE", messages, 0, -1)
end
redis.call("UNLINK", session)
unlink_messages(id, ids)
redis.call("UNLINK", messages, seq_key(id))
unindex(id, user)
return {"ok"}
`,
);

/** Removes a session and all that belongs to it, if it is there. */
export async function deleteSession(
  store: Store,
  id: SessionId,
): Promise<void> {
  await runScript<"ok">(
    store,
    script,
    sessionKeys(store, id),
    sessionArgs(store, id),
  );
}

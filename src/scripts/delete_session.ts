/**
 * Removes a session and all that belongs to it.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
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
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3] the documented
-- adapter's sequence; KEYS[4...] hashes of messages that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] unused
-- Returns {"ok", user, if there is one} or {"declare", ids}
-- Cost: O(M) of the session's messages
local session, messages, sequence = KEYS[1], KEYS[2], KEYS[3]
local id = id_of(session)

local user = nil
if redis.call("TYPE", session).ok == "hash" then
  user = redis.call("HGET", session, "userId") or nil
end
local ids = {}
if redis.call("TYPE", messages).ok == "zset" then
  ids = redis.call("ZRANGE", messages, 0, -1)
end
if is_undeclared(id, ids) then return {"declare", ids} end
redis.call("UNLINK", session)
unlink_messages(id, ids)
redis.call("UNLINK", messages, sequence)
unindex(id, user)
return {"ok", user}
`,
);

/** Removes a session and all that belongs to it, if it is there. */
export async function deleteSession(
  store: Store,
  id: SessionId,
): Promise<void> {
  const [, user] = await runDeclared<"ok">(store, script, id, {
    keys: [store.keys.sequence(id)],
  });
  await store.hints?.remove(id, user as string | undefined);
}

/**
 * Removes what an append has staged and will not add.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { MessageId, SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { BASE } from "./prelude/base.ts";
import { MESSAGE } from "./prelude/message.ts";

const script = defineScript(
  BASE,
  MESSAGE,
  `
-- Removes hashes of messages that are not in the order; beside another append
-- that is staging only what is older than that: the rest may be its own.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3...] hashes of messages
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] unused; ARGV[4] token of the append
-- Returns {"ok"}
-- Cost: O(1) for each message
local session, messages, token = KEYS[1], KEYS[2], ARGV[4]
local id = id_of(session)
local staged = redis.call("HGET", session, "staged")
local is_own = staged and string.sub(staged, 1, #token + 1) == token .. ":"
-- Where the other append begins.
local start = staged and not is_own and (tonumber(string.match(staged, ":(%d+):%d+$")) or 0)

local function is_older(key)
  local _, created_at = head_of(redis.call("HGET", key, "message") or "")
  return created_at ~= nil and tonumber(created_at) < start
end

local id_from = #message_key(id, "") + 1
for i = 3, #KEYS do
  local key = KEYS[i]
  local message_id = string.sub(key, id_from)
  if not redis.call("ZSCORE", messages, message_id) and owner_of(key) == id and (not start or is_older(key)) then
    redis.call("UNLINK", key)
  end
end
if is_own then redis.call("HDEL", session, "staged") end
return {"ok"}
`,
);

/** Removes what is staged of these messages. */
export async function dropStaged(
  store: Store,
  sessionId: SessionId,
  token: string,
  ids: readonly MessageId[],
): Promise<void> {
  await runDeclared<"ok">(store, script, sessionId, {
    slides: false,
    keys: ids.map((id) => store.keys.message(sessionId, id)),
    args: [token],
  });
}

/**
 * Removes a hint from an index of a cluster.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import { BASE } from "./prelude/base.ts";

const script = defineScript(
  BASE,
  `
-- Removes a member from an index or from a user's set; one of another type has none.
--
-- KEYS[1] sorted set or set
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] member
-- Returns {"ok"}
-- Cost: O(log N) of all sessions
local key, member = KEYS[1], ARGV[3]
local kind = redis.call("TYPE", key).ok
if kind == "zset" then redis.call("ZREM", key, member) end
if kind == "set" then redis.call("SREM", key, member) end
return {"ok"}
`,
);

/** Removes a member from an index or from a user's set. */
export async function removeHint(
  store: Store,
  key: string,
  member: string,
): Promise<void> {
  await runScript<"ok">(store, script, [key], [...store.keys.scope, member]);
}

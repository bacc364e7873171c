/**
 * Adds a session to its user's set on a cluster.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES } from "./prelude/indexes.ts";

const script = defineScript(
  BASE,
  INDEXES,
  `
-- Adds a session to a user's set, which then lives as long as the session at least.
--
-- KEYS[1] user set
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] id; ARGV[4] ms to live, "" for ever
-- Returns {"ok"} or {"corrupt", key, why}
-- Cost: O(1)
local user_set, id, life = KEYS[1], ARGV[3], tonumber(ARGV[4])
local wrong = misfit(user_set, "set")
if wrong then return wrong end
local now = clock()
join_set(user_set, id, life and now + life, now)
return {"ok"}
`,
);

/** Adds a session to the set of its user, for so many milliseconds, or for ever. */
export async function joinUser(
  store: Store,
  userId: string,
  id: SessionId,
  lifeMs: number | undefined,
): Promise<void> {
  await runScript<"ok">(store, script, [store.keys.user(userId)], [
    ...store.keys.scope,
    id,
    String(lifeMs ?? ""),
  ]);
}

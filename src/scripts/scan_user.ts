/**
 * Reads a user's set in bounded parts.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";

/** Members that one call reads, about. */
const SCAN_COUNT = 1000;

const script = defineScript(
  BASE,
  `
-- Reads a part of a user's set; a member can come twice.
--
-- KEYS[1] user set
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] cursor of SSCAN, "0" at first;
-- ARGV[4] members to read, about
-- Returns {"ok", cursor, ids} or {"corrupt", key, why}
-- Cost: O(members read)
local user_set, cursor, count = KEYS[1], ARGV[3], ARGV[4]
local scan, wrong = typed(user_set, "set", redis.pcall("SSCAN", user_set, cursor, "COUNT", count))
if wrong then return wrong end
return {"ok", scan[1], scan[2]}
`,
);

/** A part of a user's set. */
export interface UserPart {
  /** Where the next part begins; "0" at the end. */
  readonly cursor: string;
  readonly ids: readonly SessionId[];
}

/** Reads the next part of a user's set. */
export async function scanUser(
  store: Store,
  userId: string,
  cursor: string,
): Promise<UserPart> {
  const [, next, ids] = await runScript<"ok">(
    store,
    script,
    [store.keys.user(userId)],
    [...store.keys.scope, cursor, String(SCAN_COUNT)],
  );
  return { cursor: next as string, ids: ids as SessionId[] };
}

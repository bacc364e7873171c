/**
 * Runs the scripts that write to one session, also to a session of the documented adapter.
 *
 * @module
 */

import { defineScript, type Script } from "../redis_port.ts";
import {
  type Reply,
  runScript,
  sessionArgs,
  sessionKeys,
  type Store,
} from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES } from "./prelude/indexes.ts";
import { ADOPT, DATES } from "./prelude/older.ts";

const adoption = defineScript(
  BASE,
  INDEXES,
  DATES,
  ADOPT,
  `
-- Gives a session of the documented adapter the fields that the other scripts rely on, and
-- puts it into the indexes. Nothing that a read returns changes.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] id; ARGV[4] unused
-- Returns {"ok"} or {"corrupt", key, why}
-- Cost: O(log N) of all sessions
local session, messages, id = KEYS[1], KEYS[2], ARGV[3]
local wrong = misfit(session, "hash", messages, "zset",
  by_created, "zset", by_activity, "zset", by_expiry, "zset", by_deadline, "zset")
if wrong then return wrong end
if redis.call("EXISTS", session) == 1 then adopt(id) end
return {"ok"}
`,
);

/**
 * Runs a script that writes to one session. Where the script replies "older",
 * and so wrote nothing, the session is adopted first and the script runs again.
 */
export async function runOnSession<Status extends string>(
  store: Store,
  run: Script,
  id: SessionId,
  more: {
    readonly keys?: readonly string[];
    readonly args?: readonly string[];
  },
): Promise<Reply<Status>> {
  const keys = [...sessionKeys(store, id), ...more.keys ?? []];
  const args = [...sessionArgs(store, id), ...more.args ?? []];
  const reply = await runScript<Status | "older">(store, run, keys, args);
  if (reply[0] !== "older") return reply as Reply<Status>;
  await runScript<"ok">(store, adoption, keys.slice(0, 2), args.slice(0, 4));
  return await runScript<Status>(store, run, keys, args);
}

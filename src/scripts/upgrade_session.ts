/**
 * Gives a session of adapter 0.1 the fields that the other scripts rely on.
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
import { DATES, UPGRADE } from "./prelude/older.ts";

const script = defineScript(
  BASE,
  DATES,
  UPGRADE,
  `
-- Upgrades the hash of a session. Nothing that a read returns changes.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] id; ARGV[4] unused
-- Returns {"ok"} or {"corrupt", key, why}
-- Cost: O(1)
local session, messages = KEYS[1], KEYS[2]
local wrong = misfit(session, "hash", messages, "zset")
if wrong then return wrong end
if redis.call("EXISTS", session) == 1 then upgrade(session, messages) end
return {"ok"}
`,
);

/**
 * Runs a script that writes to one session. Where the script replies "older",
 * and so wrote nothing, the session is upgraded first and the script runs again.
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
  await runScript<"ok">(store, script, keys.slice(0, 2), args.slice(0, 4));
  return await runScript<Status>(store, run, keys, args);
}

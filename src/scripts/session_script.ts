/**
 * Runs the scripts that write to one session, also to a session of the documented adapter.
 *
 * @module
 */

import type { Script } from "../redis_port.ts";
import type { Reply, Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { adoptSession } from "./adopt_session.ts";
import { runDeclared, type ScriptInput } from "./declared_script.ts";

/**
 * Runs a script that writes to one session. Where the script replies "older",
 * and so wrote nothing, the session is adopted first and the script runs again.
 */
export async function runOnSession<Status extends string>(
  store: Store,
  script: Script,
  id: SessionId,
  input: ScriptInput,
): Promise<Reply<Status>> {
  const reply = await runDeclared<Status | "older">(store, script, id, input);
  if (reply[0] !== "older") return reply as Reply<Status>;
  await adoptSession(store, id);
  return await runDeclared<Status>(store, script, id, input);
}

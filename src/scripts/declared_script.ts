/**
 * Runs the scripts of one session. On a cluster, every key that such a script
 * writes has to be declared: one that meets messages whose keys are not asks
 * for them, and runs again.
 *
 * @module
 */

import { afterStored, Failure } from "../failure.ts";
import type { Script } from "../redis_port.ts";
import {
  type Reply,
  runScript,
  sessionArgs,
  sessionKeys,
  type Store,
} from "../store.ts";
import type { MessageId, SessionId } from "../types.ts";

/** Runs of one script, at most: each further one was overtaken by another writer. */
const RUNS = 50;

/** What a script of a session needs besides the session's own keys and arguments. */
export interface ScriptInput {
  readonly keys?: readonly string[];
  readonly args?: readonly string[];
  /** Whether the script starts the TTL again; true unless given. */
  readonly slides?: boolean;
  /** Whether it may be sent again when the connection was lost; true unless given. */
  readonly repeats?: boolean;
}

/**
 * Runs a script of a session. It has written nothing where it replies
 * "declare", or "slide": that the session and so its hints are to live longer.
 */
export async function runDeclared<Status extends string>(
  store: Store,
  script: Script,
  id: SessionId,
  { keys = [], args = [], slides = true, repeats = true }: ScriptInput,
): Promise<Reply<Status>> {
  const needed = [...sessionKeys(store, id), ...keys];
  let ttlMs = slides ? store.ttlMs : 0;
  let declared: string[] = [];
  let prolong: (() => Promise<unknown>) | undefined;
  for (let run = 0; run < RUNS; run++) {
    const reply = await runScript<Status | "declare" | "slide">(
      store,
      script,
      [...needed, ...declared],
      [...sessionArgs(store, ttlMs), ...args],
      repeats,
    );
    const [status, ids, user] = reply;
    if (status !== "declare" && status !== "slide") {
      await prolong?.().catch(afterStored);
      return reply as Reply<Status>;
    }
    declared = (ids as MessageId[]).map((each) => store.keys.message(id, each));
    if (status === "slide") {
      // Before the session, so that no hint is gone earlier; and again after it.
      ttlMs = -store.ttlMs;
      prolong = () => store.hints!.prolong(id, user as string | undefined);
      await prolong();
    }
  }
  throw new Failure(
    "unavailable",
    "other writers add messages faster than this call can follow",
  );
}

/**
 * A cluster client that lets a test come between it and its scripts.
 *
 * @module
 */

import type { RedisScriptOptions } from "@reaatech/session-continuity-storage-redis";
import type { ClusterClient } from "./cluster_store.ts";

/** Sends a script, by its digest or by its text, or does not. */
export type Interceptor = (
  send: () => Promise<unknown>,
  by: "evalSha" | "eval",
) => Promise<unknown>;

/** Returns a client whose scripts go through a function; all else is the client's own. */
export function interceptScripts(
  client: ClusterClient,
  intercept: Interceptor,
): ClusterClient {
  const intercepted =
    (name: "evalSha" | "eval") =>
    (script: string, options?: RedisScriptOptions) =>
      intercept(() => client[name](script, options), name);
  return Object.create(client, {
    evalSha: { value: intercepted("evalSha") },
    eval: { value: intercepted("eval") },
  });
}

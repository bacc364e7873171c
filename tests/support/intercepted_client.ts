/**
 * A client that lets a test come between it and its scripts.
 *
 * @module
 */

import type {
  RedisClient,
  RedisScriptOptions,
} from "@reaatech/session-continuity-storage-redis";

/** Sends a script, by its digest or by its text, or does not. */
export type Interceptor = (
  send: () => Promise<unknown>,
  by: "evalSha" | "eval",
  options: RedisScriptOptions | undefined,
) => Promise<unknown>;

/** Returns a client whose scripts go through a function; all else is the client's own. */
export function interceptScripts<Client extends RedisClient>(
  client: Client,
  intercept: Interceptor,
): Client {
  const intercepted =
    (name: "evalSha" | "eval") =>
    (script: string, options?: RedisScriptOptions) =>
      intercept(() => client[name](script, options), name, options);
  return Object.create(client, {
    evalSha: { value: intercepted("evalSha") },
    eval: { value: intercepted("eval") },
    // What it returned would be asked behind this client's back.
    withTypeMapping: { value: () => interceptScripts(client, intercept) },
  });
}

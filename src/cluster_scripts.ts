/**
 * Sends scripts to the right node of a cluster, with every version of node-redis.
 *
 * @module
 */

import type {
  RedisClient,
  RedisClientExtras,
  RedisScriptOptions,
} from "./redis_client.ts";

/** Runs scripts. */
export type ScriptRunner = Pick<RedisClient, "evalSha" | "eval">;

/**
 * Returns what runs scripts: the client itself, but with node-redis 4 on a
 * cluster, which looks for the keys in the wrong argument and then asks any
 * node. Its `sendCommand` is told the key.
 */
export function scriptRunner(
  client: RedisClient & RedisClientExtras,
): ScriptRunner {
  const isVersion4 = client.withTypeMapping === undefined;
  if (client.masters === undefined || !isVersion4) return client;
  const runner = (command: string) =>
  (
    script: string,
    { keys = [], arguments: args = [] }: RedisScriptOptions = {},
  ) =>
    client.sendCommand!(keys[0], false, [
      command,
      script,
      String(keys.length),
      ...keys,
      ...args,
    ]);
  return { evalSha: runner("EVALSHA"), eval: runner("EVAL") };
}

/**
 * Sends scripts through a sentinel client that must not send them again by
 * itself.
 *
 * @module
 */

import type { ScriptRunner } from "./cluster_scripts.ts";
import type {
  RedisClient,
  RedisClientExtras,
  RedisSentinelExtras,
} from "./redis_client.ts";

/** A fault that a sentinel client passes on, since it is no Error. */
class Final {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * Returns what sends each script once: the runner itself, but of a sentinel
 * client what runs on its connection to the primary. When that is lost, the
 * sentinel client sends again what was under way, as the same call; an update
 * that was carried out, and overtaken by another one, would be taken for a new
 * one.
 */
export function onceRunner(
  client: RedisClient & RedisSentinelExtras,
  scripts: ScriptRunner,
): ScriptRunner {
  if (client.getMasterNode === undefined) return scripts;
  if (client._execute === undefined) return scripts;
  const once = async (
    send: (node: RedisClient) => Promise<unknown>,
  ): Promise<unknown> => {
    try {
      return await client._execute!(false, async (node) => {
        // A client of versions that have sentinels; which one, no type tells.
        const primary = node as RedisClientExtras;
        try {
          return await send(primary.withTypeMapping!({}));
        } catch (error) {
          throw isRefusal(error) ? error : new Final(error);
        }
      });
    } catch (fault) {
      throw fault instanceof Final ? fault.error : fault;
    }
  };
  return {
    evalSha: (sha1, options) => once((node) => node.evalSha(sha1, options)),
    eval: (script, options) => once((node) => node.eval(script, options)),
  };
}

/** Whether a primary that has become a replica refused: the client then looks for the new one. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("READONLY");
}

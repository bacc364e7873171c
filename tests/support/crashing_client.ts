/**
 * A client that stops working after so many calls, as if its process had ended.
 *
 * @module
 */

import type { RedisScriptOptions } from "@reaatech/session-continuity-storage-redis";
import type { ClusterClient } from "./cluster_store.ts";

/** How many scripts a client still sends. */
export interface Fuse {
  /** Scripts that still go through; those after them are refused unsent. */
  left: number;
}

/** Returns a client that sends scripts as long as the fuse lets it. */
export function crashingClient(
  client: ClusterClient,
  fuse: Fuse,
): ClusterClient {
  const guard =
    (name: "evalSha" | "eval") =>
    async (script: string, options?: RedisScriptOptions) => {
      if (fuse.left-- <= 0) throw new Error("the process has ended");
      return await client[name](script, options);
    };
  // All else is the client's own.
  return Object.create(client, {
    evalSha: { value: guard("evalSha") },
    eval: { value: guard("eval") },
  });
}

/**
 * What a sentinel knows of the servers that it watches.
 *
 * @module
 */

import { ask } from "./redis_cli.ts";
import type { RedisServer } from "./redis_server.ts";

/** The servers as a sentinel sees them. */
export interface SentinelView {
  /** The port of the primary. */
  readonly primaryPort: number;
  /** How many replicas are up, and linked to that primary. */
  readonly replicas: number;
  /** How many other sentinels are up. */
  readonly otherSentinels: number;
}

/** Asks a sentinel what it knows of a primary and its replicas. */
export async function readSentinelView(
  sentinel: RedisServer,
  masterName: string,
): Promise<SentinelView> {
  const [address, replicas, sentinels] = await ask(
    sentinel,
    ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName],
    ["SENTINEL", "REPLICAS", masterName],
    ["SENTINEL", "SENTINELS", masterName],
  );
  const [, port = ""] = address as string[];
  return {
    primaryPort: Number(port),
    replicas:
      parseInstances(replicas).filter((replica) =>
        replica.get("flags") === "slave" &&
        replica.get("master-link-status") === "ok" &&
        replica.get("master-port") === port
      ).length,
    otherSentinels: parseInstances(sentinels)
      .filter((other) => other.get("flags") === "sentinel").length,
  };
}

/** Reads lists in which names and values take turns. */
function parseInstances(reply: unknown): ReadonlyMap<string, string>[] {
  return (reply as string[][]).map((fields) => {
    const instance = new Map<string, string>();
    for (let index = 0; index < fields.length; index += 2) {
      instance.set(fields[index]!, fields[index + 1]!);
    }
    return instance;
  });
}

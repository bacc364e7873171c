/**
 * Holds the indexes against the sessions that are stored.
 *
 * @module
 */

import type { ClusterStore } from "./cluster_store.ts";

/** A hint that is not as the session says. */
export interface WrongHint {
  /** The index, and the id of the session. */
  readonly hint: string;
  /** Where the session belongs; absent: nowhere. */
  readonly wanted?: number | undefined;
  /** Where the index has it; absent: nowhere. */
  readonly found?: number | undefined;
}

/** Compares the indexes of a store with its sessions, and returns what differs. */
export async function checkIndexes(
  { client, prefix, keys }: Pick<ClusterStore, "client" | "prefix" | "keys">,
): Promise<WrongHint[]> {
  const wanted = new Map<string, number>();
  const found = new Map<string, number>();
  for (const name of await keys()) {
    const key = prefix + name;
    const id = /^session:\{(.*)\}$/.exec(name)?.[1];
    if (id !== undefined) {
      const hash = await client.hGetAll(key);
      wanted.set(`by-created ${id}`, Number(hash["createdAt"]));
      wanted.set(`by-activity ${id}`, Number(hash["lastActivityAt"]));
      if (hash["expiresAt"] !== undefined) {
        wanted.set(`by-expiry ${id}`, Number(hash["expiresAt"]));
      }
      if (hash["userId"] !== undefined) {
        wanted.set(`user ${hash["userId"]} ${id}`, 0);
      }
    }
    const index = /^sessions:(by-created|by-activity|by-expiry)$/.exec(name);
    if (index !== null) {
      for (
        const { value, score } of await client.zRangeWithScores(key, 0, -1)
      ) {
        found.set(`${index[1]} ${value}`, score);
      }
    }
    const user = /^user:(.*):sessions$/.exec(name)?.[1];
    if (user !== undefined) {
      for (const member of await client.sMembers(key)) {
        found.set(`user ${user} ${member}`, 0);
      }
    }
  }
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((hint) => {
    const wrong = { hint, wanted: wanted.get(hint), found: found.get(hint) };
    return wrong.wanted === wrong.found ? [] : [wrong];
  });
}

/**
 * Whether a list can miss a session because of a wrong hint: it has none, or
 * one by which its deadline is found too late. What is there too much, or too
 * early, is held against the session and corrected.
 */
export function isMissed({ hint, wanted, found }: WrongHint): boolean {
  if (wanted === undefined) return false;
  if (found === undefined) return true;
  return hint.startsWith("by-expiry")
    ? found > wanted
    : !hint.startsWith("by-activity");
}

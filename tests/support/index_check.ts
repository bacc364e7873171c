/**
 * Holds the indexes against the sessions that are stored.
 *
 * @module
 */

import type { ClusterStore } from "./cluster_store.ts";

/** What the indexes say that the sessions do not, or the other way round. */
export interface IndexProblems {
  /** Hints that lists need and do not find, or find at another place. */
  readonly missing: string[];
  /** Hints of sessions that are gone, or that are not as the hint says. */
  readonly false: string[];
}

/** Compares the indexes of a store with its sessions. */
export async function checkIndexes(
  { client, prefix, keys }: Pick<ClusterStore, "client" | "prefix" | "keys">,
): Promise<IndexProblems> {
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
  const differing = (
    some: ReadonlyMap<string, number>,
    others: ReadonlyMap<string, number>,
  ) =>
    [...some].filter(([hint, score]) => others.get(hint) !== score)
      .map(([hint, score]) => `${hint}: ${score}, not ${others.get(hint)}`);
  return {
    missing: differing(wanted, found),
    false: differing(found, wanted),
  };
}

/**
 * Holds the indexes against the sessions that are stored.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Session } from "@reaatech/session-continuity-storage-redis";
import { sessionKey } from "./older_records.ts";
import type { PlacedStore } from "./places.ts";

/** What is looked at of a store. */
export type IndexedStore = Omit<PlacedStore, "reopen" | "pass">;

/** The indexes that hold session ids by a moment. */
export const MOMENTS = {
  "sessions:by-created": ({ createdAt }: Session) => +createdAt,
  "sessions:by-activity": ({ lastActivityAt }: Session) => +lastActivityAt,
  "sessions:by-expiry": ({ expiresAt }: Session) => expiresAt && +expiresAt,
};

/** What indexes hold, by their names: members, and scores where they are moments. */
type Indexes = Record<string, (string | [string, number])[]>;

/** Returns all sessions that are stored, read one by one. */
export async function readSessions(store: IndexedStore): Promise<Session[]> {
  const ids = (await store.keys()).flatMap((name) =>
    /^session:\{?([^:}]+)\}?$/.exec(name)?.[1] ?? []
  );
  const sessions = await Promise.all(
    ids.map((id) => store.storage.getSession(id)),
  );
  return sessions.filter((session) => session !== null);
}

/** Returns what the indexes hold; of deadlines only the members, since their moments move. */
export async function readIndexes(store: IndexedStore): Promise<Indexes> {
  const { redis, prefix } = store;
  const found: Indexes = {};
  for (const name of await store.keys()) {
    if (/^user:/.test(name)) {
      found[name] = (await redis.sMembers(prefix + name)).sort();
    } else if (/^sessions:/.test(name)) {
      const entries = await redis.zRangeWithScores(prefix + name, 0, -1);
      found[name] = name in MOMENTS
        ? entries.map(({ value, score }) => [value, score])
        : entries.map(({ value }) => value).sort();
    }
  }
  return found;
}

/** Returns what the indexes have to hold. */
async function expectedIndexes(
  store: IndexedStore,
  sessions: readonly Session[],
): Promise<Indexes> {
  const found: Indexes = {};
  for (const [name, momentOf] of Object.entries(MOMENTS)) {
    const entries = sessions.flatMap((session): [string, number][] => {
      const moment = momentOf(session);
      return moment === undefined ? [] : [[session.id, moment]];
    });
    entries.sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    if (entries.length > 0) found[name] = entries;
  }
  const lefts = await Promise.all(
    sessions.map(({ id }) => store.redis.pTTL(sessionKey(store, id))),
  );
  for (const [i, { id, userId }] of sessions.entries()) {
    if (userId !== undefined) {
      (found[`user:${userId}:sessions`] ??= []).push(id);
    }
    if (lefts[i]! < 0) continue;
    // The ids of these tests are ASCII.
    const member = `${id.length}:${id}${userId ?? ""}`;
    (found["sessions:by-deadline"] ??= []).push(member);
  }
  for (const [name, members] of Object.entries(found)) {
    if (!(name in MOMENTS)) members.sort();
  }
  return found;
}

/**
 * Fails unless lists find every session that is stored, once and under its
 * user, and nothing else, and the indexes then hold nothing else either.
 */
export async function assertIndexed(
  store: IndexedStore,
  users: readonly string[],
): Promise<void> {
  const { storage } = store;
  const sessions = await readSessions(store);
  const idsOf = (found: readonly Session[]) => found.map(({ id }) => id).sort();
  // On a cluster a hint may be stale until a reader meets it.
  if (!store.isCluster) {
    assertEquals(
      await readIndexes(store),
      await expectedIndexes(store, sessions),
    );
  }
  for (const sortBy of ["createdAt", "lastActivityAt"] as const) {
    const found = await storage.listSessions({ sortBy });
    assertEquals(idsOf(found), idsOf(sessions), sortBy);
  }
  for (const userId of users) {
    const theirs = sessions.filter((session) => session.userId === userId);
    const found = await storage.listSessions({ userId });
    assertEquals(idsOf(found), idsOf(theirs), userId);
  }
  const due = await storage.getExpiredSessions(new Date(8e15));
  const expected = sessions.filter(({ expiresAt }) => expiresAt !== undefined);
  assertEquals([...due].sort(), idsOf(expected));
  const [held, needed] = [
    await readIndexes(store),
    await expectedIndexes(store, sessions),
  ];
  if (store.isCluster) {
    // A stale deadline stays until its moment; none may be missing.
    const name = "sessions:by-deadline";
    const left = held[name]?.filter((each) => needed[name]?.includes(each));
    assertEquals(left ?? [], needed[name] ?? []);
    delete held[name];
    delete needed[name];
  }
  assertEquals(held, needed);
}

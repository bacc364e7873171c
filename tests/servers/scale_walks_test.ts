/**
 * Iterators over many sessions while others come and go.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type {
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import {
  fillSessions,
  inOrder,
  scaleSessions,
} from "../support/many_sessions.ts";
import { newSession } from "../support/records.ts";
import { TestBed, type TestStore } from "../support/test_bed.ts";

/** Sessions that are visited: each takes a write by somebody else, too. */
const COUNT = scaleSessions() / 10;

/** Sessions of other users beside one whose sessions are visited. */
const OTHERS = 4000;

/** What others do between two steps of an iterator. */
const WRITES_A_STEP = 20;

describe(`iterateSessions() over ${COUNT} sessions`, () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  /** Iterates while others write; fails unless each that stays is met once, in its order. */
  async function assertVisitsEach(
    { storage }: TestStore,
    filters: SessionFilters,
    sessions: readonly Session[],
    created: Parameters<typeof newSession>[0] = {},
    goingMost = Infinity,
  ): Promise<void> {
    // Every fifth goes meanwhile, or a few of them.
    const going = sessions.filter((_, i) => i % 5 === 2).slice(0, goingMost);
    const staying = new Set(sessions);
    for (const session of going) staying.delete(session);
    const visited: string[] = [];
    let steps = 0;
    for await (const { id } of storage.iterateSessions(filters)) {
      visited.push(id);
      if (steps++ % WRITES_A_STEP > 0) continue;
      const leaving = going.splice((steps * 31) % (going.length || 1), 4);
      await Promise.all([
        ...leaving.map(({ id }) => storage.deleteSession(id)),
        ...Array.from(
          { length: 4 },
          () => storage.createSession(newSession(created)),
        ),
      ]);
    }
    assert(steps >= staying.size, `${steps} steps`);
    assertEquals(new Set(visited).size, visited.length, "visited once");
    const ids = inOrder([...staying]).map(({ id }) => id);
    if (filters.order === "desc") ids.reverse();
    const wanted = new Set(ids);
    assertEquals(visited.filter((id) => wanted.has(id)), ids);
  }

  for (const order of ["asc", "desc"] as const) {
    it(`visits each once while others come and go, ${order}`, async () => {
      const store = await bed.open({ ttlSeconds: 3600 });
      const sessions = await fillSessions(store.storage, COUNT, {
        messagesEach: 0,
      });
      await assertVisitsEach(store, { order }, sessions);
    });

    it(`visits each once of a user who comes to have many, ${order}`, async () => {
      const store = await bed.open({ ttlSeconds: 3600 });
      // Up to 500 are put in order by one script; more are gathered, unless
      // they are so large a part of all that a page is found among all sooner.
      await fillSessions(store.storage, OTHERS, { messagesEach: 0 });
      const sessions = await Promise.all(
        Array.from(
          { length: 495 },
          () => store.storage.createSession(newSession({ userId: "ada" })),
        ),
      );
      const filters = { userId: "ada", order };
      await assertVisitsEach(store, filters, sessions, { userId: "ada" }, 8);
      const all = await store.storage.listSessions({ userId: "ada" });
      assert(all.length > 500, `${all.length} sessions`);
    });
  }
});

/**
 * How a storage adapter goes through many sessions in each order, and iterates
 * over them from the newest on.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Session, SessionFilters } from "../types.ts";
import { equal, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { newSession, unset } from "./samples.ts";
import {
  choose,
  collect,
  createMany,
  filtersOf,
  MANY,
  stirred,
} from "./session_samples.ts";
import type { CompleteAdapter } from "./subject.ts";

/** Declares the tests of pages in each order. */
export function describeOrderedPages(group: Group): void {
  pages(group);
  if (!group.capabilities.iterateSessions) return;
  iterateSessions(group);
  iterateSessionsMeanwhile(group);
}

function pages({ test }: Group): void {
  const orders: SessionFilters[] = [
    { sortBy: "createdAt", order: "desc" },
    { sortBy: "lastActivityAt", order: "asc" },
    { sortBy: "lastActivityAt", order: "desc" },
  ];
  for (const asked of orders) {
    test(`listSessions() returns pages in the order of ${asked.sortBy}, "${asked.order}", that are short only at the end`, async ({ adapter }) => {
      const sessions = await createMoved(adapter);
      const createdAfter = present(sessions[MANY / 4]).createdAt;
      const createdBefore = present(sessions.at(-MANY / 4)).createdAt;
      const filters: SessionFilters[] = [
        {},
        { userId: "ada" },
        { tags: ["rare"] },
        { userId: "ada", status: "paused" },
        { createdAfter, createdBefore },
        { userId: "ada", createdAfter, createdBefore },
      ];
      for (const filter of filters) {
        const all = choose(sessions, { ...filter, ...asked });
        const limit = Math.max(Math.ceil(all.length / 3) - 1, 1);
        for (let offset = 0; offset <= all.length; offset += limit) {
          const page = { ...filter, ...asked, offset, limit };
          const expected = all.slice(offset, offset + limit);
          equal(await adapter.listSessions(page), expected);
        }
        equal(await adapter.listSessions({ ...filter, ...asked }), all);
      }
    });
  }
}

function iterateSessions({ test }: Group): void {
  test("iterateSessions() yields the newest first when asked to", async (subject) => {
    const { adapter } = subject;
    const sessions = await stirred(subject);
    for (const filter of filtersOf(sessions)) {
      const filters = { ...filter, order: "desc" } as const;
      const expected = choose(sessions, filters);
      equal(await collect(adapter.iterateSessions(filters)), expected);
    }
  });

  test("iterateSessions() takes the order that it has anyway", async (subject) => {
    const { adapter } = subject;
    const sessions = await stirred(subject);
    for (
      const filters of [
        { order: "asc" },
        { sortBy: "createdAt" },
        unset("order", "sortBy"),
      ] as const
    ) {
      equal(await collect(adapter.iterateSessions(filters)), sessions);
    }
  });

  test("iterateSessions() keeps to offset and limit over many sessions from the newest on", async ({ adapter }) => {
    await createMany(adapter);
    const all = (await adapter.listSessions()).reverse();
    for (const page of [{ offset: 15, limit: 210 }, { offset: 110 }]) {
      const { offset, limit = MANY } = page;
      equal(
        await collect(adapter.iterateSessions({ ...page, order: "desc" })),
        all.slice(offset, offset + limit),
      );
    }
  });

  test("iterateSessions() refuses to go by lastActivityAt", async (subject) => {
    const { adapter } = subject;
    await adapter.createSession(newSession());
    const sortBy = "lastActivityAt";
    for (
      const filters of [
        { sortBy },
        { sortBy, order: "desc" },
        { sortBy, limit: 0 },
        { sortBy, userId: "nobody" },
      ] as const
    ) {
      // It is called outside: it may reject with the first step, not throw.
      const steps = adapter.iterateSessions(filters)[Symbol.asyncIterator]();
      await subject.fails(() => steps.next(), "invalid-argument", {
        names: ["sortBy"],
      });
    }
  });
}

function iterateSessionsMeanwhile({ test }: Group): void {
  test("iterateSessions() is stable from the newest on while sessions are added and move", async (subject) => {
    const { adapter } = subject;
    await createMany(adapter);
    const before = (await adapter.listSessions()).map(({ id }) => id).reverse();
    await subject.tick();
    const seen: string[] = [];
    for await (const { id } of adapter.iterateSessions({ order: "desc" })) {
      seen.push(id);
      // Until it ends by itself, at most one is added for each that was there.
      if (seen.length <= MANY) {
        await adapter.createSession(newSession({ id: `z${seen.length}` }));
        await adapter.updateSession(id, { tokenCount: 1 });
      }
    }
    const known = new Set(before);
    equal(seen.filter((id) => known.has(id)), before);
    assert.equal(new Set(seen).size, seen.length, "It yields a session twice");
  });
}

/** Stores many sessions, some of one activity; returns them by creation. */
async function createMoved(adapter: CompleteAdapter): Promise<Session[]> {
  await createMany(adapter);
  const made = await adapter.listSessions();
  return await Promise.all(made.map(({ id }, index) => {
    const lastActivityAt = new Date(Date.UTC(2020, 0, 1 + (index * 7) % 100));
    return adapter.updateSession(id, { lastActivityAt });
  }));
}

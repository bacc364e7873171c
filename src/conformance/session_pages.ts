/**
 * How a storage adapter goes through many sessions.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Session, SessionFilters } from "../types.ts";
import { equal, present } from "./assertions.ts";
import { absent, type Group } from "./group.ts";
import { newSession } from "./samples.ts";
import {
  choose,
  collect,
  createMany,
  MANY,
  RARE,
  variety,
} from "./session_samples.ts";

/** Declares the tests of paging and of iterateSessions(). */
export function describeSessionPages(group: Group): void {
  pages(group);
  if (group.capabilities.iterateSessions) iterateSessions(group);
  else absent(group, "iterateSessions");
}

function pages({ test }: Group): void {
  test("listSessions() returns a page that is short only at the end", async ({ adapter }) => {
    await createMany(adapter);
    const filters: SessionFilters[] = [
      {},
      { userId: "ada" },
      { tags: ["rare"] },
      { userId: "ada", status: "paused" },
    ];
    for (const filter of filters) {
      const all = await adapter.listSessions(filter);
      const paged: Session[] = [];
      const limit = Math.ceil(all.length / 3) - 1;
      while (paged.length < all.length) {
        const page = await adapter.listSessions({
          ...filter,
          offset: paged.length,
          limit,
        });
        assert.equal(page.length, Math.min(limit, all.length - paged.length));
        paged.push(...page);
      }
      equal(paged, all);
      equal(await adapter.listSessions({ ...filter, offset: all.length }), []);
    }
    assert.equal((await adapter.listSessions()).length, MANY);
    assert.equal((await adapter.listSessions({ tags: ["rare"] })).length, RARE);
  });
}

function iterateSessions({ test }: Group): void {
  test("iterateSessions() yields what listSessions() returns", async (subject) => {
    const sessions = await variety(subject);
    const { createdAt } = present(sessions[3]);
    const filters: SessionFilters[] = [
      {},
      { userId: "ada" },
      { tags: ["work", "rail"] },
      { createdAfter: createdAt, status: "active" },
    ];
    for (const filter of filters) {
      const expected = choose(sessions, filter);
      equal(await collect(subject.adapter.iterateSessions(filter)), expected);
    }
    equal(await collect(subject.adapter.iterateSessions()), sessions);
  });

  test("iterateSessions() keeps to offset and limit", async (subject) => {
    const sessions = await variety(subject);
    const filters: SessionFilters[] = [
      { limit: 3 },
      { limit: 0 },
      { limit: 1000 },
      { offset: 3 },
      { offset: 1000 },
      { offset: 2, limit: 4 },
      { tags: ["work"], offset: 1, limit: 2 },
    ];
    for (const filter of filters) {
      const expected = choose(sessions, filter);
      equal(await collect(subject.adapter.iterateSessions(filter)), expected);
    }
  });

  test("iterateSessions() keeps to offset and limit over many sessions", async ({ adapter }) => {
    await createMany(adapter);
    const all = await adapter.listSessions();
    const page = { offset: 15, limit: 210 };
    equal(
      await collect(adapter.iterateSessions(page)),
      all.slice(15, 225),
    );
  });

  test("iterateSessions() yields nothing from an empty store", async ({ adapter }) => {
    equal(await collect(adapter.iterateSessions()), []);
  });

  test("iterateSessions() is stable while sessions are added", async ({ adapter }) => {
    await createMany(adapter);
    const before = (await adapter.listSessions()).map(({ id }) => id);
    const seen: string[] = [];
    for await (const { id } of adapter.iterateSessions()) {
      seen.push(id);
      // Until it ends by itself, at most one is added for each that was there.
      if (seen.length <= MANY) {
        await adapter.createSession(
          newSession({ id: `new${MANY + seen.length}` }),
        );
      }
    }
    const known = new Set(before);
    equal(seen.filter((id) => known.has(id)), before);
    assert.equal(new Set(seen).size, seen.length, "It yields a session twice");
  });

  test("iterateSessions() stops when its caller does", async ({ adapter }) => {
    await createMany(adapter);
    const seen: string[] = [];
    for await (const { id } of adapter.iterateSessions({ userId: "ada" })) {
      seen.push(id);
      if (seen.length === 3) break;
    }
    const first = await adapter.listSessions({ userId: "ada", limit: 3 });
    equal(seen, first.map(({ id }) => id));
  });
}

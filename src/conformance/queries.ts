/**
 * What a storage adapter finds: sessions by filters and by their deadline.
 *
 * @module
 */

import type { SessionFilters } from "../types.ts";
import { equal, present } from "./assertions.ts";
import { describeDeadlines } from "./deadlines.ts";
import type { Group } from "./group.ts";
import { describeMessageQueries } from "./message_queries.ts";
import { fullSession, newMessage, newSession, unset } from "./samples.ts";
import { describeSessionOrder } from "./session_order.ts";
import { describeSessionPages } from "./session_pages.ts";
import { byCreation, choose, variety } from "./session_samples.ts";

/** Declares the tests of listing, filtering and paging. */
export function describeQueries(group: Group): void {
  listSessions(group);
  listSessionsAfterWrites(group);
  describeSessionPages(group);
  if (group.capabilities.listOrder) describeSessionOrder(group);
  describeDeadlines(group);
  describeMessageQueries(group);
}

function listSessions({ test }: Group): void {
  test("listSessions() returns nothing from an empty store", async ({ adapter }) => {
    equal(await adapter.listSessions(), []);
    equal(await adapter.listSessions({ userId: "ada", tags: ["rail"] }), []);
  });

  test("listSessions() orders by createdAt, then by id", async (subject) => {
    const sessions = await variety(subject);
    const listed = await subject.adapter.listSessions();
    equal(listed, sessions);
    equal(await subject.adapter.listSessions({}), sessions);
  });

  test("listSessions() orders sessions made within a millisecond by id", async ({ adapter }) => {
    const ids = Array.from({ length: 40 }, (_, index) => `s${99 - index}`);
    await Promise.all(
      ids.map((id) => adapter.createSession(newSession({ id, userId: "ada" }))),
    );
    const listed = await adapter.listSessions();
    equal(listed, byCreation(listed));
    equal(await adapter.listSessions({ userId: "ada" }), listed);
    equal(listed.map(({ id }) => id).sort(), ids.sort());
  });

  const filters: Record<string, SessionFilters> = {
    "userId": { userId: "ada" },
    "a userId that none has": { userId: "a" },
    "a userId with a wildcard": { userId: "*" },
    "status": { status: "paused" },
    "activeAgentId": { activeAgentId: "planner" },
    "one tag": { tags: ["rail"] },
    "any of two tags": { tags: ["rail", "work"] },
    "a tag that none has": { tags: ["rai"] },
    "no tag in particular": { tags: [] },
    "userId and status": { userId: "ada", status: "active" },
    "all of them": {
      userId: "ada",
      status: "active",
      activeAgentId: "planner",
      tags: ["work"],
    },
    "a limit": { limit: 3 },
    "a limit of 0": { limit: 0 },
    "a limit beyond the end": { limit: 1000 },
    "an offset": { offset: 3 },
    "an offset of 0": { offset: 0 },
    "an offset beyond the end": { offset: 1000 },
    "an offset and a limit": { offset: 2, limit: 4 },
    "a page of a user": { userId: "ada", offset: 1, limit: 2 },
    "a page of a status": { status: "paused", offset: 1, limit: 2 },
    "a page of a tag": { tags: ["work"], offset: 1, limit: 2 },
  };
  for (const [name, filter] of Object.entries(filters)) {
    test(`listSessions() filters by ${name}`, async (subject) => {
      const sessions = await variety(subject);
      const expected = choose(sessions, filter);
      equal(await subject.adapter.listSessions(filter), expected);
    });
  }

  test("listSessions() includes both ends of a time range", async (subject) => {
    const sessions = await variety(subject);
    const createdAfter = present(sessions[3]).createdAt;
    const createdBefore = present(sessions.at(-4)).createdAt;
    for (
      const range of [
        { createdAfter },
        { createdBefore },
        { createdAfter, createdBefore },
        { createdAfter, createdBefore: createdAfter },
        { createdAfter, createdBefore, userId: "ada" },
        { createdAfter, createdBefore, status: "active", limit: 2 } as const,
        { createdAfter: createdBefore, createdBefore: createdAfter },
      ]
    ) {
      const expected = choose(sessions, range);
      equal(await subject.adapter.listSessions(range), expected);
    }
  });

  test("listSessions() takes an undefined filter as absent", async (subject) => {
    const sessions = await variety(subject);
    const listed = await subject.adapter.listSessions(
      unset(
        "userId",
        "status",
        "activeAgentId",
        "tags",
        "createdAfter",
        "createdBefore",
        "limit",
        "offset",
      ),
    );
    equal(listed, sessions);
  });
}

function listSessionsAfterWrites({ test }: Group): void {
  test("listSessions() lists sessions that have messages", async ({ adapter }) => {
    const { id } = await adapter.createSession(fullSession());
    await adapter.addMessage(id, newMessage());
    await adapter.addMessage(id, newMessage());
    const session = await adapter.getSession(id);
    equal(await adapter.listSessions(), [session]);
    equal(await adapter.listSessions({ userId: "ada" }), [session]);
    equal(await adapter.listSessions({ status: "paused" }), [session]);
  });

  test("listSessions() follows the userId", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession({ userId: "ada" }));
    const bob = await adapter.updateSession(id, { userId: "bob" });
    equal(await adapter.listSessions({ userId: "ada" }), []);
    equal(await adapter.listSessions({ userId: "bob" }), [bob]);
    const nobody = await adapter.updateSession(id, unset("userId"));
    equal(await adapter.listSessions({ userId: "bob" }), []);
    equal(await adapter.listSessions(), [nobody]);
    const ada = await adapter.updateSession(id, { userId: "ada" });
    equal(await adapter.listSessions({ userId: "ada" }), [ada]);
  });

  test("listSessions() follows status, agent and tags", async ({ adapter }) => {
    const { id } = await adapter.createSession(fullSession());
    const updated = await adapter.updateSession(id, {
      status: "completed",
      activeAgentId: "booker",
      metadata: { tags: ["done"] },
    });
    equal(await adapter.listSessions({ status: "paused" }), []);
    equal(await adapter.listSessions({ activeAgentId: "planner" }), []);
    equal(await adapter.listSessions({ tags: ["rail"] }), []);
    equal(await adapter.listSessions({ status: "completed" }), [updated]);
    equal(await adapter.listSessions({ activeAgentId: "booker" }), [updated]);
    equal(await adapter.listSessions({ tags: ["done"] }), [updated]);
  });
}

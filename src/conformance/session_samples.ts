/**
 * Sets of sessions to look for others in, and what has to be found.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Session, SessionFilters } from "../types.ts";
import { present } from "./assertions.ts";
import { newMessage, newSession } from "./samples.ts";
import type { CompleteAdapter, Subject } from "./subject.ts";

/** The sessions that createMany() stores. */
export const MANY = 240;
/** Those of them that are tagged "rare". */
export const RARE = 12;

/** Stores sessions that differ in all that can be filtered by; returns them in order. */
export async function variety(subject: Subject): Promise<Session[]> {
  const { adapter } = subject;
  const statuses = ["active", "paused", "completed"] as const;
  const tags = [["rail"], ["work"], [], ["rail", "work"], ["other"]];
  const made: Session[] = [];
  for (let index = 0; index < 15; index++) {
    const session = newSession({
      id: `s${(index * 7) % 15}`,
      status: present(statuses[index % 3]),
      metadata: index % 7 === 6 ? {} : { tags: present(tags[index % 5]) },
    });
    if (index % 4 > 0) session.userId = index % 2 === 0 ? "bob" : "ada";
    if (index % 3 < 2) session.activeAgentId = ["planner", "a"][index % 2]!;
    made.push(await adapter.createSession(session));
    if (index % 4 === 3) await subject.tick();
  }
  return byCreation(made);
}

/** Stores such sessions and moves their activity about; returns them by creation. */
export async function stirred(subject: Subject): Promise<Session[]> {
  const { adapter, capabilities } = subject;
  const sessions = await variety(subject);
  for (let index = 0; index < sessions.length; index++) {
    const { id } = present(sessions[(index * 4) % sessions.length]);
    await subject.tick();
    if (index % 5 === 1) await adapter.addMessage(id, newMessage());
    if (index % 5 === 2) await adapter.updateSession(id, { tokenCount: 1 });
    if (index % 5 === 3) {
      const lastActivityAt = new Date(Date.UTC(2001, index % 2));
      await adapter.updateSession(id, { lastActivityAt });
    }
    if (index % 5 === 4 && capabilities.touchSession) {
      await adapter.touchSession(id);
    }
  }
  const moved = sessions.map(({ id }) => adapter.getSession(id));
  return (await Promise.all(moved)).map(present);
}

/** Makes filters of every kind, and pages of what they leave. */
export function filtersOf(sessions: Session[]): SessionFilters[] {
  const createdAfter = present(sessions[3]).createdAt;
  const createdBefore = present(sessions.at(-4)).createdAt;
  const filters: SessionFilters[] = [
    {},
    { userId: "ada" },
    { userId: "nobody" },
    { status: "paused" },
    { activeAgentId: "planner" },
    { tags: ["rail", "work"] },
    { createdAfter },
    { createdBefore },
    { createdAfter, createdBefore },
    { userId: "ada", createdAfter, createdBefore },
    { createdAfter: createdBefore, createdBefore: createdAfter },
    {
      userId: "ada",
      status: "active",
      activeAgentId: "planner",
      tags: ["work"],
      createdBefore,
    },
  ];
  const pages: SessionFilters[] = [
    {},
    { limit: 2 },
    { offset: 1 },
    { offset: 1, limit: 2 },
    { limit: 0 },
    { offset: 1000 },
  ];
  return filters.flatMap((filter) =>
    pages.map((page) => ({ ...filter, ...page }))
  );
}

/** Says what a list has to contain, in the plainest way. */
export function choose(
  sessions: Session[],
  filters: SessionFilters,
): Session[] {
  const { userId, status, activeAgentId, createdAfter, createdBefore } =
    filters;
  const { tags = [], offset = 0, limit = Infinity } = filters;
  return inOrder(sessions, filters).filter((session) =>
    (userId === undefined || session.userId === userId) &&
    (status === undefined || session.status === status) &&
    (activeAgentId === undefined || session.activeAgentId === activeAgentId) &&
    (tags.length === 0 ||
      tags.some((tag) => session.metadata.tags?.includes(tag))) &&
    (createdAfter === undefined || session.createdAt >= createdAfter) &&
    (createdBefore === undefined || session.createdAt <= createdBefore)
  ).slice(offset, offset + limit);
}

/** Sorts sessions as listSessions() has to when it is not asked for an order. */
export function byCreation(sessions: Session[]): Session[] {
  return inOrder(sessions, {});
}

function inOrder(
  sessions: Session[],
  { sortBy = "createdAt", order = "asc" }: SessionFilters,
): Session[] {
  const ascending = sessions.toSorted((a, b) =>
    a[sortBy].getTime() - b[sortBy].getTime() ||
    Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
  );
  return order === "desc" ? ascending.reverse() : ascending;
}

/** Stores many sessions at once. */
export async function createMany(adapter: CompleteAdapter): Promise<void> {
  const ids = Array.from({ length: MANY }, (_, index) => index);
  await Promise.all(ids.map((index) =>
    adapter.createSession(newSession({
      id: `s${MANY - index}`,
      userId: index % 2 === 0 ? "ada" : "bob",
      status: index % 3 === 0 ? "paused" : "active",
      metadata: { tags: index % (MANY / RARE) === 7 ? ["rare"] : ["common"] },
    }))
  ));
}

/** Takes all that an iterator has. */
export async function collect(
  sessions: AsyncIterable<Session>,
): Promise<Session[]> {
  const collected: Session[] = [];
  for await (const session of sessions) collected.push(session);
  return collected;
}

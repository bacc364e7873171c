/**
 * Sets of sessions to look for others in, and what has to be found.
 *
 * @module
 */

import type { Session, SessionFilters } from "../types.ts";
import { present } from "./assertions.ts";
import { newSession } from "./samples.ts";
import type { Subject } from "./subject.ts";

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

/** Says what a list has to contain, in the plainest way. */
export function choose(
  sessions: Session[],
  filters: SessionFilters,
): Session[] {
  const { userId, status, activeAgentId, createdAfter, createdBefore } =
    filters;
  const { tags = [], offset = 0, limit = Infinity } = filters;
  return sessions.filter((session) =>
    (userId === undefined || session.userId === userId) &&
    (status === undefined || session.status === status) &&
    (activeAgentId === undefined || session.activeAgentId === activeAgentId) &&
    (tags.length === 0 ||
      tags.some((tag) => session.metadata.tags?.includes(tag))) &&
    (createdAfter === undefined || session.createdAt >= createdAfter) &&
    (createdBefore === undefined || session.createdAt <= createdBefore)
  ).slice(offset, offset + limit);
}

/** Sorts sessions as listSessions() has to. */
export function byCreation(sessions: Session[]): Session[] {
  return sessions.toSorted((a, b) =>
    a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1)
  );
}

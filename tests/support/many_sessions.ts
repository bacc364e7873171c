/**
 * Fills a store with many sessions, each with messages, and knows what lists
 * then have to return.
 *
 * @module
 */

import process from "node:process";
import type {
  Message,
  RedisAdapter,
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession } from "./records.ts";

/** Sessions that the tests of scale store, unless SCALE_SESSIONS says otherwise. */
const USUAL_SESSIONS = 20_000;
/** Sessions that are stored at once: their commands are sent without waiting. */
const AT_ONCE = 500;

/** The user of one session in 20. */
export const BUSY_USER = "busy";
/** Sessions of each other user. */
export const USER_SIZE = 100;
/** Sessions whose own deadline is due. */
export const DUE_SESSIONS = 100;
/** Filters that one session in 100 meets. */
export const RARE = {
  status: { status: "paused" },
  agent: { activeAgentId: "rare" },
  tags: { tags: ["rare", "none"] },
} as const satisfies Record<string, SessionFilters>;

/** Returns how many sessions the tests of scale store. */
export function scaleSessions(): number {
  const { SCALE_SESSIONS } = process.env;
  const count = Number(SCALE_SESSIONS ?? USUAL_SESSIONS);
  // The numbers of sessions that filters meet are then whole.
  if (Number.isSafeInteger(count) && count >= 1000 && count % 1000 === 0) {
    return count;
  }
  throw new RangeError(
    `Cannot use SCALE_SESSIONS: must be a multiple of 1000, got "${SCALE_SESSIONS}"`,
  );
}

/** How to fill a store. */
export interface FillOptions {
  /**
   * Messages of each session.
   *
   * @default 10
   */
  readonly messagesEach?: number;
  /** Told how many sessions there are by now. */
  readonly onProgress?: (stored: number) => void;
}

/**
 * Stores so many sessions. Those that a filter meets are spread over all of them.
 *
 * @returns the sessions as they are stored, in the order of the calls
 */
export async function fillSessions(
  storage: RedisAdapter,
  count: number,
  { messagesEach = 10, onProgress }: FillOptions = {},
): Promise<Session[]> {
  const sessions: Session[] = [];
  while (sessions.length < count) {
    const first = sessions.length;
    const length = Math.min(AT_ONCE, count - first);
    const batch = await Promise.all(
      Array.from({ length }, (_, i) => createNth(storage, first + i, count)),
    );
    if (messagesEach > 0) {
      // Activity is to have another order than creation.
      await Promise.all(
        batch.toReversed().map((session) =>
          talk(storage, session, messagesEach)
        ),
      );
    }
    sessions.push(...batch);
    onProgress?.(sessions.length);
  }
  return sessions;
}

function createNth(storage: RedisAdapter, i: number, count: number) {
  const users = count * 0.95 / USER_SIZE;
  // One in 20 is left out of the numbers of the others.
  const other = i - Math.ceil(i / 20);
  const isDue = i % (count / DUE_SESSIONS) === 9;
  return storage.createSession(newSession({
    userId: i % 20 === 0 ? BUSY_USER : `user${Math.floor(other % users)}`,
    status: i % 100 === 27 ? "paused" : "active",
    activeAgentId: i % 100 === 51 ? "rare" : `agent${i % 7}`,
    metadata: {
      title: `Conversation ${i}`,
      tags: i % 100 === 73 ? ["common", "rare"] : ["common"],
    },
    expiresAt: new Date(isDue ? 1_000_000 + i : Date.UTC(2100, 0, 1) + i),
  }));
}

async function talk(
  storage: RedisAdapter,
  session: Session,
  length: number,
): Promise<void> {
  const messages = Array.from(
    { length },
    (_, i) => newMessage(`Message ${i} of a conversation`),
  );
  const stored = await storage.addMessages(session.id, messages);
  session.lastActivityAt = (stored.at(-1) as Message).createdAt;
}

/** What an order goes by. */
export type SortBy = NonNullable<SessionFilters["sortBy"]>;

/** Returns sessions in the ascending order of a list. */
export function inOrder(
  sessions: readonly Session[],
  sortBy: SortBy = "createdAt",
): Session[] {
  return sessions.toSorted((a, b) =>
    a[sortBy].getTime() - b[sortBy].getTime() || (a.id < b.id ? -1 : 1)
  );
}

/** Shows on a terminal's error stream how many sessions are stored. */
export function showFill(count: number): (stored: number) => void {
  return (stored) => {
    if (count > USUAL_SESSIONS && stored % 10_000 === 0) {
      process.stderr.write(`${stored} of ${count} sessions stored\n`);
    }
  };
}

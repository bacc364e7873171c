/**
 * The rows about sessions.
 *
 * @module
 */

import type {
  Contender,
  FoundSession,
  SessionCalls,
} from "./contenders/contender.ts";
import { filled } from "./message_rows.ts";
import { sampleMessages } from "./messages.ts";
import type { MaybeWork, Row, Work } from "./work.ts";

/** Sessions of the user whose sessions are listed. */
const LISTED = 100;
/** Sessions of a page, and how many there are at the least. */
const PAGE = 50;
const MANY = 1000;
/** Sessions that are deleted in a round, and the messages of each. */
const DELETED = 5;
const DELETED_MESSAGES = 100;
/** Calls in a round of the others. */
const CALLS = 50;

/** The rows, in their order. */
export const sessionRows: readonly Row[] = [
  row("createSession", CALLS, ({ create, get }) => ({
    call: (i) => create(`creator ${i}`),
    async check(id) {
      const session = await get(String(id));
      return session?.metadata.title === "Travel plans";
    },
  })),
  row("getSession", CALLS, async ({ create, get }) => {
    const id = await create("getter");
    return {
      call: () => get(id),
      check: (found) => (found as FoundSession | null)?.userId === "getter",
    };
  }),
  row("updateSession", CALLS, async ({ create, get, update }) => {
    const id = await create("updater");
    return updating(
      (change) => update(id, change),
      () => get(id),
    );
  }),
  row(
    "updateSession, expectedVersion",
    CALLS,
    async ({ create, get, updateIfVersion }) => {
      if (updateIfVersion === undefined) return undefined;
      const id = await create("updater");
      let version = 1;
      return updating(
        (change) => updateIfVersion(id, change, version++),
        () => get(id),
      );
    },
  ),
  row(`listSessions(userId) of ${LISTED}`, 5, async ({ create, list }) => {
    if (list === undefined) return undefined;
    for (let i = 0; i < LISTED; i++) await create("lister");
    return {
      call: () => list("lister"),
      check: (found) =>
        distinct(found) === LISTED &&
        (found as FoundSession[]).every(({ userId }) => userId === "lister"),
    };
  }),
  row(`listSessions, ${PAGE} of many`, 5, async ({ create, page }) => {
    if (page === undefined) return undefined;
    const users = Array.from({ length: MANY }, (_, i) => `one of many ${i}`);
    await Promise.all(users.map(create));
    return {
      call: () => page(PAGE),
      check: (found) => distinct(found) === PAGE,
    };
  }),
  {
    name: `deleteSession with ${DELETED_MESSAGES} messages`,
    calls: DELETED,
    open: openDelete,
  },
];

function row(
  name: string,
  calls: number,
  open: (sessions: SessionCalls) => MaybeWork | Promise<MaybeWork>,
): Row {
  return {
    name,
    calls,
    open: async ({ sessions }) => sessions && await open(sessions),
  };
}

/** Returns work that writes another title each time, and finds the last one stored. */
function updating(
  update: (change: { title: string; tokenCount: number }) => Promise<unknown>,
  get: () => Promise<FoundSession | null>,
): Work {
  return {
    call: (i) => update({ title: `Title ${i}`, tokenCount: 100 * i }),
    check: async (_result, i) =>
      i < CALLS - 1 || (await get())?.metadata.title === `Title ${i}`,
  };
}

function openDelete(contender: Contender, seed: number): MaybeWork {
  const { deleteSession } = contender;
  if (deleteSession === undefined) return undefined;
  const messages = sampleMessages(DELETED_MESSAGES, seed);
  const sessionIds: string[] = [];
  return {
    async prepare() {
      for (let i = 0; i < DELETED; i++) {
        sessionIds[i] = await filled(contender, messages);
      }
    },
    call: (i) => deleteSession(sessionIds[i]!),
    check: async (_result, i) =>
      (await contender.getMessages(sessionIds[i]!)).length === 0,
  };
}

/** Counts different sessions. */
function distinct(found: unknown): number {
  return new Set((found as readonly FoundSession[]).map(({ id }) => id)).size;
}

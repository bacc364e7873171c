/**
 * What is measured: one row of the table for each call.
 *
 * @module
 */

import type { Contender } from "./contenders/contender.ts";
import { sampleMessages } from "./messages.ts";

/** Appends to one session in a round; each round has a session of its own. */
const APPENDS = 100;
/** Sessions of the user whose sessions are listed. */
const LISTED = 100;

/** One call, again and again. */
export interface Work {
  /** Prepares a round; what it does is not measured. */
  readonly prepare?: () => Promise<void>;
  /** Makes the call; `i` counts the calls of a round from 0. */
  readonly call: (i: number) => Promise<unknown>;
  /** Tells whether the call returned what it must. */
  readonly check?: (result: unknown) => boolean;
}

/** A row of the table. */
export interface Row {
  readonly name: string;
  /** Calls in one round. */
  readonly calls: number;
  /** Stores what the calls need; undefined where the contender cannot make them. */
  readonly open: (
    contender: Contender,
    seed: number,
  ) => Promise<Work | undefined>;
}

/** The rows of the table, in its order. */
export const rows: readonly Row[] = [
  { name: "addMessage", calls: APPENDS, open: openAppend },
  readRow(20, 20),
  readRow(100, 10),
  readRow(1000, 2),
  {
    name: "createSession",
    calls: 20,
    open: ({ sessions }) =>
      ifAble(sessions, ({ create }) => {
        return { call: (i) => create(`creator ${i}`) };
      }),
  },
  {
    name: "updateSession",
    calls: 20,
    open: ({ sessions }) =>
      ifAble(sessions, async ({ create, update }) => {
        const id = await create("updater");
        return { call: (i) => update(id, `Title ${i}`, 100 * i) };
      }),
  },
  {
    name: "getSession",
    calls: 50,
    open: ({ sessions }) =>
      ifAble(sessions, async ({ create, get }) => {
        const id = await create("getter");
        return { call: () => get(id), check: (session) => session !== null };
      }),
  },
  {
    name: `listSessions(userId) of ${LISTED}`,
    calls: 5,
    open: ({ sessions }) =>
      ifAble(sessions, async ({ create, list }) => {
        for (let i = 0; i < LISTED; i++) await create("lister");
        return {
          call: () => list("lister"),
          check: (found) => Array.isArray(found) && found.length === LISTED,
        };
      }),
  },
];

async function openAppend(contender: Contender, seed: number): Promise<Work> {
  const messages = sampleMessages(APPENDS, seed);
  let sessionId = await contender.open("writer");
  return {
    async prepare() {
      sessionId = await contender.open("writer");
    },
    // Each call of a round has a message.
    call: (i) => contender.addMessage(sessionId, messages[i]!),
  };
}

function readRow(count: number, calls: number): Row {
  return {
    name: `getMessages(${count})`,
    calls,
    async open(contender, seed) {
      const messages = sampleMessages(count, seed);
      const sessionId = await contender.open("reader");
      for (const message of messages) {
        await contender.addMessage(sessionId, message);
      }
      const read = await contender.getMessages(sessionId);
      // A contender that stamps messages by the client's clock can swap two of one millisecond.
      const lengths = (list: readonly { content: unknown }[]) =>
        list.map(({ content }) => String(content)).sort().join();
      if (lengths(read) !== lengths(messages)) {
        throw new Error(
          `Cannot measure getMessages(${count}): it returned other messages`,
        );
      }
      return {
        call: () => contender.getMessages(sessionId),
        check: (found) => Array.isArray(found) && found.length === count,
      };
    },
  };
}

async function ifAble<T, R>(
  value: T | undefined,
  use: (value: T) => R | Promise<R>,
): Promise<R | undefined> {
  return value === undefined ? undefined : await use(value);
}

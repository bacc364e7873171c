/**
 * The rows about messages.
 *
 * @module
 */

import type { Contender } from "./contenders/contender.ts";
import { type SampleMessage, sampleMessages } from "./messages.ts";
import { type Row, sameTexts, type Work } from "./work.ts";

/** Appends to one session in a round; each round has a session of its own. */
const APPENDS = 100;
const BATCH = 50;
const PAGE = 20;

/** The rows, in their order. */
export const messageRows: readonly Row[] = [
  { name: "addMessage", calls: APPENDS, open: openAppend },
  { name: `addMessages of ${BATCH}`, calls: 5, open: openBatches },
  readAll(20, 50),
  readAll(100, 20),
  readAll(1000, 3),
  readLast(1000, 10),
  readLast(100_000, 1, 3),
  {
    name: "one role of 1,000",
    calls: 2,
    async open(contender, seed) {
      const messages = sampleMessages(1000, seed);
      const sessionId = await filled(contender, messages);
      const expected = messages.filter(({ role }) => role === "user");
      return {
        call: () => contender.getByRole(sessionId, "user"),
        check: (found) => sameTexts(found, expected),
      };
    },
  },
  readAgain(20, 5),
  readAgain(1000, 2),
];

function openAppend(contender: Contender, seed: number): Work {
  const messages = sampleMessages(APPENDS, seed);
  let sessionId = "";
  return {
    async prepare() {
      sessionId = await contender.open("writer");
    },
    // Each call of a round has a message.
    call: (i) => contender.addMessage(sessionId, messages[i]!),
    check: async (_result, i) =>
      i < APPENDS - 1 ||
      sameTexts(await contender.getMessages(sessionId), messages),
  };
}

function openBatches(contender: Contender, seed: number): Work {
  const messages = sampleMessages(BATCH, seed);
  const sessionIds: string[] = [];
  return {
    async prepare() {
      for (let i = 0; i < 5; i++) {
        sessionIds[i] = await contender.open("writer");
      }
    },
    call: (i) => contender.addMessages(sessionIds[i]!, messages),
    check: async (_result, i) =>
      sameTexts(await contender.getMessages(sessionIds[i]!), messages),
  };
}

function readAll(count: number, calls: number): Row {
  return {
    name: `getMessages(${count})`,
    calls,
    async open(contender, seed) {
      const messages = sampleMessages(count, seed);
      const sessionId = await filled(contender, messages);
      return {
        call: () => contender.getMessages(sessionId),
        check: (found) => sameTexts(found, messages),
      };
    },
  };
}

function readLast(count: number, calls: number, every = 1): Row {
  return {
    name: `last ${PAGE} of ${count.toLocaleString("en")}`,
    calls,
    every,
    async open(contender, seed) {
      const messages = sampleMessages(count, seed);
      const sessionId = await filled(contender, messages);
      const expected = messages.slice(-PAGE);
      return {
        call: () => contender.getLast(sessionId, PAGE),
        check: (found) => sameTexts(found, expected),
      };
    },
  };
}

/** Reads a history that another message has come to since it was read before. */
function readAgain(count: number, calls: number): Row {
  return {
    name: `re-read of ${count.toLocaleString("en")} after one append`,
    calls,
    open(contender, seed) {
      const messages = sampleMessages(count + calls, seed);
      let sessionId: string | undefined;
      return {
        async prepare() {
          if (sessionId !== undefined) await contender.forget(sessionId);
          sessionId = await filled(contender, messages.slice(0, count));
          await contender.getMessages(sessionId);
        },
        before: (i) => contender.addMessage(sessionId!, messages[count + i]!),
        call: () => contender.getMessages(sessionId!),
        check: (found, i) => sameTexts(found, messages.slice(0, count + i + 1)),
      };
    },
  };
}

/** Stores a session with these messages, and returns its id. */
export async function filled(
  contender: Contender,
  messages: readonly SampleMessage[],
): Promise<string> {
  const sessionId = await contender.open("reader");
  await contender.fill(sessionId, messages);
  return sessionId;
}

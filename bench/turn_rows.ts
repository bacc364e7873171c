/**
 * The rows about many chats at once: a turn appends what the user says, reads
 * the history for the model, and appends the answer.
 *
 * @module
 */

import type { Contender, FoundMessage } from "./contenders/contender.ts";
import { filled } from "./message_rows.ts";
import { sampleMessages } from "./messages.ts";
import { type Row, sameTexts } from "./work.ts";

/** Sessions that chat at the same time, on one connection. */
const SESSIONS = 64;
/** Turns of each of them in a call. */
const TURNS = 2;

/** The rows, in their order. */
export const turnRows: readonly Row[] = [
  turnRow("last 20 of 20", 20, readLast, 20),
  turnRow("last 20 of 200", 200, readLast, 20),
  turnRow("all of 200", 200, (contender, id) => contender.getMessages(id)),
];

function readLast(contender: Contender, id: string) {
  return contender.getLast(id, 20);
}

function turnRow(
  what: string,
  history: number,
  read: (contender: Contender, id: string) => Promise<readonly FoundMessage[]>,
  most = Infinity,
): Row {
  return {
    name: `chat turns, ${SESSIONS} at once, ${what}`,
    calls: 1,
    turns: SESSIONS * TURNS,
    open(contender, seed) {
      const messages = sampleMessages(history + 2 * TURNS, seed);
      const sessionIds: string[] = [];
      const chat = async (id: string) => {
        const reads = [];
        for (let turn = 0; turn < TURNS; turn++) {
          const [question, answer] = messages.slice(history + 2 * turn);
          await contender.addMessage(id, question!);
          reads.push(await read(contender, id));
          await contender.addMessage(id, answer!);
        }
        return reads;
      };
      return {
        async prepare() {
          // Else the histories would grow from round to round.
          await Promise.all(sessionIds.map((id) => contender.forget(id)));
          const before = messages.slice(0, history);
          for (let i = 0; i < SESSIONS; i++) {
            sessionIds[i] = await filled(contender, before);
          }
        },
        call: () => Promise.all(sessionIds.map(chat)),
        check: (found) =>
          (found as FoundMessage[][][]).every((reads) =>
            reads.every((read, turn) => {
              const all = messages.slice(0, history + 2 * turn + 1);
              return sameTexts(read, all.slice(-Math.min(most, all.length)));
            })
          ),
      };
    },
  };
}

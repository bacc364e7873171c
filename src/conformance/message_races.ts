/**
 * What a storage adapter does when several callers write messages at once.
 *
 * @module
 */

import assert from "node:assert/strict";
import { equal, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { failures, race, RACERS, ROUNDS, successes } from "./racing.ts";
import { newMessage, newSession } from "./samples.ts";
import type { CompleteAdapter, Subject } from "./subject.ts";

const MESSAGES = 30;
const READS = 5;

/** Declares the tests of concurrent writes to messages. */
export function describeMessageRaces(group: Group): void {
  addMessage(group);
  updateMessage(group);
  atOnce(group);
}

function addMessage({ test }: Group): void {
  test(`addMessage() stores a message once for ${RACERS} racers`, async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const outcomes = await race(
      await subject.contenders(),
      (racer, number) =>
        racer.addMessage(id, newMessage({ id: "m1", content: `${number}` })),
    );
    const stored = await adapter.getMessages(id);
    assert.equal(stored.length, 1);
    equal(successes(outcomes), outcomes.map(() => stored[0]));
  });
}

function updateMessage({ test }: Group): void {
  test("updateMessage() lets writers of different fields both win", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const fields = [
      { content: "Bonjour" },
      { role: "assistant" as const },
      { tokenCount: 9 },
      { metadata: { annotations: { checked: true } } },
    ];
    const contenders = await subject.contenders();
    for (let round = 0; round < ROUNDS; round++) {
      const message = await adapter.addMessage(id, newMessage());
      await Promise.all(
        fields.map((field, index) =>
          present(contenders[index % contenders.length])
            .updateMessage(id, message.id, field)
        ),
      );
      const stored = (await adapter.getMessages(id)).at(-1);
      equal(stored, {
        ...message,
        ...Object.assign({}, ...fields),
        updatedAt: stored?.updatedAt,
      });
    }
  });
}

function atOnce({ test, capabilities }: Group): void {
  test("deleteAllMessages() removes the messages at once for every reader", async (subject) => {
    await readersSeeAllOrNone(subject, async ({ adapter }, id) => {
      await append(adapter, id);
      return () => adapter.deleteAllMessages(id);
    });
  });

  if (!capabilities.addMessages) return;
  test("addMessages() appends the messages at once for every reader", async (subject) => {
    await readersSeeAllOrNone(subject, ({ adapter }, id) => {
      const batch = Array.from({ length: MESSAGES }, () => newMessage());
      return Promise.resolve(() => adapter.addMessages(id, batch));
    });
  });
}

/** Reads while a write is under way that is prepared for each round. */
async function readersSeeAllOrNone(
  subject: Subject,
  prepare: (subject: Subject, id: string) => Promise<() => Promise<unknown>>,
): Promise<void> {
  const contenders = await subject.contenders();
  for (let round = 0; round < ROUNDS; round++) {
    const { id } = await subject.adapter.createSession(newSession());
    const write = await prepare(subject, id);
    const outcomes = await race(
      contenders,
      async (racer, number): Promise<number[]> => {
        if (number === RACERS / 2) await write();
        const counts: number[] = [];
        while (counts.length < READS) {
          counts.push((await racer.getMessages(id)).length);
        }
        return counts;
      },
    );
    equal(failures(outcomes), []);
    const seen = successes(outcomes).flat();
    equal(seen.filter((count) => count !== 0 && count !== MESSAGES), []);
  }
}

async function append(adapter: CompleteAdapter, id: string): Promise<void> {
  for (let count = 0; count < MESSAGES; count++) {
    await adapter.addMessage(id, newMessage());
  }
}

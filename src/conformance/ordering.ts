/**
 * In which order a storage adapter keeps messages: that in which the store
 * accepted them.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Message } from "../types.ts";
import { equal, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { newMessage, newSession } from "./samples.ts";
import type { CompleteAdapter } from "./subject.ts";

const MESSAGES = 60;
const APPENDERS = 6;

/** Declares the tests of order, sequence and createdAt. */
export function describeOrdering(group: Group): void {
  order(group);
  sequence(group);
  appenders(group);
}

function order({ test, capabilities }: Group): void {
  test("getMessages() returns messages in the order of their acceptance", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    // Ids that sort the other way show whether they decide within a millisecond.
    const ids = descendingIds();
    for (const messageId of ids) {
      await adapter.addMessage(id, newMessage({ id: messageId }));
    }
    const messages = await adapter.getMessages(id);
    equal(messages.map((message) => message.id), ids);
    isOrdered(messages);
  });

  test("getMessages() reverses exactly that order for desc", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    for (let count = 0; count < MESSAGES; count++) {
      await adapter.addMessage(id, newMessage());
    }
    const messages = await adapter.getMessages(id);
    const reversed = await adapter.getMessages(id, { order: "desc" });
    equal(reversed, messages.toReversed());
    const newest = await adapter.getMessages(id, { order: "desc", limit: 7 });
    equal(newest, messages.toReversed().slice(0, 7));
  });

  test("updateMessage() leaves a message where it is", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const first = await adapter.addMessage(id, newMessage());
    const second = await adapter.addMessage(id, newMessage());
    await subject.tick();
    const updated = await adapter.updateMessage(id, first.id, {
      content: "Anew",
      createdAt: new Date("2040-01-01"),
      sequence: 99,
    });
    equal(await adapter.getMessages(id), [updated, second]);
  });

  test("addMessage() leaves a message that is there where it is", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const first = await adapter.addMessage(id, newMessage());
    const second = await adapter.addMessage(id, newMessage());
    await subject.tick();
    await adapter.addMessage(id, newMessage({ id: first.id }));
    equal(await adapter.getMessages(id), [first, second]);
  });

  if (!capabilities.addMessages) return;
  test("addMessages() keeps the order of a batch", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const ids = descendingIds();
    await adapter.addMessages(
      id,
      ids.slice(0, 30).map((each) => newMessage({ id: each })),
    );
    await adapter.addMessages(
      id,
      ids.slice(30).map((each) => newMessage({ id: each })),
    );
    const messages = await adapter.getMessages(id);
    equal(messages.map((message) => message.id), ids);
    isOrdered(messages);
  });
}

function sequence({ test }: Group): void {
  test("addMessage() numbers the messages of each session from 1", async ({ adapter }) => {
    const one = await adapter.createSession(newSession());
    const two = await adapter.createSession(newSession());
    const numbers: unknown[] = [];
    for (let count = 0; count < 3; count++) {
      const first = await adapter.addMessage(one.id, newMessage());
      const second = await adapter.addMessage(two.id, newMessage());
      numbers.push([first.sequence, second.sequence]);
    }
    equal(numbers, [[1, 1], [2, 2], [3, 3]]);
  });

  test("addMessage() uses no sequence twice", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const used: number[] = [];
    const append = async () => {
      const message = await adapter.addMessage(id, newMessage());
      used.push(present(message.sequence));
      return message.id;
    };
    await append();
    const second = await append();
    const third = await append();
    await adapter.deleteMessage(id, third);
    await append();
    await adapter.deleteMessage(id, second);
    await append();
    await adapter.deleteAllMessages(id);
    await append();
    equal(used, [...new Set(used)].sort((a, b) => a - b));
  });
}

function appenders({ test, capabilities }: Group): void {
  test("addMessage() orders concurrent appenders strictly", async (subject) => {
    const { id } = await subject.adapter.createSession(newSession());
    const contenders = await subject.contenders();
    const written = await Promise.all(
      Array.from({ length: APPENDERS }, (_, appender) =>
        appendTurns(
          present(contenders[appender % contenders.length]),
          id,
          appender,
        )),
    );
    const messages = await subject.adapter.getMessages(id);
    isOrdered(messages);
    equal(sorted(messages), sorted(written.flat()));
    written.forEach((own, appender) =>
      equal(
        messages.filter(({ tokenCount }) => tokenCount === appender),
        own,
        `The messages of appender ${appender} change their order`,
      )
    );
  });

  test("addMessage() loses none of many calls under way", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const added = await Promise.all(
      Array.from(
        { length: MESSAGES },
        () => adapter.addMessage(id, newMessage()),
      ),
    );
    const messages = await adapter.getMessages(id);
    isOrdered(messages);
    equal(messages, sorted(added));
  });

  if (!capabilities.sharedStore) return;
  test("addMessage() orders messages over several adapters", async (subject) => {
    const { adapter } = subject;
    const other = await subject.another();
    const { id } = await adapter.createSession(newSession());
    const ids = descendingIds();
    for (const [index, messageId] of ids.entries()) {
      const writer = index % 2 === 0 ? adapter : other;
      await writer.addMessage(id, newMessage({ id: messageId }));
    }
    const messages = await other.getMessages(id);
    equal(messages.map((message) => message.id), ids);
    equal(await adapter.getMessages(id), messages);
    isOrdered(messages);
  });
}

/** Appends one message after the other, marked with the appender's number. */
async function appendTurns(
  adapter: CompleteAdapter,
  id: string,
  appender: number,
): Promise<Message[]> {
  const written: Message[] = [];
  for (let turn = 0; turn < MESSAGES / APPENDERS; turn++) {
    written.push(
      await adapter.addMessage(id, newMessage({ tokenCount: appender })),
    );
  }
  return written;
}

/** Fails unless sequence grows and createdAt never goes back. */
function isOrdered(messages: Message[]): void {
  assert.equal(messages.length, MESSAGES);
  messages.slice(1).forEach((message, index) => {
    const before = present(messages[index]);
    assert.ok(
      present(message.sequence) > present(before.sequence),
      `Sequence ${message.sequence} follows ${before.sequence}`,
    );
    assert.ok(
      message.createdAt >= before.createdAt,
      `createdAt goes back at sequence ${message.sequence}`,
    );
  });
}

function sorted(messages: Message[]): Message[] {
  return messages.toSorted((a, b) => present(a.sequence) - present(b.sequence));
}

function descendingIds(): string[] {
  return Array.from({ length: MESSAGES }, (_, index) => `m${999 - index}`);
}

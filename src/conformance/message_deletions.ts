/**
 * How a storage adapter deletes messages, and what is left of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { equal } from "./assertions.ts";
import { absent, type Group } from "./group.ts";
import { fullSession, newMessage, newSession } from "./samples.ts";

/** Declares the tests of deleting and counting messages. */
export function describeMessageDeletions(group: Group): void {
  deleteMessage(group);
  deleteAllMessages(group);
  if (group.capabilities.countMessages) countMessages(group);
  else absent(group, "countMessages");
}

function deleteMessage({ test }: Group): void {
  test("deleteMessage() removes the message", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const first = await adapter.addMessage(id, newMessage());
    const second = await adapter.addMessage(id, newMessage());
    const third = await adapter.addMessage(id, newMessage());
    await adapter.deleteMessage(id, second.id);
    equal(await adapter.getMessages(id), [first, third]);
  });

  test("deleteMessage() leaves a message of another session", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const other = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, newMessage());
    await adapter.deleteMessage(other.id, message.id);
    await adapter.deleteMessage("nobody", message.id);
    equal(await adapter.getMessages(id), [message]);
    const updated = await adapter.updateMessage(id, message.id, {});
    equal(await adapter.getMessages(id), [updated]);
  });

  test("deleteMessage() accepts a missing message", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, newMessage());
    await adapter.deleteMessage(id, "none");
    await adapter.deleteMessage("nobody", "none");
    equal(await adapter.getMessages(id), [message]);
    await adapter.deleteMessage(id, message.id);
    await adapter.deleteMessage(id, message.id);
    equal(await adapter.getMessages(id), []);
  });
}

function deleteAllMessages({ test }: Group): void {
  test("deleteAllMessages() removes the messages and keeps the session", async (subject) => {
    const { adapter } = subject;
    const made = await adapter.createSession(fullSession());
    await adapter.addMessage(made.id, newMessage({ id: "m1" }));
    await adapter.addMessage(made.id, newMessage({ id: "m2" }));
    const before = await adapter.getSession(made.id);
    await adapter.deleteAllMessages(made.id);
    equal(await adapter.getMessages(made.id), []);
    equal(await adapter.getSession(made.id), before);
    equal(await adapter.listSessions({ userId: "ada" }), [before]);
    await subject.fails(
      () => adapter.updateMessage(made.id, "m1", { content: "Still?" }),
      "not-found",
    );
  });

  test("deleteAllMessages() accepts that there are none", async ({ adapter }) => {
    const made = await adapter.createSession(newSession());
    await adapter.deleteAllMessages(made.id);
    await adapter.deleteAllMessages("nobody");
    equal(await adapter.listSessions(), [made]);
  });

  test("deleteAllMessages() leaves other sessions alone", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const other = await adapter.createSession(newSession());
    await adapter.addMessage(id, newMessage());
    const message = await adapter.addMessage(other.id, newMessage());
    await adapter.deleteAllMessages(id);
    equal(await adapter.getMessages(other.id), [message]);
  });
}

function countMessages({ test }: Group): void {
  test("countMessages() counts the messages of this session", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const other = await adapter.createSession(newSession());
    assert.equal(await adapter.countMessages("nobody"), 0);
    assert.equal(await adapter.countMessages(id), 0);
    const first = await adapter.addMessage(id, newMessage());
    await adapter.addMessage(id, newMessage());
    await adapter.addMessage(id, newMessage({ id: first.id }));
    await adapter.addMessage(other.id, newMessage());
    assert.equal(await adapter.countMessages(id), 2);
    await adapter.deleteMessage(id, first.id);
    assert.equal(await adapter.countMessages(id), 1);
    await adapter.deleteAllMessages(id);
    assert.equal(await adapter.countMessages(id), 0);
    assert.equal(await adapter.countMessages(other.id), 1);
  });
}

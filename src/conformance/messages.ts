/**
 * What a storage adapter does with the messages of a session.
 *
 * @module
 */

import assert from "node:assert/strict";
import { equal, later } from "./assertions.ts";
import { absent, type Group } from "./group.ts";
import { describeMessageActivity } from "./message_activity.ts";
import { describeMessageBatches } from "./message_batches.ts";
import { describeMessageDeletions } from "./message_deletions.ts";
import { describeMessageIds } from "./message_ids.ts";
import { describeMessageUpdates } from "./message_updates.ts";
import {
  fullMessage,
  invalid,
  newMessage,
  newSession,
  unset,
} from "./samples.ts";

const LONG_AGO = new Date("2001-02-03T04:05:06.789Z");

/** Declares the tests of appending, reading, updating, deleting and counting messages. */
export function describeMessages(group: Group): void {
  const { capabilities } = group;
  addMessage(group);
  describeMessageIds(group);
  describeMessageActivity(group);
  getMessages(group);
  if (capabilities.getMessage) getMessage(group);
  else absent(group, "getMessage");
  describeMessageUpdates(group);
  describeMessageDeletions(group);
  if (capabilities.addMessages) describeMessageBatches(group);
  else absent(group, "addMessages");
}

function addMessage({ test }: Group): void {
  test("addMessage() keeps every field", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, fullMessage());
    equal(message, {
      ...fullMessage(),
      id: message.id,
      sessionId: id,
      sequence: 1,
      createdAt: message.createdAt,
    });
    equal(await adapter.getMessages(id), [message]);
  });

  test("addMessage() leaves optional fields absent", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, {
      ...newMessage(),
      ...unset("id", "tokenCount", "metadata", "sequence", "updatedAt"),
    });
    equal(message, {
      ...newMessage(),
      id: message.id,
      sessionId: id,
      sequence: 1,
      createdAt: message.createdAt,
    });
    equal(await adapter.getMessages(id), [message]);
  });

  test("addMessage() sets what the store decides whatever is passed", async ({ adapter }) => {
    for (const createdAt of [LONG_AGO, invalid<Date>("yesterday")]) {
      const { id } = await adapter.createSession(newSession());
      const message = await adapter.addMessage(
        id,
        newMessage({ sessionId: "other", sequence: 99, createdAt }),
      );
      equal([message.sessionId, message.sequence], [id, 1]);
      later(message.createdAt, new Date("2020-01-01"));
      equal(await adapter.getMessages(id), [message]);
      equal(await adapter.getMessages("other"), []);
    }
  });

  test("addMessage() leaves out what the types do not name", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(
      id,
      invalid({ ...newMessage(), mood: "curious", userId: "ada" }),
    );
    equal(Object.keys(message).filter((key) => /mood|user/.test(key)), []);
    equal(await adapter.getMessages(id), [message]);
  });

  test("addMessage() refuses a missing session and writes nothing", async (subject) => {
    const { adapter } = subject;
    await subject.fails(
      () => adapter.addMessage("nobody", newMessage({ id: "m1" })),
      "not-found",
      { names: ["nobody"] },
    );
    equal(await adapter.getMessages("nobody"), []);
    equal(await adapter.listSessions(), []);
    await adapter.createSession(newSession({ id: "nobody" }));
    equal(await adapter.getMessages("nobody"), []);
    const message = await adapter.addMessage(
      "nobody",
      newMessage({ id: "m1", content: "Now" }),
    );
    equal([message.content, message.sequence], ["Now", 1]);
  });
}

function getMessages({ test }: Group): void {
  test("getMessages() returns nothing where there is no session", async ({ adapter }) => {
    equal(await adapter.getMessages("nobody"), []);
    equal(await adapter.getMessages("nobody", { roles: ["user"] }), []);
  });

  test("getMessages() returns the messages of this session only", async ({ adapter }) => {
    const one = await adapter.createSession(newSession());
    const two = await adapter.createSession(newSession());
    const first = await adapter.addMessage(one.id, newMessage());
    const second = await adapter.addMessage(two.id, newMessage());
    equal(await adapter.getMessages(one.id), [first]);
    equal(await adapter.getMessages(two.id), [second]);
  });
}

function getMessage({ test }: Group): void {
  test("getMessage() returns the message", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, fullMessage());
    equal(await adapter.getMessage(id, message.id), message);
  });

  test("getMessage() returns null for what is not in this session", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const other = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, newMessage());
    assert.equal(await adapter.getMessage(id, "none"), null);
    assert.equal(await adapter.getMessage("nobody", message.id), null);
    assert.equal(await adapter.getMessage(other.id, message.id), null);
    await adapter.deleteMessage(id, message.id);
    assert.equal(await adapter.getMessage(id, message.id), null);
  });
}

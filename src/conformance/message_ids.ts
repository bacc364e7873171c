/**
 * Which ids a storage adapter gives to messages, and which it takes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { equal, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { fullMessage, newMessage, newSession } from "./samples.ts";
import { AWKWARD_IDS, KEYLIKE_IDS, UUID } from "./sample_ids.ts";

/** Declares the tests of message ids. */
export function describeMessageIds(group: Group): void {
  idsOfOneSession(group);
  awkwardIds(group);
  if (group.capabilities.messageIdsUniqueAcrossSessions) idsPerStore(group);
  else idsPerSession(group);
}

function idsOfOneSession({ test }: Group): void {
  test("addMessage() makes a UUID where no id is given", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const first = await adapter.addMessage(id, newMessage());
    const second = await adapter.addMessage(id, newMessage());
    assert.match(first.id, UUID);
    assert.match(second.id, UUID);
    assert.notEqual(first.id, second.id);
  });

  test("addMessage() keeps the caller's id", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, newMessage({ id: "mine" }));
    assert.equal(message.id, "mine");
    equal(await adapter.getMessages(id), [message]);
  });

  test("addMessage() returns the stored message for an id that is there", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, newMessage({ id: "m1" }));
    const again = await adapter.addMessage(id, fullMessageOf("m1"));
    equal(again, message);
    equal(await adapter.getMessages(id), [message]);
    const next = await adapter.addMessage(id, fullMessageOf("m2"));
    equal(await adapter.getMessages(id), [message, next]);
  });

  test("addMessage() takes an id again after its message is deleted", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    await adapter.addMessage(id, newMessage({ id: "m1", content: "Old" }));
    await adapter.deleteMessage(id, "m1");
    await adapter.addMessage(id, newMessage({ id: "m1", content: "New" }));
    await adapter.deleteAllMessages(id);
    const last = await adapter.addMessage(
      id,
      newMessage({ id: "m1", content: "Last" }),
    );
    assert.equal(last.content, "Last");
    equal(await adapter.getMessages(id), [last]);
  });
}

function awkwardIds({ test, capabilities }: Group): void {
  test("addMessage() keeps messages of awkward ids apart", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const ids = [...AWKWARD_IDS, ...KEYLIKE_IDS];
    for (const each of ids) {
      await subject.fails(
        () => adapter.updateMessage(id, each, { content: "Who?" }),
        "not-found",
      );
      if (capabilities.getMessage) {
        assert.equal(await adapter.getMessage(id, each), null);
      }
    }
    for (const each of ids) {
      const message = newMessage({ id: each, content: "Old" });
      const added = await adapter.addMessage(id, message);
      equal([added.id, added.content], [each, "Old"]);
    }
    for (const each of ids) {
      await adapter.updateMessage(id, each, { content: `Text of ${each}` });
    }
    const messages = await adapter.getMessages(id);
    equal(messages.map((message) => message.id), ids);
    equal(
      messages.map(({ content }) => content),
      ids.map((each) => `Text of ${each}`),
    );
    while (messages.length > 0) {
      const [first] = messages;
      if (capabilities.getMessage) {
        equal(await adapter.getMessage(id, present(first).id), first);
      }
      await adapter.deleteMessage(id, present(messages.pop()).id);
      equal(await adapter.getMessages(id), messages);
    }
  });
}

function idsPerStore({ test }: Group): void {
  test("addMessage() refuses an id that another session uses", async (subject) => {
    const { adapter } = subject;
    await adapter.createSession(newSession({ id: "first" }));
    await adapter.createSession(newSession({ id: "second" }));
    await adapter.addMessage("first", newMessage({ id: "m1" }));
    await subject.changesNothing(() =>
      subject.fails(
        () => adapter.addMessage("second", newMessage({ id: "m1" })),
        "already-exists",
        { names: ["m1"] },
      )
    );
  });

  test("addMessage() takes an id that another session has freed", async ({ adapter }) => {
    await adapter.createSession(newSession({ id: "first" }));
    await adapter.createSession(newSession({ id: "second" }));
    await adapter.addMessage("first", newMessage({ id: "m1" }));
    await adapter.addMessage("first", newMessage({ id: "m2" }));
    await adapter.deleteMessage("first", "m1");
    await adapter.addMessage("second", newMessage({ id: "m1" }));
    await adapter.deleteAllMessages("first");
    await adapter.addMessage("second", newMessage({ id: "m2" }));
    const messages = await adapter.getMessages("second");
    equal(messages.map(({ id }) => id), ["m1", "m2"]);
  });
}

function idsPerSession({ test }: Group): void {
  test("addMessage() keeps the same id of two sessions apart", async ({ adapter }) => {
    await adapter.createSession(newSession({ id: "first" }));
    await adapter.createSession(newSession({ id: "second" }));
    const first = await adapter.addMessage("first", newMessage({ id: "m1" }));
    await adapter.addMessage("second", fullMessageOf("m1"));
    const second = await adapter.updateMessage("second", "m1", {
      content: "Mine",
    });
    equal(await adapter.getMessages("first"), [first]);
    equal(await adapter.getMessages("second"), [second]);
    await adapter.deleteMessage("first", "m1");
    equal(await adapter.getMessages("first"), []);
    equal(await adapter.getMessages("second"), [second]);
  });
}

function fullMessageOf(id: string): ReturnType<typeof fullMessage> {
  return { ...fullMessage(), ...{ id } };
}

/**
 * How a storage adapter merges fields into a message.
 *
 * @module
 */

import { equal, later, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import {
  fullMessage,
  invalid,
  newMessage,
  newSession,
  unset,
} from "./samples.ts";

const LONG_AGO = new Date("2001-02-03T04:05:06.789Z");

/** Declares the tests of updateMessage() by a single caller. */
export function describeMessageUpdates({ test }: Group): void {
  test("updateMessage() merges field by field", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, fullMessage());
    const updated = await adapter.updateMessage(id, message.id, {
      content: "Look there",
      tokenCount: 0,
    });
    equal(updated, {
      ...message,
      content: "Look there",
      tokenCount: 0,
      updatedAt: updated.updatedAt,
    });
    equal(await adapter.getMessages(id), [updated]);
  });

  test("updateMessage() removes fields given as undefined", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, fullMessage());
    const updated = await adapter.updateMessage(
      id,
      message.id,
      unset("tokenCount", "metadata"),
    );
    equal(Object.keys(updated).sort(), [
      "content",
      "createdAt",
      "id",
      "role",
      "sequence",
      "sessionId",
      "updatedAt",
    ]);
    equal(await adapter.getMessages(id), [updated]);
  });

  for (const name of ["role", "content"]) {
    test(`updateMessage() refuses ${name} as undefined`, async (subject) => {
      const { adapter } = subject;
      const { id } = await adapter.createSession(newSession());
      await adapter.addMessage(id, newMessage({ id: "m1" }));
      await subject.changesNothing(() =>
        subject.fails(
          () =>
            adapter.updateMessage(id, "m1", { tokenCount: 4, ...unset(name) }),
          "invalid-argument",
          { names: ["m1"] },
        )
      );
    });
  }

  test("updateMessage() sets updatedAt to now or as given", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, newMessage());
    await subject.tick();
    const now = await adapter.updateMessage(id, message.id, { tokenCount: 1 });
    later(present(now.updatedAt), message.createdAt);
    const given = await adapter.updateMessage(id, message.id, {
      updatedAt: LONG_AGO,
    });
    equal(given.updatedAt, LONG_AGO);
    equal(await adapter.getMessages(id), [given]);
  });

  test("updateMessage() ignores what the store decides", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, newMessage());
    for (
      const given of [
        { id: "m9", sessionId: "other", sequence: 99, createdAt: LONG_AGO },
        unset("id", "sessionId", "sequence", "createdAt"),
        { id: invalid<string>(42), createdAt: invalid<Date>("yesterday") },
      ]
    ) {
      const updated = await adapter.updateMessage(id, message.id, given);
      equal(updated, { ...message, updatedAt: updated.updatedAt });
      equal(await adapter.getMessages(id), [updated]);
      equal(await adapter.getMessages("other"), []);
    }
  });

  test("updateMessage() leaves out what the types do not name", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, newMessage());
    const updated = await adapter.updateMessage(
      id,
      message.id,
      invalid({ mood: "curious", role: "tool" }),
    );
    equal([updated.role, Reflect.get(updated, "mood")], ["tool", undefined]);
    equal(await adapter.getMessages(id), [updated]);
  });

  test("updateMessage() refuses a message that is not in this session", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const other = await adapter.createSession(newSession());
    await adapter.addMessage(id, newMessage({ id: "m1" }));
    for (const sessionId of [other.id, "nobody"]) {
      await subject.changesNothing(() =>
        subject.fails(
          () => adapter.updateMessage(sessionId, "m1", { content: "Mine" }),
          "not-found",
          { names: ["m1"] },
        )
      );
    }
    await subject.fails(
      () => adapter.updateMessage(id, "none", { content: "Mine" }),
      "not-found",
      { names: ["none"] },
    );
  });
}

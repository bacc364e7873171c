/**
 * How a storage adapter merges fields into a session.
 *
 * @module
 */

import assert from "node:assert/strict";
import { equal, later } from "./assertions.ts";
import type { Group } from "./group.ts";
import {
  fullMessage,
  fullSession,
  invalid,
  newSession,
  unset,
} from "./samples.ts";

const LONG_AGO = new Date("2001-02-03T04:05:06.789Z");

/** Declares the tests of updateSession() by a single caller. */
export function describeSessionUpdates({ test }: Group): void {
  test("updateSession() merges field by field", async ({ adapter }) => {
    const made = await adapter.createSession(fullSession());
    const updated = await adapter.updateSession(made.id, {
      status: "completed",
      metadata: { title: "Done" },
    });
    equal(updated, {
      ...made,
      status: "completed",
      metadata: { title: "Done" },
      version: 4,
      lastActivityAt: updated.lastActivityAt,
    });
    equal(await adapter.getSession(made.id), updated);
  });

  test("updateSession() sets fields that were absent", async ({ adapter }) => {
    const made = await adapter.createSession(newSession());
    const { version: _, ...fields } = fullSession();
    const updated = await adapter.updateSession(made.id, fields);
    equal(updated, {
      ...made,
      ...fields,
      version: 2,
      lastActivityAt: updated.lastActivityAt,
    });
    equal(await adapter.getSession(made.id), updated);
  });

  test("updateSession() removes fields given as undefined", async ({ adapter }) => {
    const { id } = await adapter.createSession(fullSession());
    const updated = await adapter.updateSession(
      id,
      unset(
        "userId",
        "activeAgentId",
        "expiresAt",
        "tokenBudget",
        "compression",
        "tokenCount",
        "messageCount",
        "compressionState",
      ),
    );
    equal(Object.keys(updated).sort(), [
      "createdAt",
      "id",
      "lastActivityAt",
      "metadata",
      "participants",
      "schemaVersion",
      "status",
      "version",
    ]);
    equal(await adapter.getSession(id), updated);
  });

  for (
    const name of [
      "status",
      "metadata",
      "participants",
      "schemaVersion",
      "lastActivityAt",
    ]
  ) {
    test(`updateSession() refuses ${name} as undefined`, async (subject) => {
      const { adapter } = subject;
      const { id } = await adapter.createSession(fullSession());
      await subject.changesNothing(() =>
        subject.fails(
          () => adapter.updateSession(id, { userId: "eve", ...unset(name) }),
          "invalid-argument",
          { names: [id] },
        )
      );
    });
  }

  test("updateSession() ignores id and createdAt", async ({ adapter }) => {
    const made = await adapter.createSession(newSession({ id: "one" }));
    const updated = await adapter.updateSession("one", {
      id: "two",
      createdAt: LONG_AGO,
      userId: "ada",
    });
    equal([updated.id, updated.createdAt, updated.userId], [
      "one",
      made.createdAt,
      "ada",
    ]);
    equal(await adapter.getSession("one"), updated);
    assert.equal(await adapter.getSession("two"), null);
  });

  test("updateSession() ignores id and createdAt of any kind", async ({ adapter }) => {
    const made = await adapter.createSession(newSession());
    for (
      const given of [
        unset("id", "createdAt"),
        { id: invalid<string>(42), createdAt: invalid<Date>("yesterday") },
      ]
    ) {
      const updated = await adapter.updateSession(made.id, given);
      equal([updated.id, updated.createdAt], [made.id, made.createdAt]);
      equal(await adapter.getSession(made.id), updated);
    }
  });

  test("updateSession() leaves out what the types do not name", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const updated = await adapter.updateSession(
      id,
      invalid({ mood: "curious", userId: "ada" }),
    );
    equal([updated.userId, Reflect.get(updated, "mood")], ["ada", undefined]);
    equal(await adapter.getSession(id), updated);
  });

  test("updateSession() moves lastActivityAt to now", async (subject) => {
    const { adapter } = subject;
    const made = await adapter.createSession(newSession());
    await subject.tick();
    const updated = await adapter.updateSession(made.id, {});
    later(updated.lastActivityAt, made.lastActivityAt);
    equal(await adapter.getSession(made.id), updated);
  });

  test("updateSession() keeps the lastActivityAt that is given", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const updated = await adapter.updateSession(id, {
      lastActivityAt: LONG_AGO,
    });
    equal(updated.lastActivityAt, LONG_AGO);
    equal(await adapter.getSession(id), updated);
  });

  test("updateSession() counts the version up by one", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    for (const version of [2, 3, 4]) {
      const updated = await adapter.updateSession(id, {});
      assert.equal(updated.version, version);
    }
    const updated = await adapter.updateSession(id, unset("version"));
    assert.equal(updated.version, 5);
    equal(await adapter.getSession(id), updated);
  });

  test("updateSession() keeps the version that is given", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const updated = await adapter.updateSession(id, { version: 10 });
    assert.equal(updated.version, 10);
    equal(await adapter.getSession(id), updated);
    const next = await adapter.updateSession(id, {});
    assert.equal(next.version, 11);
  });

  test("updateSession() leaves messages and other sessions alone", async ({ adapter }) => {
    const other = await adapter.createSession(fullSession());
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, fullMessage());
    await adapter.updateSession(id, { userId: "eve" });
    equal(await adapter.getMessages(id), [message]);
    equal(await adapter.getSession(other.id), other);
  });

  test("updateSession() refuses a missing session", async (subject) => {
    const { adapter } = subject;
    await subject.fails(
      () => adapter.updateSession("nobody", { userId: "ada" }),
      "not-found",
      { names: ["nobody"] },
    );
    assert.equal(await adapter.getSession("nobody"), null);
    equal(await adapter.listSessions(), []);
    equal(await adapter.listSessions({ userId: "ada" }), []);
  });
}

/**
 * What a storage adapter does with a single session.
 *
 * @module
 */

import assert from "node:assert/strict";
import { equal, later, present } from "./assertions.ts";
import { absent, type Group } from "./group.ts";
import {
  fullSession,
  invalid,
  newMessage,
  newSession,
  unset,
} from "./samples.ts";
import { AWKWARD_IDS, KEYLIKE_IDS, UUID } from "./sample_ids.ts";
import { describeSessionUpdates } from "./session_updates.ts";

const LONG_AGO = new Date("2001-02-03T04:05:06.789Z");

/** Declares the tests of creating, reading, updating and deleting a session. */
export function describeSessions(group: Group): void {
  createSession(group);
  getSession(group);
  describeSessionUpdates(group);
  deleteSession(group);
  if (group.capabilities.touchSession) touchSession(group);
  else absent(group, "touchSession");
}

function createSession({ test }: Group): void {
  test("createSession() makes a UUID where no id is given", async ({ adapter }) => {
    const first = await adapter.createSession(newSession());
    const second = await adapter.createSession(newSession());
    assert.match(first.id, UUID);
    assert.match(second.id, UUID);
    assert.notEqual(first.id, second.id);
  });

  test("createSession() keeps the caller's id", async ({ adapter }) => {
    const made = await adapter.createSession(newSession({ id: "mine" }));
    assert.equal(made.id, "mine");
    equal(await adapter.getSession("mine"), made);
  });

  test("createSession() keeps sessions of awkward ids apart", async (subject) => {
    const { adapter } = subject;
    const ids = [...AWKWARD_IDS];
    for (const id of KEYLIKE_IDS) {
      const call = () => adapter.createSession(newSession({ id, userId: id }));
      if (await isAccepted(call)) ids.push(id);
      else await subject.fails(call, "invalid-argument", { names: [id] });
    }
    for (const id of AWKWARD_IDS) {
      await adapter.createSession(newSession({ id, userId: id }));
    }
    for (const id of ids) {
      await adapter.addMessage(id, newMessage({ content: id }));
    }
    await adapter.deleteSession("a");
    for (const id of ids.slice(1)) {
      const session = present(await adapter.getSession(id));
      equal([session.id, session.userId], [id, id]);
      const messages = await adapter.getMessages(id);
      equal(messages.map(({ content }) => content), [id]);
      const owned = await adapter.listSessions({ userId: id });
      equal(owned.map((each) => each.id), [id]);
    }
  });

  test("createSession() keeps every field", async ({ adapter }) => {
    const made = await adapter.createSession(fullSession());
    const { id, createdAt, lastActivityAt } = made;
    equal(made, { ...fullSession(), id, createdAt, lastActivityAt });
    equal(await adapter.getSession(id), made);
  });

  test("createSession() fills in what is missing", async ({ adapter }) => {
    const made = await adapter.createSession(invalid({}));
    const { id, createdAt, lastActivityAt } = made;
    equal(made, {
      id,
      status: "active",
      metadata: {},
      participants: [],
      schemaVersion: 1,
      version: 1,
      createdAt,
      lastActivityAt,
    });
    equal(await adapter.getSession(id), made);
  });

  test("createSession() takes undefined as absent", async ({ adapter }) => {
    const made = await adapter.createSession({
      ...fullSession(),
      ...unset(...Object.keys(fullSession()), "id"),
    });
    const { id, createdAt, lastActivityAt } = made;
    equal(made, {
      ...newSession(),
      id,
      version: 1,
      createdAt,
      lastActivityAt,
    });
    equal(await adapter.getSession(id), made);
  });

  test("createSession() sets the dates whatever is passed", async ({ adapter }) => {
    for (const passed of [LONG_AGO, invalid<Date>("yesterday")]) {
      const made = await adapter.createSession(
        newSession({ createdAt: passed, lastActivityAt: passed }),
      );
      later(made.createdAt, new Date("2020-01-01"));
      later(made.lastActivityAt, new Date("2020-01-01"));
      equal(await adapter.getSession(made.id), made);
    }
  });

  test("createSession() leaves out what the types do not name", async ({ adapter }) => {
    const made = await adapter.createSession(
      invalid({ ...newSession(), mood: "curious", content: "none" }),
    );
    equal(Object.keys(made).filter((key) => /mood|content/.test(key)), []);
    equal(await adapter.getSession(made.id), made);
  });

  test("createSession() refuses an id that exists", async (subject) => {
    const { adapter } = subject;
    await adapter.createSession({ ...fullSession(), ...{ id: "taken" } });
    await adapter.addMessage("taken", newMessage());
    await subject.changesNothing(() =>
      subject.fails(
        () => adapter.createSession(newSession({ id: "taken", userId: "eve" })),
        "already-exists",
        { names: ["taken"] },
      )
    );
  });
}

function getSession({ test }: Group): void {
  test("getSession() returns null where there is no session", async ({ adapter }) => {
    assert.equal(await adapter.getSession("nobody"), null);
    await adapter.createSession(newSession({ id: "somebody" }));
    assert.equal(await adapter.getSession("nobody"), null);
  });
}

function deleteSession({ test }: Group): void {
  test("deleteSession() removes the session and its messages", async (subject) => {
    const { adapter } = subject;
    await adapter.createSession({ ...fullSession(), ...{ id: "gone" } });
    await adapter.addMessage("gone", newMessage({ id: "m1" }));
    await adapter.deleteSession("gone");
    assert.equal(await adapter.getSession("gone"), null);
    equal(await adapter.getMessages("gone"), []);
    equal(await adapter.listSessions(), []);
    equal(await adapter.listSessions({ userId: "ada" }), []);
    equal(await adapter.getExpiredSessions(new Date("2040-01-01")), []);
    await subject.fails(
      () => adapter.updateMessage("gone", "m1", { content: "Still?" }),
      "not-found",
    );
  });

  test("deleteSession() frees the id and those of its messages", async ({ adapter }) => {
    await adapter.createSession({ ...fullSession(), ...{ id: "again" } });
    await adapter.addMessage("again", newMessage({ id: "m1" }));
    await adapter.addMessage("again", newMessage({ id: "m2" }));
    await adapter.deleteSession("again");
    const made = await adapter.createSession(newSession({ id: "again" }));
    equal(await adapter.getSession("again"), made);
    equal(Object.keys(made).includes("userId"), false);
    equal(await adapter.getMessages("again"), []);
    const message = await adapter.addMessage(
      "again",
      newMessage({ id: "m2", content: "Anew" }),
    );
    equal([message.content, message.sequence], ["Anew", 1]);
    equal(await adapter.getMessages("again"), [message]);
  });

  test("deleteSession() leaves other sessions alone", async ({ adapter }) => {
    const kept = await adapter.createSession(fullSession());
    const message = await adapter.addMessage(kept.id, newMessage());
    const after = await adapter.getSession(kept.id);
    const { id } = await adapter.createSession(fullSession());
    await adapter.deleteSession(id);
    equal(await adapter.getSession(kept.id), after);
    equal(await adapter.getMessages(kept.id), [message]);
    equal(await adapter.listSessions({ userId: "ada" }), [after]);
  });

  test("deleteSession() accepts a missing session", async ({ adapter }) => {
    await adapter.deleteSession("nobody");
    await adapter.createSession(newSession({ id: "somebody" }));
    await adapter.deleteSession("somebody");
    await adapter.deleteSession("somebody");
  });
}

function touchSession({ test }: Group): void {
  test("touchSession() moves lastActivityAt and nothing else", async (subject) => {
    const { adapter } = subject;
    const made = await adapter.createSession(fullSession());
    await subject.tick();
    assert.equal(await adapter.touchSession(made.id), true);
    const touched = present(await adapter.getSession(made.id));
    later(touched.lastActivityAt, made.lastActivityAt);
    equal(touched, { ...made, lastActivityAt: touched.lastActivityAt });
  });

  test("touchSession() returns false where there is no session", async ({ adapter }) => {
    assert.equal(await adapter.touchSession("nobody"), false);
    assert.equal(await adapter.getSession("nobody"), null);
    equal(await adapter.listSessions(), []);
  });
}

async function isAccepted(call: () => Promise<unknown>): Promise<boolean> {
  const [outcome] = await Promise.allSettled([call()]);
  return outcome.status === "fulfilled";
}

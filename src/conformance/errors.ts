/**
 * How a storage adapter fails, and what it does when it is closed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { equal, present, property, rejection } from "./assertions.ts";
import { BAD_ARGUMENTS } from "./bad_arguments.ts";
import { describeBadInput } from "./bad_input.ts";
import { BAD_RECORDS } from "./bad_records.ts";
import { absent, type Group } from "./group.ts";
import type { ConformanceErrorClasses } from "./options.ts";
import { newMessage, newSession } from "./samples.ts";
import type { Subject } from "./subject.ts";

/** Declares the tests of errors, health() and close(). */
export function describeErrors(group: Group): void {
  describeBadInput(group, BAD_ARGUMENTS);
  describeBadInput(group, BAD_RECORDS);
  messages(group);
  if (group.capabilities.errorClasses) errorClasses(group);
  else group.refuses("error classes", { errors: foreignClasses });
  health(group);
  close(group);
  if (group.capabilities.asyncDispose) asyncDispose(group);
  else absent(group, Symbol.asyncDispose, "[Symbol.asyncDispose]");
}

function messages({ test }: Group): void {
  test("updateSession() says what it tried, on what, and why it failed", async ({ adapter }) => {
    const error = await rejection(() => adapter.updateSession("nobody", {}));
    const message = String(property(error, "message"));
    assert.match(message, /^Cannot .+"nobody".*: \S/);
    assert.doesNotMatch(message, /\.$/);
  });
}

function errorClasses({ testWith, capabilities }: Group): void {
  const test = testWith({ errors: foreignClasses });

  test("errors gives the class of every StorageError", async (subject) => {
    const { adapter } = subject;
    await adapter.createSession(newSession({ id: "taken" }));
    const calls = [
      () => adapter.updateSession("nobody", {}),
      () => adapter.createSession(newSession({ id: "taken" })),
      () => adapter.getSession(""),
      () => adapter.listSessions({ limit: -1 }),
    ];
    for (const call of calls) await isForeign(call, capabilities.reasons);
    await adapter.close();
    await isForeign(() => adapter.getSession("taken"), capabilities.reasons);
  });

  if (!capabilities.optimisticLocking) return;
  test("errors gives the class of ConcurrencyErrors", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const error = await rejection(() =>
      adapter.updateSession(id, {}, { expectedVersion: 5 })
    );
    assert.ok(error instanceof ForeignConcurrencyError, String(error));
    equal(error.given, [id, 5, 1]);
  });
}

function health({ test }: Group): void {
  test("health() tells that the store is healthy", async ({ adapter }) => {
    const { status, latency } = await adapter.health();
    assert.equal(status, "healthy");
    if (latency === undefined) return;
    assert.ok(Number.isFinite(latency) && latency >= 0, `It took ${latency}`);
  });

  test("health() tells that the store is closed", async ({ adapter }) => {
    await adapter.close();
    const { status, details } = await adapter.health();
    assert.equal(status, "unhealthy");
    assert.ok(present(details)["error"]);
  });
}

function close({ test, capabilities }: Group): void {
  test("close() is no error the second time", async ({ adapter }) => {
    await adapter.close();
    await adapter.close();
    await Promise.all([adapter.close(), adapter.close()]);
  });

  test("close() makes every other call fail", async (subject) => {
    const { adapter } = subject;
    await adapter.createSession(newSession({ id: "s1" }));
    await adapter.addMessage("s1", newMessage({ id: "m1" }));
    await adapter.close();
    for (const [about, call] of Object.entries(callsOf(subject))) {
      await subject.fails(call, "unavailable", { about });
    }
  });

  if (!capabilities.sharedStore) return;
  test("close() keeps what is stored", async (subject) => {
    const { adapter } = subject;
    const session = await adapter.createSession(newSession());
    await adapter.close();
    const other = await subject.another();
    equal(await other.getSession(session.id), session);
    equal(await other.listSessions(), [session]);
  });

  test("close() leaves other adapters of the store open", async (subject) => {
    const other = await subject.another();
    await subject.adapter.close();
    const session = await other.createSession(newSession());
    equal(await other.getSession(session.id), session);
    assert.equal((await other.health()).status, "healthy");
  });
}

function asyncDispose({ test }: Group): void {
  test("[Symbol.asyncDispose]() closes the adapter", async (subject) => {
    const { adapter } = subject;
    await adapter[Symbol.asyncDispose]();
    await subject.fails(() => adapter.getSession("s1"), "unavailable");
    await adapter[Symbol.asyncDispose]();
    await adapter.close();
  });
}

function callsOf(
  { adapter, capabilities }: Subject,
): Record<string, () => Promise<unknown>> {
  return {
    createSession: () => adapter.createSession(newSession()),
    getSession: () => adapter.getSession("s1"),
    updateSession: () => adapter.updateSession("s1", {}),
    deleteSession: () => adapter.deleteSession("s1"),
    listSessions: () => adapter.listSessions(),
    "listSessions of a user": () => adapter.listSessions({ userId: "ada" }),
    addMessage: () => adapter.addMessage("s1", newMessage()),
    getMessages: () => adapter.getMessages("s1"),
    updateMessage: () => adapter.updateMessage("s1", "m1", {}),
    deleteMessage: () => adapter.deleteMessage("s1", "m1"),
    deleteAllMessages: () => adapter.deleteAllMessages("s1"),
    getExpiredSessions: () => adapter.getExpiredSessions(new Date()),
    ...capabilities.getMessage &&
      { getMessage: () => adapter.getMessage("s1", "m1") },
    ...capabilities.addMessages &&
      { addMessages: () => adapter.addMessages("s1", [newMessage()]) },
    ...capabilities.countMessages &&
      { countMessages: () => adapter.countMessages("s1") },
    ...capabilities.touchSession &&
      { touchSession: () => adapter.touchSession("s1") },
    ...capabilities.iterateSessions && {
      iterateSessions: async () => {
        for await (const { id } of adapter.iterateSessions()) assert.fail(id);
      },
    },
  };
}

async function isForeign(
  call: () => Promise<unknown>,
  hasReason: boolean,
): Promise<void> {
  const error = await rejection(call);
  assert.ok(error instanceof ForeignStorageError, String(error));
  const [message, adapter] = error.given;
  equal([typeof message, typeof adapter], ["string", "string"]);
  if (hasReason) assert.equal(typeof property(error, "reason"), "string");
}

/** Stands for another package's class: the constructor's signature is all it shares. */
class ForeignStorageError extends Error {
  readonly given: unknown[];

  constructor(message: string, adapter: string, cause?: unknown) {
    super(message);
    this.given = [message, adapter, cause];
  }
}

/** Stands for another package's class: the constructor's signature is all it shares. */
class ForeignConcurrencyError extends Error {
  readonly given: unknown[];

  constructor(sessionId: string, expected: number, actual: number) {
    super("Conflict");
    this.given = [sessionId, expected, actual];
  }
}

const foreignClasses: ConformanceErrorClasses = {
  StorageError: ForeignStorageError,
  ConcurrencyError: ForeignConcurrencyError,
};

/**
 * Calls on one small session, and how they are expected to fail.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  type IStorageAdapter,
  type RedisAdapter,
  SessionError,
  StorageError,
  type StorageErrorReason,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession } from "./records.ts";

/** A call on the session "s1". */
export type Call = (storage: RedisAdapter) => Promise<unknown>;

/** Reads of the session "s1", which has the messages "m1" and "m2". */
export const READS: Readonly<Record<string, Call>> = {
  "read session": (storage) => storage.getSession("s1"),
  "read messages": (storage) => storage.getMessages("s1"),
  "read messages by roles": (storage) =>
    storage.getMessages("s1", { roles: ["user"] }),
  "read message": (storage) => storage.getMessage("s1", "m1"),
  "count messages": (storage) => storage.countMessages("s1"),
  "list sessions": (storage) => storage.listSessions({ userId: "ada" }),
  "iterate over sessions": (storage) => storage.iterateSessions().next(),
  "find expired sessions": (storage) =>
    storage.getExpiredSessions(new Date(2000)),
};

/** Writes that need memory. */
export const WRITES: Readonly<Record<string, Call>> = {
  "create a session": (storage) =>
    storage.createSession(newSession({ userId: "ada" })),
  'create session "s9"': (storage) =>
    storage.createSession(newSession({ id: "s9", expiresAt: new Date(5) })),
  'update session "s1"': (storage) =>
    storage.updateSession("s1", { userId: "bob", tokenCount: 1 }),
  'append to session "s1"': (storage) =>
    storage.addMessages("s1", [newMessage(), newMessage("", { id: "m9" })]),
  'update message "m1" of session "s1"': (storage) =>
    storage.updateMessage("s1", "m1", { content: "?" }),
  'touch session "s1"': (storage) => storage.touchSession("s1"),
};

/** Calls that only remove. */
export const DELETES: Readonly<Record<string, Call>> = {
  'delete message "m1" of session "s1"': (storage) =>
    storage.deleteMessage("s1", "m1"),
  'delete messages of session "s1"': (storage) =>
    storage.deleteAllMessages("s1"),
  'delete session "s1"': (storage) => storage.deleteSession("s1"),
};

/** All of them. */
export const ALL: Readonly<Record<string, Call>> = {
  ...READS,
  ...WRITES,
  ...DELETES,
};

/** Makes the session "s1" of the user "ada", with two messages. */
export async function fill(storage: IStorageAdapter): Promise<void> {
  const session = newSession({
    id: "s1",
    userId: "ada",
    expiresAt: new Date(1000),
  });
  await storage.createSession(session);
  await storage.addMessage("s1", newMessage("Hi", { id: "m1" }));
  await storage.addMessage("s1", newMessage("Hi", { id: "m2" }));
}

/** Fails unless the call fails for one of the reasons, as every error of the adapter does. */
export async function assertFails(
  call: () => Promise<unknown>,
  reasons: readonly StorageErrorReason[],
  about: string,
): Promise<StorageError> {
  const error = await assertRejects(call, StorageError, undefined, about);
  assert(reasons.includes(error.reason), `${about}: ${error.reason}, ${error}`);
  assertEquals(error.code, "STORAGE_ERROR");
  assertEquals(error.adapter, "redis");
  assertEquals(error.name, "StorageError");
  assert(error instanceof SessionError && error.cause instanceof Error);
  assertMatch(error.message, /^Cannot [^:]+: \S/);
  return error;
}

/**
 * What every call does while Redis does not answer.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession } from "./records.ts";

type Call = (storage: RedisAdapter) => Promise<unknown>;

/** Every call but health() and close(). */
const CALLS: Readonly<Record<string, Call>> = {
  "createSession()": (storage) => storage.createSession(newSession()),
  "getSession()": (storage) => storage.getSession("s1"),
  "updateSession()": (storage) => storage.updateSession("s1", {}),
  "deleteSession()": (storage) => storage.deleteSession("s2"),
  "listSessions()": (storage) => storage.listSessions(),
  "iterateSessions()": (storage) => storage.iterateSessions().next(),
  "addMessage()": (storage) => storage.addMessage("s1", newMessage()),
  "addMessages()": (storage) => storage.addMessages("s1", [newMessage()]),
  "getMessages()": (storage) => storage.getMessages("s1"),
  "getMessages() by roles": (storage) =>
    storage.getMessages("s1", { roles: ["user"] }),
  "getMessage()": (storage) => storage.getMessage("s1", "m1"),
  "countMessages()": (storage) => storage.countMessages("s1"),
  "updateMessage()": (storage) => storage.updateMessage("s1", "m1", {}),
  "deleteMessage()": (storage) => storage.deleteMessage("s1", "m2"),
  "deleteAllMessages()": (storage) => storage.deleteAllMessages("s2"),
  "touchSession()": (storage) => storage.touchSession("s1"),
  "getExpiredSessions()": (storage) => storage.getExpiredSessions(new Date()),
  "reindex()": (storage) => storage.reindex(),
};

/** Fails unless every call fails as one that Redis did not answer. */
export async function assertAllFail(
  storage: RedisAdapter,
  reasons: readonly string[],
): Promise<void> {
  await Promise.all(
    Object.entries(CALLS).map(async ([name, call]) => {
      const error = await assertRejects(() => call(storage), StorageError);
      assert(reasons.includes(error.reason), `${name}: ${error}`);
      assert(error.cause !== undefined);
    }),
  );
  const { status, details } = await storage.health();
  assertEquals(status, "unhealthy");
  assert(reasons.includes(String(details?.["reason"])));
  assertStringIncludes(String(details?.["error"]), "Cannot ");
}

/** Returns what a call fails with. */
export async function failure(
  call: () => Promise<unknown>,
): Promise<StorageError> {
  return await assertRejects(call, StorageError);
}

/**
 * Every call of the adapter on two small sessions, and how to make it again
 * when nobody knows what came of it.
 *
 * @module
 */

import type {
  RedisAdapter,
  RedisAdapterConfig,
  Session,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { FAULT_CONFIG } from "./fault_lane.ts";
import type { FaultStore } from "./fault_place.ts";
import { newMessage, newSession } from "./records.ts";

/** A call, and what a caller does who was told that it failed. */
export interface FaultCall {
  /** Makes the call. */
  readonly run: (storage: RedisAdapter) => Promise<unknown>;
  /** Makes it again, with the ids that the error carries: it is done once all the same. */
  readonly again?: (
    storage: RedisAdapter,
    ids: readonly string[],
  ) => Promise<unknown>;
  /** Whether its error has to carry ids. */
  readonly hasIds?: boolean;
  /** Brings about what the call is to meet. */
  readonly prepare?: (store: FaultStore) => Promise<unknown>;
  /** Options of the adapter that makes it. */
  readonly options?: Pick<RedisAdapterConfig, "refreshTtlOnRead" | "cache">;
}

const created = { userId: "cy", expiresAt: new Date(3000) };
const append = (storage: RedisAdapter, id?: string) =>
  storage.addMessage("s1", newMessage("three", id === undefined ? {} : { id }));
const appendAll = (storage: RedisAdapter, ids: readonly string[] = []) =>
  storage.addMessages(
    "s1",
    ["three", "four", "five"].map((text, i) =>
      newMessage(text, ids[i] === undefined ? {} : { id: ids[i] })
    ),
  );

/** So long that two of them are not appended by one script. */
const LONG = "x".repeat(260_000);
const appendParts = (storage: RedisAdapter, ids: readonly string[] = []) =>
  storage.addMessages(
    "s1",
    ["three", "four"].map((text, i) =>
      newMessage(text + LONG, ids[i] === undefined ? {} : { id: ids[i] })
    ),
  );

const options = { refreshTtlOnRead: true };

/** Reads; those that start the TTL again write, too. */
export const FAULT_READS: Readonly<Record<string, FaultCall>> = {
  "getSession()": { run: (storage) => storage.getSession("s1") },
  "getSession() that refreshes": {
    ...{ options, run: (storage) => storage.getSession("s1") },
  },
  "getMessages() that refreshes": {
    ...{ options, run: (storage) => storage.getMessages("s1") },
  },
  "listSessions()": { run: (storage) => storage.listSessions() },
  "listSessions() of a user": {
    run: (storage) => storage.listSessions({ userId: "ada" }),
  },
  "iterateSessions()": {
    run: async (storage) => {
      const visited: Session[] = [];
      for await (const each of storage.iterateSessions()) visited.push(each);
      return visited;
    },
  },
  "getMessages()": { run: (storage) => storage.getMessages("s1") },
  "getMessages() twice, with a cache": {
    options: { cache: { maxMessages: 100 } },
    run: async (storage) => [
      await storage.getMessages("s1"),
      await storage.getMessages("s1"),
    ],
  },
  "getMessages() by roles": {
    run: (storage) => storage.getMessages("s1", { roles: ["user"] }),
  },
  "getMessage()": { run: (storage) => storage.getMessage("s1", "m1") },
  "countMessages()": { run: (storage) => storage.countMessages("s1") },
  "getExpiredSessions()": {
    run: (storage) => storage.getExpiredSessions(new Date(5000)),
  },
  "reindex()": { run: (storage) => storage.reindex() },
};

/** Writes. */
export const FAULT_WRITES: Readonly<Record<string, FaultCall>> = {
  "createSession()": {
    run: (storage) => storage.createSession(newSession(created)),
    again: (storage, [id]) => createAgain(storage, id!),
    hasIds: true,
  },
  "createSession() with an id": {
    run: (storage) =>
      storage.createSession(newSession({ ...created, id: "x" })),
    again: (storage, [id]) => createAgain(storage, id!),
    hasIds: true,
  },
  "updateSession()": {
    run: (storage) =>
      storage.updateSession("s1", {
        userId: "bob",
        expiresAt: new Date(2000),
        metadata: { title: "New" },
      }),
  },
  "deleteSession()": same((storage) => storage.deleteSession("s1")),
  "addMessage()": {
    run: (storage) => append(storage),
    again: (storage, [id]) => append(storage, id),
    hasIds: true,
  },
  "addMessages()": {
    run: (storage) => appendAll(storage),
    again: appendAll,
    hasIds: true,
  },
  "updateMessage()": same((storage) =>
    storage.updateMessage("s1", "m1", { content: "One", tokenCount: 1 })
  ),
  "deleteMessage()": same((storage) => storage.deleteMessage("s1", "m1")),
  "deleteAllMessages()": same((storage) => storage.deleteAllMessages("s1")),
  "touchSession()": same((storage) => storage.touchSession("s1")),
};

/** Appends in parts; they leave some of it where nothing can be sent any more. */
export const FAULT_PARTS: Readonly<Record<string, FaultCall>> = {
  "addMessages() in parts": {
    run: (storage) => appendParts(storage),
    again: appendParts,
    hasIds: true,
  },
};

/** Calls that meet wrong hints in the indexes of a cluster, and take them away. */
export const FAULT_CLEANERS: Readonly<Record<string, FaultCall>> =
  withWrongHints({
    "listSessions() that cleans up": (storage) => storage.listSessions(),
    "listSessions() by activity that cleans up": async (storage) =>
      // It is chance which session was made first.
      (await storage.listSessions({ sortBy: "lastActivityAt" }))
        .sort((a, b) => a.id < b.id ? -1 : 1),
    "listSessions() of a user that cleans up": (storage) =>
      storage.listSessions({ userId: "cy" }),
    "getExpiredSessions() that cleans up": (storage) =>
      storage.getExpiredSessions(new Date(5000)),
    "reindex() that cleans up": (storage) => storage.reindex(),
  }, {
    "createSession() that cleans up": FAULT_WRITES["createSession()"]!,
    "createSession() with an id that has hints":
      FAULT_WRITES["createSession() with an id"]!,
    "updateSession() with wrong hints": FAULT_WRITES["updateSession()"]!,
  });

/** Makes the sessions that the calls are about. */
export async function fillForFaults(storage: RedisAdapter): Promise<void> {
  const expiresAt = new Date(1000);
  await Promise.all([
    storage.createSession(newSession({ id: "s1", userId: "ada", expiresAt })),
    storage.createSession(newSession({ id: "s2", userId: "bob" })),
  ]);
  await Promise.all([
    storage.addMessages("s1", [
      newMessage("one", { id: "m1" }),
      newMessage("two", { id: "m2", role: "assistant" }),
    ]),
    storage.addMessage("s2", newMessage("one", { id: "n1" })),
  ]);
}

function withWrongHints(
  reads: Readonly<Record<string, FaultCall["run"]>>,
  writes: Readonly<Record<string, FaultCall>>,
): Record<string, FaultCall> {
  const calls = Object.entries(reads)
    .map(([name, run]): [string, FaultCall] => [name, { run }]);
  return Object.fromEntries(
    [...calls, ...Object.entries(writes)]
      .map(([name, call]) => [name, { ...call, prepare: leaveWrongHints }]),
  );
}

/** Leaves what crashes can leave: hints of sessions that are gone, or are elsewhere by now. */
async function leaveWrongHints({ redis, prefix }: FaultStore): Promise<void> {
  const theirs = `${prefix}user:cy:sessions`;
  const hint = (index: string, value: string) =>
    redis.zAdd(`${prefix}sessions:${index}`, { value, score: 1 });
  await Promise.all([
    ...["by-created", "by-activity", "by-expiry"].flatMap((index) => [
      hint(index, "gone"),
      hint(index, "x"),
    ]),
    hint("by-activity", "s1"),
    hint("by-expiry", "s1"),
    hint("by-expiry", "s2"),
    ...["4:gonecy", "2:s1cy", "2:s1ada"].map((member) =>
      hint("by-deadline", member)
    ),
    ...["gone", "s1"].map((id) => redis.sAdd(theirs, id)),
  ]);
  await redis.expire(theirs, FAULT_CONFIG.ttlSeconds);
}

function same(run: FaultCall["run"]): FaultCall {
  return { run, again: run };
}

/** Nobody else takes the id: one that exists was created by the first call. */
function createAgain(storage: RedisAdapter, id: string): Promise<unknown> {
  return storage.createSession(newSession({ ...created, id })).catch(
    (error: StorageError) => {
      if (error.reason !== "already-exists") throw error;
    },
  );
}

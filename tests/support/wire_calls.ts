/**
 * Every method of an adapter, called where each call and each reply has the
 * same length every time: ids, moments and contents have fixed lengths, and
 * what the adapter makes up has them, too.
 *
 * @module
 */

import {
  ConcurrencyError,
  type MessageQueryOptions,
  type NewMessage,
  type RedisAdapter,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession, unset } from "./records.ts";
import type { TestStoreOptions } from "./test_bed.ts";

/** A call of a method, and what comes before it. */
export interface WireCall {
  /** Options of the adapter. */
  readonly options?: Pick<TestStoreOptions, "cache" | "refreshTtlOnRead">;
  /** Whether the server is to refuse SORT_RO, as it does before Redis 7.0. */
  readonly refusesSort?: boolean;
  /** Makes what the call finds there. */
  readonly prepare?: (storage: RedisAdapter) => Promise<unknown>;
  /** Makes the call. */
  readonly call: (storage: RedisAdapter) => Promise<unknown>;
}

/** As long as the ids that the adapter makes, and in their order. */
const idOf = (n: number) =>
  `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
/** The session that calls are about. */
const ID = idOf(0);

const PAST = new Date(1_600_000_000_000);
const FUTURE = new Date(9_000_000_000_000);

/** Messages with ids; each third one is a tool's. */
const messages = (count: number, first = 1): NewMessage[] =>
  Array.from({ length: count }, (_, i) =>
    newMessage("Hello, Ada!", {
      id: idOf(first + i),
      role: i % 3 === 2 ? "tool" : "user",
    }));

/** Makes the session, with so many messages. */
const withMessages = (count: number) => async (storage: RedisAdapter) => {
  const session = newSession({
    id: ID,
    userId: "ada",
    metadata: { tags: ["a", "b"] },
    expiresAt: PAST,
  });
  await storage.createSession(session);
  if (count > 0) await storage.addMessages(ID, messages(count));
};

/** Makes so many sessions of a user. */
const withSessions = (count: number) => async (storage: RedisAdapter) => {
  for (let i = 0; i < count; i++) {
    await storage.createSession(newSession({ id: idOf(i), userId: "ada" }));
  }
};

const reading =
  (options?: MessageQueryOptions, id = ID): WireCall["call"] => (storage) =>
    storage.getMessages(id, options);

const cached = { cache: { maxMessages: 100 } };
const sliding = { refreshTtlOnRead: true };

/** Returns what the call of a name is called where SORT_RO is refused. */
export function withoutSort(name: string): string {
  return `${name}, no SORT_RO`;
}

/** Reads that are another command where SORT_RO is refused. */
const SORTED_READS: Readonly<Record<string, WireCall>> = {
  "getMessages() of no session": { call: reading() },
  "getMessages() of 0": { prepare: withMessages(0), call: reading() },
  "getMessages() of 1": { prepare: withMessages(1), call: reading() },
  "getMessages() of 20": { prepare: withMessages(20), call: reading() },
  "getMessages() of the last 20 of 100": {
    prepare: withMessages(100),
    call: reading({ order: "desc", limit: 20 }),
  },
};

/** The calls by the names that they have in the table. */
export const WIRE_CALLS: Readonly<Record<string, WireCall>> = {
  "createSession()": {
    call: (storage) => storage.createSession(newSession()),
  },
  "createSession() with user, tags, deadline": {
    call: (storage) =>
      storage.createSession(newSession({
        userId: "ada",
        metadata: { tags: ["a", "b"] },
        expiresAt: PAST,
      })),
  },
  "getSession()": {
    prepare: withMessages(2),
    call: (storage) => storage.getSession(ID),
  },
  "getSession() of none": {
    call: (storage) => storage.getSession(ID),
  },
  "getSession() with refreshTtlOnRead": {
    options: sliding,
    prepare: withMessages(2),
    call: (storage) => storage.getSession(ID),
  },
  "updateSession()": {
    prepare: withMessages(2),
    call: (storage) => storage.updateSession(ID, { tokenCount: 1 }),
  },
  "updateSession() of user, tags, deadline": {
    prepare: withMessages(2),
    call: (storage) =>
      storage.updateSession(ID, {
        userId: "bob",
        metadata: { tags: ["x"] },
        expiresAt: FUTURE,
        ...unset("tokenCount"),
      }),
  },
  "updateSession() with expectedVersion": {
    prepare: withMessages(2),
    call: (storage) =>
      storage.updateSession(ID, { tokenCount: 1 }, { expectedVersion: 1 }),
  },
  "updateSession() of another version": {
    prepare: withMessages(2),
    call: async (storage) => {
      const update = storage.updateSession(ID, {}, { expectedVersion: 2 });
      const error = await update.catch((error) => error);
      if (!(error instanceof ConcurrencyError)) throw error;
    },
  },
  "deleteSession()": {
    prepare: withMessages(2),
    call: (storage) => storage.deleteSession(ID),
  },
  "touchSession()": {
    prepare: withMessages(2),
    call: (storage) => storage.touchSession(ID),
  },
  "listSessions() of a user's 1": {
    prepare: withSessions(1),
    call: (storage) => storage.listSessions({ userId: "ada" }),
  },
  "listSessions() of a user's 10": {
    prepare: withSessions(10),
    call: (storage) => storage.listSessions({ userId: "ada" }),
  },
  "listSessions() of all 10": {
    prepare: withSessions(10),
    call: (storage) => storage.listSessions(),
  },
  "listSessions() by user and tags": {
    prepare: withMessages(2),
    call: (storage) =>
      storage.listSessions({ userId: "ada", tags: ["a"], limit: 3 }),
  },
  "iterateSessions() over 250": {
    prepare: withSessions(250),
    call: async (storage) => {
      for await (
        const _ of storage.iterateSessions()
      ) { /* Only the reading counts. */ }
    },
  },
  "getExpiredSessions() of none": {
    call: (storage) => storage.getExpiredSessions(FUTURE),
  },
  "getExpiredSessions() of 1": {
    prepare: withMessages(2),
    call: (storage) => storage.getExpiredSessions(FUTURE),
  },
  "reindex() of 1": {
    // Without a user: whether a user's set is given more time depends on whether
    // a millisecond passes within the script.
    prepare: (storage) => storage.createSession(newSession({ id: ID })),
    call: (storage) => storage.reindex(),
  },
  "addMessage()": {
    prepare: withMessages(2),
    call: (storage) => storage.addMessage(ID, newMessage("Hello, Ada!")),
  },
  "addMessage() of an id that is there": {
    prepare: withMessages(2),
    call: (storage) => storage.addMessage(ID, messages(1)[0]!),
  },
  "addMessages() of 10": {
    prepare: withMessages(2),
    call: (storage) => storage.addMessages(ID, messages(10, 3)),
  },
  "addMessages() of 300": {
    prepare: withMessages(2),
    call: (storage) => storage.addMessages(ID, messages(300, 3)),
  },
  ...SORTED_READS,
  ...Object.fromEntries(
    Object.entries(SORTED_READS).map(([name, read]) =>
      [withoutSort(name), { ...read, refusesSort: true }] as const
    ),
  ),
  "getMessages() of the page before": {
    prepare: withMessages(100),
    call: reading({ order: "desc", limit: 20, offset: 20 }),
  },
  "getMessages() by role, 20 of 60": {
    prepare: withMessages(60),
    call: reading({ roles: ["tool"] }),
  },
  "getMessages() by date, 20 of 20": {
    prepare: withMessages(20),
    call: reading({ after: PAST }),
  },
  "getMessages() with refreshTtlOnRead, 20": {
    options: sliding,
    prepare: withMessages(20),
    call: reading(),
  },
  "getMessages() with cache, 20, first": {
    options: cached,
    prepare: withMessages(20),
    call: reading(),
  },
  "getMessages() with cache, 20, again": {
    options: cached,
    prepare: async (storage) => {
      await withMessages(20)(storage);
      await storage.getMessages(ID);
    },
    call: reading(),
  },
  "getMessages() with cache, 20, 1 is new": {
    options: cached,
    prepare: async (storage) => {
      await withMessages(19)(storage);
      await storage.getMessages(ID);
      await storage.addMessages(ID, messages(1, 20));
    },
    call: reading(),
  },
  "getMessage()": {
    prepare: withMessages(2),
    call: (storage) => storage.getMessage(ID, idOf(1)),
  },
  "getMessage() of none": {
    prepare: withMessages(0),
    call: (storage) => storage.getMessage(ID, idOf(1)),
  },
  "countMessages()": {
    prepare: withMessages(2),
    call: (storage) => storage.countMessages(ID),
  },
  "updateMessage()": {
    prepare: withMessages(2),
    call: (storage) =>
      storage.updateMessage(ID, idOf(1), { content: "Hi", metadata: {} }),
  },
  "deleteMessage()": {
    prepare: withMessages(2),
    call: (storage) => storage.deleteMessage(ID, idOf(1)),
  },
  "deleteAllMessages() of 20": {
    prepare: withMessages(20),
    call: (storage) => storage.deleteAllMessages(ID),
  },
  "health()": { call: (storage) => storage.health() },
  "close() that leaves the client open": {
    call: (storage) => storage.close(),
  },
};

/**
 * What can be wrong with what an adapter has stored, and who has to say so.
 *
 * @module
 */

import type { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import type { PlacedStore } from "./places.ts";
import { newMessage, newSession } from "./records.ts";

/** What calls depend on. */
export type Dependency =
  | "session"
  | "order"
  | "message"
  | "by-created"
  | "by-activity"
  | "by-expiry"
  | "by-deadline"
  | "user";

/** A read of what {@linkcode fillForBreaking} has stored. */
export interface DependentRead {
  readonly run: (storage: RedisAdapter) => Promise<unknown>;
  /** What it cannot answer without. */
  readonly needs: readonly Dependency[];
  /** Whether it leaves out a corrupt record where somebody is told of that. */
  readonly isLenient?: boolean;
  /** Whether its adapter starts the TTL again at each read. */
  readonly refreshes?: boolean;
}

const lists = { isLenient: true, needs: ["by-created", "session"] } as const;
const histories = { isLenient: true, needs: ["order", "message"] } as const;

async function visit(
  storage: RedisAdapter,
  filters: Parameters<RedisAdapter["iterateSessions"]>[0] = {},
): Promise<unknown[]> {
  const visited: unknown[] = [];
  for await (const session of storage.iterateSessions(filters)) {
    visited.push(session);
  }
  return visited;
}

/** All that reads. */
export const DEPENDENT_READS: Readonly<Record<string, DependentRead>> = {
  "getSession()": {
    ...{ needs: ["session"], run: (storage) => storage.getSession("s1") },
  },
  "getSession() that refreshes": {
    ...{ needs: ["session"], run: (storage) => storage.getSession("s1") },
    refreshes: true,
  },
  "listSessions()": { ...lists, run: (storage) => storage.listSessions() },
  "listSessions() from the end": {
    ...{ ...lists, run: (storage) => storage.listSessions({ order: "desc" }) },
  },
  "listSessions() by status": {
    ...lists,
    run: (storage) => storage.listSessions({ status: "active" }),
  },
  "listSessions() by tags": {
    ...{ ...lists, run: (storage) => storage.listSessions({ tags: ["a"] }) },
  },
  "listSessions() by agent": {
    ...lists,
    run: (storage) => storage.listSessions({ activeAgentId: "agent" }),
  },
  "listSessions() by date": {
    ...lists,
    run: (storage) =>
      storage.listSessions({
        createdAfter: new Date(0),
        createdBefore: new Date(8e15),
      }),
  },
  "listSessions() by activity": {
    ...{ isLenient: true, needs: ["by-activity", "session"] },
    run: (storage) => storage.listSessions({ sortBy: "lastActivityAt" }),
  },
  "listSessions() of a user": {
    ...{ isLenient: true, needs: ["user", "session"] },
    run: (storage) => storage.listSessions({ userId: "ada" }),
  },
  "listSessions() of a user by activity": {
    ...{ isLenient: true, needs: ["user", "session"] },
    run: (storage) =>
      storage.listSessions({ userId: "ada", sortBy: "lastActivityAt" }),
  },
  "iterateSessions()": { ...lists, run: (storage) => visit(storage) },
  "iterateSessions() of a user": {
    ...{ isLenient: true, needs: ["user", "session"] },
    run: (storage) => visit(storage, { userId: "ada" }),
  },
  "getExpiredSessions()": {
    // It names a broken session too, so that a clean-up reaches it.
    needs: ["by-expiry"],
    run: (storage) => storage.getExpiredSessions(new Date(5000)),
  },
  "getMessages()": {
    ...{ ...histories, run: (storage) => storage.getMessages("s1") },
  },
  "getMessages() from the end": {
    ...histories,
    run: (storage) => storage.getMessages("s1", { order: "desc" }),
  },
  "getMessages() of a page": {
    ...histories,
    run: (storage) => storage.getMessages("s1", { offset: 0, limit: 2 }),
  },
  "getMessages() by roles": {
    ...histories,
    run: (storage) => storage.getMessages("s1", { roles: ["user"] }),
  },
  "getMessages() after a date": {
    ...histories,
    run: (storage) => storage.getMessages("s1", { after: new Date(0) }),
  },
  "getMessages() before a date": {
    ...histories,
    run: (storage) => storage.getMessages("s1", { before: new Date(8e15) }),
  },
  "getMessages() that refreshes": {
    ...{ ...histories, run: (storage) => storage.getMessages("s1") },
    refreshes: true,
  },
  "getMessage()": {
    needs: ["order", "message"],
    run: (storage) => storage.getMessage("s1", "m1"),
  },
  "countMessages()": {
    // By the order alone: a broken message counts until it is removed.
    needs: ["order"],
    run: (storage) => storage.countMessages("s1"),
  },
};

/** A write to what {@linkcode fillForBreaking} has stored. */
export interface DependentWrite {
  readonly run: (storage: RedisAdapter) => Promise<unknown>;
  /** What it cannot write to where that has another type. */
  readonly needs: readonly Dependency[];
  /** Whether what it was asked for is stored, by a look at the keys themselves. */
  readonly isDone: (store: PlacedStore) => Promise<boolean>;
}

/** All that writes. */
export const DEPENDENT_WRITES: Readonly<Record<string, DependentWrite>> = {
  "createSession()": {
    needs: ["user"],
    run: (storage) =>
      storage.createSession(
        newSession({ id: "s3", userId: "ada", expiresAt: new Date(9) }),
      ),
    isDone: async (store) =>
      (await hashOf(store, sessionKey(store, "s3")))["userId"] === "ada",
  },
  "updateSession()": {
    needs: ["session"],
    run: (storage) => storage.updateSession("s1", { tokenCount: 7 }),
    isDone: async (store) =>
      (await hashOf(store, sessionKey(store)))["tokenCount"] === "7",
  },
  "updateSession() of the user": {
    needs: ["session"],
    run: (storage) => storage.updateSession("s1", { userId: "bob" }),
    isDone: async (store) =>
      (await hashOf(store, sessionKey(store)))["userId"] === "bob",
  },
  "touchSession()": {
    needs: ["session"],
    run: async (storage) => {
      const isThere = await storage.touchSession("s1");
      if (!isThere) throw new Error("touchSession() finds no session");
    },
    isDone: async (store) => {
      const hash = await hashOf(store, sessionKey(store));
      return Number(hash["lastActivityAt"]) > 0;
    },
  },
  "addMessage()": {
    needs: ["session", "order"],
    run: (storage) => storage.addMessage("s1", newMessage("3", { id: "m3" })),
    isDone: async (store) =>
      await contentOf(store, messageKey(store, "m3")) === "3" &&
      (await orderOf(store)).includes("m3"),
  },
  "addMessages() of one that is there": {
    needs: ["session", "order", "message"],
    run: (storage) =>
      storage.addMessages("s1", [
        newMessage("Hi", { id: "m1" }),
        newMessage("4", { id: "m4" }),
      ]),
    isDone: async (store) =>
      await contentOf(store, messageKey(store, "m4")) === "4" &&
      (await orderOf(store)).includes("m4"),
  },
  "updateMessage()": {
    needs: ["session", "order", "message"],
    run: (storage) => storage.updateMessage("s1", "m1", { content: "new" }),
    isDone: async (store) =>
      await contentOf(store, messageKey(store)) === "new",
  },
  "deleteMessage()": {
    needs: [],
    run: (storage) => storage.deleteMessage("s1", "m1"),
    isDone: (store) => isGone(store, messageKey(store)),
  },
  "deleteAllMessages()": {
    needs: [],
    run: (storage) => storage.deleteAllMessages("s1"),
    isDone: (store) => isGone(store, orderKey(store)),
  },
  "deleteSession()": {
    needs: [],
    run: (storage) => storage.deleteSession("s1"),
    isDone: async (store) =>
      await isGone(store, sessionKey(store)) &&
      await isGone(store, orderKey(store)),
  },
};

async function isGone(store: PlacedStore, key: string): Promise<boolean> {
  return !(await store.keys()).includes(key);
}

function hashOf(
  { redis, prefix }: PlacedStore,
  key: string,
): Promise<Record<string, string>> {
  return redis.hGetAll(prefix + key);
}

async function contentOf(store: PlacedStore, key: string): Promise<string> {
  return (await hashOf(store, key))["message"]!.replace(/^.*\n/, "");
}

async function orderOf(store: PlacedStore): Promise<string[]> {
  const { redis, prefix } = store;
  const entries = await redis.zRangeWithScores(prefix + orderKey(store), 0, -1);
  return entries.map(({ value }) => value);
}

/** One thing that is wrong. */
export interface Breakage {
  readonly what: Dependency;
  /** The key that is broken, without its prefix. */
  readonly key: (store: PlacedStore) => string;
  /** What becomes of a hash; undefined: the key gets another type. */
  readonly fields?: (
    hash: Readonly<Record<string, string>>,
  ) => Record<string, string>;
}

function sessionKey({ isTagged }: PlacedStore, id = "s1"): string {
  return isTagged ? `session:{${id}}` : `session:${id}`;
}

function orderKey(store: PlacedStore): string {
  return `${sessionKey(store)}:messages`;
}

function messageKey({ isTagged }: PlacedStore, id = "m1"): string {
  return isTagged ? `message:{s1}:${id}` : `message:${id}`;
}

function without(
  hash: Readonly<Record<string, string>>,
  name: string,
): Record<string, string> {
  const { [name]: _, ...others } = hash;
  return others;
}

/** All that can be wrong. */
export const BREAKAGES: Readonly<Record<string, Breakage>> = {
  "a session of another type": { what: "session", key: sessionKey },
  "a session without its status": {
    ...{ what: "session", key: sessionKey },
    fields: (hash) => without(hash, "status"),
  },
  "a session whose metadata are no JSON": {
    ...{ what: "session", key: sessionKey },
    fields: (hash) => ({ ...hash, metadata: "{" }),
  },
  "a session whose date is none": {
    ...{ what: "session", key: sessionKey },
    fields: (hash) => ({ ...hash, createdAt: "yesterday" }),
  },
  "a session of a foreign format": {
    ...{ what: "session", key: sessionKey },
    fields: () => ({ color: "red" }),
  },
  "an order of messages of another type": { what: "order", key: orderKey },
  "a message of another type": { what: "message", key: messageKey },
  "a message without its content": {
    ...{ what: "message", key: messageKey },
    fields: ({ message }) => ({ message: message!.replace(/\n[^]*/, "") }),
  },
  "a message without its record": {
    ...{ what: "message", key: messageKey },
    fields: (hash) => ({ ...without(hash, "message"), color: "red" }),
  },
  "a message whose content is no JSON": {
    ...{ what: "message", key: messageKey },
    fields: ({ message }) => ({ message: message!.replace(/\n[^]*/, "\n[") }),
  },
  "a message whose attributes are no JSON": {
    ...{ what: "message", key: messageKey },
    fields: ({ message }) => ({ message: message!.replace(/^[^\n]*/, "{") }),
  },
  "a message whose date is none": {
    ...{ what: "message", key: messageKey },
    fields: ({ message }) => ({
      message: message!.replace(/,\d+,/, ',"yesterday",'),
    }),
  },
  "a message of a foreign format": {
    ...{ what: "message", key: messageKey },
    fields: () => ({ color: "red" }),
  },
  "an index by creation of another type": {
    ...{ what: "by-created", key: () => "sessions:by-created" },
  },
  "an index by activity of another type": {
    ...{ what: "by-activity", key: () => "sessions:by-activity" },
  },
  "an index by expiry of another type": {
    ...{ what: "by-expiry", key: () => "sessions:by-expiry" },
  },
  "an index by deadline of another type": {
    ...{ what: "by-deadline", key: () => "sessions:by-deadline" },
  },
  "a user's set of another type": {
    ...{ what: "user", key: () => "user:ada:sessions" },
  },
};

/** Breaks something; returns its key. */
export async function breakRecord(
  store: PlacedStore,
  { key, fields }: Breakage,
): Promise<string> {
  const name = store.prefix + key(store);
  const hash = fields === undefined ? {} : await store.redis.hGetAll(name);
  await store.redis.unlink(name);
  if (fields === undefined) await store.redis.set(name, "text");
  else await store.redis.hSet(name, fields({ ...hash }));
  return name;
}

/** Makes two sessions of "ada", of which "s1" has the messages "m1" and "m2". */
export async function fillForBreaking(storage: RedisAdapter): Promise<void> {
  for (const id of ["s1", "s2"]) {
    await storage.createSession(newSession({
      ...{ id, userId: "ada", activeAgentId: "agent" },
      ...{ expiresAt: new Date(1000), metadata: { tags: ["a"] } },
    }));
  }
  const content = [{ type: "text" as const, text: "Hi" }];
  await storage.addMessage("s1", newMessage(content, { id: "m1" }));
  await storage.addMessage("s1", newMessage("Hi", { id: "m2" }));
}

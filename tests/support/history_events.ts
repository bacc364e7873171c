/**
 * What can happen to a history between two reads of it.
 *
 * @module
 */

import type {
  NewMessage,
  RedisAdapter,
} from "@reaatech/session-continuity-storage-redis";
import { passTime } from "./passing_time.ts";
import { newMessage, newSession } from "./records.ts";
import { keysOf, type TestClient } from "./test_bed.ts";

/** How many messages the session has. */
export const COUNT = 6;

/** A session that one adapter reads with a cache. */
export interface CachedSession {
  /** Reads the session's history by the adapter that has the cache. */
  readonly read: () => Promise<unknown>;
  /** What others do: an adapter without a cache. */
  readonly other: RedisAdapter;
  readonly redis: TestClient;
  readonly prefix: string;
}

/** A message of which nothing is a plain text. */
export const tool: NewMessage = {
  role: "tool",
  content: [{ type: "text", text: "found" }],
  metadata: { toolResults: [{ toolCallId: "1", result: "2" }] },
};

/** What can happen between two reads, and how many messages the second one then fetches. */
export const HISTORY_EVENTS: Record<
  string,
  readonly [fetched: number, event: (store: CachedSession) => Promise<unknown>]
> = {
  "nothing": [0, () => Promise.resolve()],
  "a session that is touched": [0, ({ other }) => other.touchSession("s")],
  "a session that is updated": [
    0,
    ({ other }) => other.updateSession("s", { tokenCount: 7 }),
  ],
  "a message of another session": [0, async ({ other }) => {
    await other.createSession(newSession({ id: "t" }));
    await other.addMessage("t", newMessage());
  }],
  "an append": [1, ({ other }) => other.addMessage("s", newMessage("new"))],
  "three appends": [
    3,
    ({ other }) => other.addMessages("s", [newMessage(), tool, newMessage()]),
  ],
  "a repeated append": [
    0,
    ({ other }) => other.addMessage("s", newMessage("0", { id: "m0" })),
  ],
  "an edit": [
    COUNT,
    ({ other }) => other.updateMessage("s", "m0", { content: "other" }),
  ],
  "an edit and an append": [COUNT + 1, async ({ other }) => {
    await other.updateMessage("s", "m2", { tokenCount: 3 });
    await other.addMessage("s", newMessage());
  }],
  "two edits, of which the second undoes the first": [
    COUNT,
    async ({ other }) => {
      await other.updateMessage("s", "m0", { content: "other" });
      await other.updateMessage("s", "m0", { content: "0" });
    },
  ],
  "a delete of the first message": [
    COUNT - 1,
    ({ other }) => other.deleteMessage("s", "m0"),
  ],
  "a delete of the last message": [
    COUNT - 1,
    ({ other }) => other.deleteMessage("s", `m${COUNT - 1}`),
  ],
  "a delete and an append of the same id": [COUNT, async ({ other }) => {
    await other.deleteMessage("s", `m${COUNT - 1}`);
    await other.addMessage("s", newMessage("new", { id: `m${COUNT - 1}` }));
  }],
  "a delete of all": [0, ({ other }) => other.deleteAllMessages("s")],
  "a delete of all, and appends of the same ids": [COUNT, async ({ other }) => {
    await other.deleteAllMessages("s");
    await other.addMessages("s", texts());
  }],
  "the end of the session": [0, ({ other }) => other.deleteSession("s")],
  "another session of that id": [COUNT, async ({ other }) => {
    await other.deleteSession("s");
    await fill(other);
  }],
  "its expiry": [0, (store) => passTime(store, 700_000)],
  "its expiry, and another session of that id": [COUNT, async (store) => {
    await passTime(store, 700_000);
    await fill(store.other);
  }],
  "messages that somebody cut off": [
    COUNT - 2,
    ({ redis, prefix }) =>
      redis.zRemRangeByRank(`${prefix}session:s:messages`, 0, 1),
  ],
  "a failover that loses an append": [COUNT, loseAppend],
  "a failover that loses an append, before another one": [
    COUNT + 1,
    async (store) => {
      await loseAppend(store);
      await store.other.addMessage("s", newMessage("new", { id: "y" }));
    },
  ],
  "a failover that loses an append, before it is repeated with another text": [
    COUNT + 1,
    async (store) => {
      await loseAppend(store);
      await store.other.addMessage("s", newMessage("new", { id: "x" }));
    },
  ],
  "a failover that loses an append, before another one in its millisecond": [
    COUNT + 1,
    async (store) => {
      const { other, redis, prefix } = store;
      const score = await loseAppend(store);
      await other.addMessage("s", newMessage("new", { id: "y" }));
      // As the clock of another server would have it.
      await redis.zAdd(`${prefix}session:s:messages`, { score, value: "y" });
    },
  ],
  "a failover that loses an edit": [COUNT, loseEdit],
  "a failover that loses an edit, before another one": [
    COUNT,
    async (store) => {
      await loseEdit(store);
      await store.other.updateMessage("s", "m4", { content: "new" });
    },
  ],
};

/** Lets an append be read and then lost; returns when it was accepted. */
async function loseAppend(store: CachedSession): Promise<number> {
  let score = 0;
  await lose(store, async () => {
    const lost = newMessage("lost", { id: "x" });
    const { createdAt } = await store.other.addMessage("s", lost);
    score = createdAt.getTime();
  });
  return score;
}

/** Lets an edit be read and then lost. */
async function loseEdit(store: CachedSession): Promise<void> {
  const change = { content: "lost" };
  await lose(store, () => store.other.updateMessage("s", "m3", change));
}

/** Does something that is read and then lost, as by a failover to a replica that never heard of it. */
async function lose(
  { redis, prefix, read }: CachedSession,
  event: () => Promise<unknown>,
): Promise<void> {
  const before = await keysOf(redis, prefix);
  const backup = `backup:${prefix}`;
  for (const key of before) await redis.copy(key, backup + key);
  await event();
  await read();
  for (const key of await keysOf(redis, prefix)) await redis.unlink(key);
  for (const key of before) await redis.rename(backup + key, key);
}

/** Creates the session. */
export async function fill(storage: RedisAdapter): Promise<void> {
  await storage.createSession(newSession({ id: "s" }));
  await storage.addMessages("s", texts());
}

/** Returns its messages. */
export function texts(): NewMessage[] {
  return Array.from(
    { length: COUNT },
    (_, i) => newMessage(`${i}`, { id: `m${i}` }),
  );
}

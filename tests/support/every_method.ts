/**
 * Calls every method of an adapter in every way that makes it send something
 * else, and tells what came of each.
 *
 * @module
 */

import {
  RedisAdapter,
  type RedisClient,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { describeShape, SHAPES, writeOlder } from "./older_records.ts";
import type { Commands } from "./places.ts";
import { newMessage, newSession, unset } from "./records.ts";

/** Where the methods are called. */
export interface Stage {
  /** The client whose user may do little. */
  readonly client: RedisClient;
  /** One whose user may do all. */
  readonly redis: Commands;
  readonly prefix: string;
  readonly hashTags: boolean;
  /** Lists the keys below the prefix. */
  readonly keys: () => Promise<string[]>;
}

/** So long that two of them are not appended by one script. */
const LONG = "x".repeat(300_000);

/** More sessions of a user than a list puts in order in one call. */
const MANY = 501;

type Step = () => Promise<unknown>;

/** Returns what came of each step: what it returned, or why it was refused; at last the keys that are left. */
export async function callEverything(stage: Stage): Promise<string[]> {
  const outcomes: string[] = [];
  const note = async (name: string, step: Step) => {
    const outcome = await step().catch((error) =>
      error instanceof StorageError ? error.reason : String(error)
    );
    outcomes.push(`${name}: ${outlineOf(outcome)}`);
  };
  for (const [name, step] of Object.entries(steps(stage))) {
    await note(name, step);
  }
  outcomes.push(`left: ${(await stage.keys()).join()}`);
  return outcomes;
}

function steps(stage: Stage): Record<string, Step> {
  const { client, redis, prefix, hashTags } = stage;
  const open = (ttlSeconds?: number) =>
    new RedisAdapter({
      client,
      closeClient: false,
      keyPrefix: prefix,
      hashTags,
      ...(ttlSeconds ? { ttlSeconds, refreshTtlOnRead: true } : {}),
    });
  const [storage, forGood] = [open(600), open()];
  const session = (id: string, userId = "ada") =>
    newSession({ id, userId, expiresAt: new Date(1000) });
  const ids = (sessions: readonly { id: string }[]) =>
    sessions.map(({ id }) => id);
  return {
    "health": async () => (await storage.health()).status,
    "create": async () => ids([await storage.createSession(session("s1"))]),
    "create for good": async () =>
      ids([await forGood.createSession(session("s2"))]),
    "read": async () => (await forGood.getSession("s1"))?.userId,
    "read and refresh": async () => (await storage.getSession("s1"))?.userId,
    "update": async () =>
      (await storage.updateSession("s1", {
        userId: "bob",
        ...unset("expiresAt"),
      })).userId,
    "touch": () => storage.touchSession("s1"),
    "append": async () => {
      const messages = ["1", "2", "3"].map((id) => newMessage("Hi", { id }));
      return ids(await storage.addMessages("s1", messages));
    },
    "append again": async () =>
      ids([await storage.addMessage("s1", newMessage("Hi", { id: "1" }))]),
    "append a taken id": async () =>
      ids([await storage.addMessage("s2", newMessage("Hi", { id: "1" }))]),
    "append in parts": async () => {
      const messages = ["4", "5"].map((id) => newMessage(LONG, { id }));
      return ids(await storage.addMessages("s1", messages));
    },
    "append in parts beside another one": async () => {
      // As one leaves it that was stopped there: no other session can have its ids.
      const message = '["s2",1,1,"user","string",null,null,"8"]\n8';
      const key = `${prefix}message:${hashTags ? "{s2}:" : ""}8`;
      await redis.hSet(key, { message });
      const name = hashTags ? "{s2}" : "s2";
      await redis.hSet(`${prefix}session:${name}`, { staged: "t:1:1:1:0" });
      const messages = ["9", "8"].map((id) => newMessage(LONG, { id }));
      return ids(await storage.addMessages("s1", messages));
    },
    "history": async () => ids(await forGood.getMessages("s1")),
    "filtered": async () =>
      ids(
        await storage.getMessages("s1", { order: "desc", roles: ["user"] }),
      ),
    "message": async () => (await storage.getMessage("s1", "1"))?.id,
    "count": () => storage.countMessages("s1"),
    "edit": async () =>
      (await storage.updateMessage("s1", "1", { content: "?" })).content,
    "remove": () => storage.deleteMessage("s1", "1"),
    "list": async () => ids(await storage.listSessions()),
    "list backwards": async () =>
      ids(await storage.listSessions({ order: "desc", limit: 2 })),
    "list of a user": async () => {
      await redis.sAdd(`${prefix}user:ada:sessions`, "gone");
      return ids(await storage.listSessions({ userId: "ada" }));
    },
    "list of a user with many": async () => {
      const key = `${prefix}user:many:sessions`;
      await Promise.all(
        Array.from({ length: MANY }, (_, i) => redis.sAdd(key, `gone ${i}`)),
      );
      return ids(await storage.listSessions({ userId: "many" }));
    },
    "iterate": async () => {
      const found = [];
      for await (const each of storage.iterateSessions()) found.push(each);
      return ids(found);
    },
    "due": () => storage.getExpiredSessions(new Date(2000)),
    "older": async () => {
      const place = { redis, prefix, isTagged: hashTags };
      const shape = SHAPES[0]!;
      const at = new Date(1000);
      await writeOlder(
        place,
        shape,
        {
          ...newSession({ userId: "ada" }),
          ...{ id: "older", createdAt: at, lastActivityAt: at },
        },
        [],
        7,
      );
      const { sequence } = await storage.addMessage("older", newMessage());
      return `${describeShape(shape)} ${sequence}`;
    },
    "reindex": async () => (await storage.reindex()).sessionsIndexed,
    "clear": () => storage.deleteAllMessages("s1"),
    "delete": async () => {
      const left = ["s1", "s2", "older"].map((id) => storage.deleteSession(id));
      const ends = await Promise.allSettled(left);
      return ends.map(({ status }) => status);
    },
    "close": () => storage.close(),
  };
}

function outlineOf(outcome: unknown): string {
  return typeof outcome === "string"
    ? outcome
    : JSON.stringify(outcome) ?? "done";
}

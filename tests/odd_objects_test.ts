import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { CountingClient } from "./support/counting_client.ts";
import { newMessage, newSession } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { TestBed } from "./support/test_bed.ts";

/** Passes what the types forbid, as callers in JavaScript do. */
// deno-lint-ignore no-explicit-any -- each value is wrong by intent
type Wrong = any;

/** Returns the value with a `toJSON` that makes another one of it. */
function turning<T extends object>(value: T, into: unknown): Wrong {
  return Object.assign(value, { toJSON: () => into });
}

const joinedAt = new Date(5);
const date: Wrong = new Date();

/** Calls whose arguments JSON would make something else of, which no read could take. */
const CALLS: Readonly<
  Record<string, (storage: RedisAdapter) => Promise<unknown>>
> = {
  "metadata that is a Date": (storage) =>
    storage.createSession(newSession({ metadata: date })),
  "metadata that turns into a list": (storage) =>
    storage.updateSession("s1", { metadata: turning({}, []) }),
  "tags that turn into text": (storage) =>
    storage.createSession(newSession({ metadata: { tags: turning([], "x") } })),
  "a participant that turns into another": (storage) =>
    storage.createSession(newSession({
      participants: [turning({ id: "p", role: "user", joinedAt }, {})],
    })),
  "a participant's metadata that is a Date": (storage) =>
    storage.createSession(newSession({
      participants: [{ id: "p", role: "user", joinedAt, metadata: date }],
    })),
  "a Date that turns into a number": (storage) =>
    storage.createSession(newSession({
      participants: [
        { id: "p", role: "user", joinedAt: turning(new Date(5), 5) },
      ],
    })),
  "a token budget that turns into a number": (storage) =>
    storage.createSession(newSession({
      tokenBudget: turning({
        maxTokens: 1,
        reserveTokens: 1,
        overflowStrategy: "error",
      }, 5),
    })),
  "content that turns into a number": (storage) =>
    storage.addMessage("s1", newMessage(turning([], 5))),
  "a message's metadata that is a Date": (storage) =>
    storage.addMessage("s1", newMessage("Hi", { metadata: date })),
  "a message's new metadata that is a Date": (storage) =>
    storage.updateMessage("s1", "m1", { metadata: date }),
  "what turns into NaN": (storage) =>
    storage.addMessage(
      "s1",
      newMessage("Hi", {
        metadata: { annotations: { value: turning({}, NaN) } },
      }),
    ),
  "a list of messages with holes": (storage) =>
    storage.addMessages("s1", new Array(2)),
  "a list of messages with a hole": (storage) => {
    const messages = [newMessage("1"), newMessage("2"), newMessage("3")];
    delete messages[1];
    return storage.addMessages("s1", messages);
  },
  "no options of reindex()": (storage) => storage.reindex(null as Wrong),
  "a listener of reindex() that is none": (storage) =>
    storage.reindex({ onProgress: 5 as Wrong }),
};

describe("odd objects", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const [name, call] of Object.entries(CALLS)) {
    it(`are refused before anything is sent: ${name}`, async () => {
      const client = new CountingClient(
        await bed.client(await sharedRedisUrl()),
      );
      const { storage } = await bed.open({ client });
      const session = await storage.createSession(newSession({ id: "s1" }));
      const sent = newMessage("Hi", { id: "m1" });
      const message = await storage.addMessage("s1", sent);
      client.take();
      const error = await assertRejects(() => call(storage), StorageError);
      assertEquals(error.reason, "invalid-argument", error.message);
      assertEquals(client.take(), []);
      const [stored, ...others] = await storage.listSessions();
      assertEquals([stored?.id, others], [session.id, []]);
      assertEquals(await storage.getMessages("s1"), [message]);
    });
  }

  it("with accessors and prototypes are stored by what they say", async () => {
    class Visitor {
      status = "active" as const;
      metadata = {};
      participants = [];
      schemaVersion = 1;
      get userId(): string {
        return "ada";
      }
    }
    const { storage } = await bed.open();
    const { id } = await storage.createSession(new Visitor());
    assertEquals((await storage.getSession(id))?.userId, "ada");
    const found = await storage.listSessions({ userId: "ada" });
    assertEquals(found.length, 1);
  });
});

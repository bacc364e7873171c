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

/** Returns an object of a class that has these properties; it has none of its own. */
function borrowing(properties: Record<string, unknown>): Wrong {
  return Object.create(properties);
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
  "content whose properties are a class's": (storage) =>
    storage.addMessage(
      "s1",
      newMessage([borrowing({ type: "text", text: "" })]),
    ),
  "an image whose address is a class's": (storage) =>
    storage.addMessage(
      "s1",
      newMessage([{ type: "image_url", image_url: borrowing({ url: "" }) }]),
    ),
  "a tool call whose properties are a class's": (storage) =>
    storage.updateMessage("s1", "m1", {
      metadata: {
        toolCalls: [borrowing({ id: "t", name: "look", arguments: "{}" })],
      },
    }),
  "a tool result whose properties are a class's": (storage) =>
    storage.updateMessage("s1", "m1", {
      metadata: { toolResults: [borrowing({ toolCallId: "t", result: "" })] },
    }),
  "a participant whose properties are a class's": (storage) =>
    storage.createSession(newSession({
      participants: [borrowing({ id: "p", role: "user", joinedAt })],
    })),
  "a participant's property that JSON passes over": (storage) => {
    const participant: Wrong = { role: "user", joinedAt };
    Object.defineProperty(participant, "id", { value: "p" });
    return storage.createSession(newSession({ participants: [participant] }));
  },
  "a token budget whose properties are a class's": (storage) =>
    storage.updateSession("s1", {
      tokenBudget: borrowing({
        maxTokens: 1,
        reserveTokens: 1,
        overflowStrategy: "error",
      }),
    }),
  "a state of compression whose properties are a class's": (storage) =>
    storage.updateSession("s1", {
      compressionState: borrowing({
        strategy: "hybrid",
        keptMessageIds: [],
        signature: "",
        compressedTokenCount: 1,
        updatedAt: joinedAt,
      }),
    }),
  "roles with holes": (storage) =>
    storage.getMessages("s1", { roles: new Array(2) }),
  "tags with holes": (storage) => storage.listSessions({ tags: new Array(2) }),
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

  it("may have a class: JSON has their own properties", async () => {
    class Titled {
      title = "Plans";
      get tags() {
        return "no list";
      }
    }
    const { storage } = await bed.open();
    const metadata: Wrong = new Titled();
    const made = await storage.createSession(newSession({ metadata }));
    assertEquals(made.metadata, { title: "Plans" });
    assertEquals(await storage.getSession(made.id), made);
    assertEquals(await storage.listSessions({ tags: ["no list"] }), []);
  });

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

import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession } from "./support/records.ts";
import { snapshot } from "./support/snapshot.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

async function contents(storage: RedisAdapter, id: string): Promise<string> {
  const messages = await storage.getMessages(id);
  return messages.map(({ content }) => content).join();
}

/** Returns lists in lists. */
function deep(levels: number): unknown {
  let value: unknown = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
}

describe("a message id", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  /** Makes the sessions "s1" and "s2"; "s1" has the messages "m1" and "m2". */
  async function fill(ttlSeconds = 600): Promise<TestStore> {
    const store = await bed.open({ ttlSeconds });
    for (const id of ["s1", "s2"]) {
      await store.storage.createSession(newSession({ id }));
    }
    await store.storage.addMessage("s1", newMessage("1", { id: "m1" }));
    await store.storage.addMessage("s1", newMessage("2", { id: "m2" }));
    return store;
  }

  it("in use in another session is refused, and nothing of the batch is written", async () => {
    const store = await fill();
    const before = await snapshot(store);
    const batch = [newMessage("new"), newMessage("mine", { id: "m2" })];
    for (
      const append of [
        () => store.storage.addMessage("s2", batch[1]!),
        () => store.storage.addMessages("s2", batch),
        () => store.storage.addMessages("s2", batch.toReversed()),
      ]
    ) {
      const error = await assertRejects(append, StorageError, '"m2"');
      assertEquals(error.reason, "already-exists");
    }
    assertEquals(await snapshot(store), before);
  });

  it("that is there returns what is stored, whatever text that is", async () => {
    const { storage } = await fill();
    for (const [i, content] of ["\ud800x", "[", "", "\0"].entries()) {
      const metadata = { annotations: { half: "\udc00", deep: deep(1100) } };
      const message = newMessage(content, { id: `odd${i}`, metadata });
      const stored = await storage.addMessage("s1", message);
      assertEquals(await storage.addMessage("s1", message), stored);
      const others = [newMessage("a"), message, newMessage("b")];
      assertEquals((await storage.addMessages("s1", others))[1], stored);
    }
    assertEquals(await storage.countMessages("s1"), 2 + 4 * 3);
  });

  it("is free again when its message or its session is gone", async () => {
    const releases: ((store: TestStore) => Promise<unknown>)[] = [
      ({ storage }) => storage.deleteMessage("s1", "m1"),
      ({ storage }) => storage.deleteAllMessages("s1"),
      ({ storage }) => storage.deleteSession("s1"),
      // Expired or evicted: its message is still there, an orphan.
      ({ redis, prefix }) => redis.unlink(`${prefix}session:s1`),
      ({ redis, prefix }) =>
        redis.unlink([`${prefix}session:s1`, `${prefix}session:s1:messages`]),
      ({ redis, prefix }) => redis.unlink(`${prefix}session:s1:messages`),
      ({ redis, prefix }) => redis.unlink(`${prefix}message:m1`),
    ];
    for (const [i, release] of releases.entries()) {
      const store = await fill();
      await release(store);
      const { storage, redis, prefix } = store;
      const sent = newMessage("mine", { id: "m1", tokenCount: 7 });
      const made = await storage.addMessage("s2", sent);
      assertEquals([made.sessionId, made.sequence], ["s2", 1], `release ${i}`);
      assertEquals(await storage.getMessages("s2"), [made]);
      assertEquals(await storage.getMessage("s1", "m1"), null);
      assert(!(await contents(storage, "s1")).includes("mine"));
      await storage.deleteSession("s1");
      assertEquals(await contents(storage, "s2"), "mine", `release ${i}`);
      const fields = Object.keys(await redis.hGetAll(`${prefix}message:m1`));
      assertEquals(fields, ["message"]);
      assert(await redis.pTTL(`${prefix}message:m1`) > 0);
    }
  });

  it("of an orphan has nothing of its older fields", async () => {
    const store = await fill();
    const { storage, redis, prefix } = store;
    await redis.hSet(`${prefix}message:m3`, {
      ...{ id: "m3", sessionId: "long gone", role: "user", content: "old" },
      ...{ metadata: "{}", tokenCount: "9", createdAt: "2024-01-01" },
    });
    const made = await storage.addMessage("s1", newMessage("n", { id: "m3" }));
    assertEquals(await storage.getMessage("s1", "m3"), made);
    assertEquals([made.content, made.tokenCount], ["n", undefined]);
    const fields = Object.keys(await redis.hGetAll(`${prefix}message:m3`));
    assertEquals(fields, ["message"]);
  });

  it("of two sessions is two messages with hashTags", async () => {
    const { storage } = await bed.open({ hashTags: true });
    for (const id of ["s1", "s2"]) {
      await storage.createSession(newSession({ id }));
      await storage.addMessage(id, newMessage(`of ${id}`, { id: "m" }));
    }
    await storage.updateMessage("s1", "m", { content: "edited" });
    assertEquals(await contents(storage, "s2"), "of s2");
    await storage.deleteSession("s1");
    assertEquals(await contents(storage, "s2"), "of s2");
  });
});

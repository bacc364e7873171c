import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type MessageQueryOptions,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession } from "./support/records.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

/** Ways to read all messages of "s1" but for their order. */
const QUERIES: readonly MessageQueryOptions[] = [
  {},
  { order: "desc" },
  { roles: ["user", "assistant"] },
  { after: new Date(0) },
  { before: new Date("2100-01-01") },
];

async function idsOf(
  storage: RedisAdapter,
  query?: MessageQueryOptions,
): Promise<string> {
  return (await storage.getMessages("s1", query)).map(({ id }) => id).join();
}

for (const hashTags of [false, true]) {
  const keyOf = (id: string) =>
    hashTags ? `message:{s1}:${id}` : `message:${id}`;

  describe(`a message whose hash is gone, hashTags ${hashTags}`, () => {
    const bed = new TestBed();
    afterAll(() => bed.close());

    for (const query of QUERIES) {
      it(`is skipped and pruned: ${JSON.stringify(query)}`, async () => {
        const store = await bed.open({ hashTags });
        const { storage, redis, prefix } = store;
        await storage.createSession(newSession({ id: "s1" }));
        const all = Array.from({ length: 12 }, (_, i) => `m${i + 10}`);
        await storage.addMessages(
          "s1",
          all.map((id) => newMessage(id, { id })),
        );
        const gone = new Set(["m10", "m12", "m13", "m16", "m21"]);
        for (const id of gone) await redis.unlink(prefix + keyOf(id));
        const left = all.filter((id) => !gone.has(id));
        if (query.order === "desc") left.reverse();
        // The page is filled from the next ids, before and after they are pruned.
        for (let round = 0; round < 2; round++) {
          const page = { ...query, limit: 3 };
          assertEquals(await idsOf(storage, page), left.slice(0, 3).join());
          assertEquals(await idsOf(storage, query), left.join());
        }
        assertEquals(await storage.countMessages("s1"), 7);
        assertEquals(await storage.getMessage("s1", "m12"), null);
        await assertRejects(
          () => storage.updateMessage("s1", "m12", { content: "?" }),
          StorageError,
          "not found",
        );
      });
    }

    it("does not count for an offset", async () => {
      for (const query of QUERIES) {
        const store = await bed.open({ hashTags });
        const { storage, redis, prefix } = store;
        await storage.createSession(newSession({ id: "s1" }));
        for (const id of ["m1", "m2", "m3"]) {
          await storage.addMessage("s1", newMessage(id, { id }));
        }
        const isReversed = query.order === "desc";
        await redis.unlink(prefix + keyOf(isReversed ? "m3" : "m1"));
        const page = { ...query, offset: 1, limit: 1 };
        assertEquals(await idsOf(storage, page), isReversed ? "m1" : "m3");
      }
    });

    it("can be appended again", async () => {
      const store = await bed.open({ hashTags });
      const { storage, redis, prefix } = store;
      await storage.createSession(newSession({ id: "s1" }));
      await storage.addMessage("s1", newMessage("old", { id: "m1" }));
      await storage.addMessage("s1", newMessage("m2", { id: "m2" }));
      await redis.unlink(prefix + keyOf("m1"));
      const again = await storage.addMessage(
        "s1",
        newMessage("new", { id: "m1" }),
      );
      assertEquals([again.content, again.sequence], ["new", 3]);
      assertEquals((await storage.getMessages("s1")).at(-1), again);
      assertEquals(await storage.countMessages("s1"), 2);
    });

    it("of all messages leaves an empty history", async () => {
      const store = await bed.open({ hashTags });
      const { storage, redis, prefix } = store;
      await storage.createSession(newSession({ id: "s1" }));
      const sent = Array.from(
        { length: 450 },
        (_, i) => newMessage("", { id: `m${i}` }),
      );
      await storage.addMessages("s1", sent);
      for (let i = 0; i < 450; i++) {
        await redis.unlink(prefix + keyOf(`m${i}`));
      }
      assertEquals(await storage.getMessages("s1", { limit: 1 }), []);
      assertEquals(await storage.countMessages("s1"), 0);
    });
  });
}

describe("a message of another session in the order", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  /** Puts a message of "s2" into the order of "s1", beside one of its own. */
  async function fill(): Promise<TestStore> {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    await storage.createSession(newSession({ id: "s1" }));
    await storage.createSession(newSession({ id: "s2" }));
    await storage.addMessage("s1", newMessage("own", { id: "m1" }));
    await storage.addMessage("s2", newMessage("foreign", { id: "m2" }));
    const order = { value: "m2", score: 5 };
    await redis.zAdd(`${prefix}session:s1:messages`, [order]);
    return store;
  }

  for (const query of QUERIES) {
    it(`is skipped and pruned: ${JSON.stringify(query)}`, async () => {
      const { storage } = await fill();
      assertEquals(await idsOf(storage, query), "m1");
      assertEquals(await storage.countMessages("s1"), 1);
      assertEquals((await storage.getMessages("s2")).length, 1);
    });
  }

  it("is no message of the session", async () => {
    const { storage } = await fill();
    assertEquals(await storage.getMessage("s1", "m2"), null);
    await assertRejects(
      () => storage.updateMessage("s1", "m2", { content: "?" }),
      StorageError,
      "not found",
    );
  });

  it("can be appended by its own session only", async () => {
    const { storage } = await fill();
    const sent = newMessage("mine", { id: "m2" });
    const error = await assertRejects(
      () => storage.addMessage("s1", sent),
      StorageError,
      '"m2"',
    );
    assertEquals(error.reason, "already-exists");
    const stored = await storage.addMessage("s2", sent);
    assertEquals([stored.content, stored.sequence], ["foreign", 1]);
  });

  for (
    const [name, remove] of [
      ["deleteMessage", (storage) => storage.deleteMessage("s1", "m2")],
      ["deleteAllMessages", (storage) => storage.deleteAllMessages("s1")],
      ["deleteSession", (storage) => storage.deleteSession("s1")],
    ] as readonly [string, (storage: RedisAdapter) => Promise<void>][]
  ) {
    it(`${name}() leaves it to its own session`, async () => {
      const { storage } = await fill();
      await remove(storage);
      const [message] = await storage.getMessages("s2");
      assertEquals(message?.content, "foreign");
    });
  }

  it("is skipped also where it is an older one", async () => {
    const { storage, redis, prefix } = await fill();
    await redis.hSet(`${prefix}message:m0`, {
      ...{ id: "m0", sessionId: "s2", role: "user", content: "foreign" },
      ...{ contentType: "string", createdAt: "2024-01-01T00:00:00.000Z" },
    });
    const order = { value: "m0", score: 4 };
    await redis.zAdd(`${prefix}session:s1:messages`, [order]);
    for (const query of QUERIES) {
      assertEquals(await idsOf(storage, query), "m1");
    }
    assertEquals(await storage.getMessage("s1", "m0"), null);
  });

  it("stays with its own session, whatever its metadata says", async () => {
    const { storage, redis, prefix } = await fill();
    const annotations = { sessionId: "s1", createdAt: 1 };
    await storage.addMessage(
      "s2",
      newMessage("foreign", { id: "m3", metadata: { annotations } }),
    );
    const order = { value: "m3", score: 6 };
    await redis.zAdd(`${prefix}session:s1:messages`, [order]);
    await storage.deleteSession("s1");
    assertEquals((await storage.getMessages("s2")).length, 2);
  });

  it("stays with its own session, whose id reads like the other as JSON", async () => {
    const { storage, redis, prefix } = await bed.open();
    const [own, other] = ["a\\b", "a\\\\b"];
    assertEquals(JSON.stringify(own), `"${other}"`);
    for (const id of [own, other]) {
      await storage.createSession(newSession({ id }));
    }
    await storage.addMessage(own, newMessage("mine", { id: "m1" }));
    const order = { value: "m1", score: 5 };
    await redis.zAdd(`${prefix}session:${other}:messages`, [order]);
    assertEquals(await storage.getMessage(other, "m1"), null);
    await storage.deleteSession(other);
    assertEquals((await storage.getMessage(own, "m1"))?.content, "mine");
  });
});

describe("a message that is left over", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const hashTags of [false, true]) {
    for (
      const [what, lose] of [
        [
          "the order has lost it",
          ({ redis }, key) => redis.zRem(`${key}:messages`, "m1"),
        ],
        ["the session was evicted", ({ redis }, key) => redis.unlink(key)],
      ] as readonly [string, (store: TestStore, key: string) => unknown][]
    ) {
      it(`cannot be updated: ${what}, hashTags ${hashTags}`, async () => {
        const store = await bed.open({ hashTags });
        const { storage, prefix } = store;
        await storage.createSession(newSession({ id: "s1" }));
        await storage.addMessage("s1", newMessage("one", { id: "m1" }));
        await lose(store, `${prefix}session:${hashTags ? "{s1}" : "s1"}`);
        const error = await assertRejects(
          () => storage.updateMessage("s1", "m1", { content: "two" }),
          StorageError,
        );
        assertEquals(error.reason, "not-found");
        const isGone = what === "the order has lost it";
        assertEquals(await storage.getMessage("s1", "m1") === null, isGone);
      });
    }
  }
});

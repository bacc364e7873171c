import { assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { assertCorrupt } from "./support/corruption.ts";
import { newMessage, newSession } from "./support/records.ts";
import { snapshot } from "./support/snapshot.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

describe("an index of another type", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  /** Makes three sessions of one user; the second one, "s2", has two messages. */
  async function fill(): Promise<TestStore> {
    const store = await bed.open({ ttlSeconds: 600 });
    for (const id of ["s1", "s2", "s3"]) {
      const expiresAt = new Date(1000);
      await store.storage.createSession(
        newSession({ id, userId: "ada", expiresAt, metadata: { tags: ["a"] } }),
      );
    }
    await store.storage.addMessage("s2", newMessage("Hi", { id: "m1" }));
    await store.storage.addMessage("s2", newMessage("Hi", { id: "m2" }));
    return store;
  }

  for (
    const index of [
      "user:ada:sessions",
      "sessions:by-created",
      "sessions:by-activity",
      "sessions:by-expiry",
      "sessions:by-deadline",
    ]
  ) {
    it(`leaves conversations alone, and can be built again: ${index}`, async () => {
      const store = await fill();
      const { storage, redis, prefix } = store;
      await redis.unlink(prefix + index);
      await redis.set(prefix + index, "text");
      const before = await snapshot(store);
      const session = newSession({ userId: "ada" });
      await assertCorrupt(store, () => storage.createSession(session), index);
      assertEquals(await snapshot(store), before);
      if (index === "sessions:by-expiry") {
        const find = () => storage.getExpiredSessions(new Date());
        await assertCorrupt(store, find, index);
      }
      const list = () => storage.listSessions({ userId: "ada" });
      await assertCorrupt(store, list, index);
      // Conversations go on; what must keep the index says so, and changes nothing.
      assertEquals((await storage.getSession("s2"))?.id, "s2");
      assertEquals((await storage.getMessages("s2")).length, 2);
      assertEquals(await snapshot(store), before);
      for (
        const write of [
          () => storage.addMessage("s2", newMessage("Hi", { id: "m3" })),
          () => storage.updateSession("s1", { userId: "ada", tokenCount: 3 }),
          () => storage.touchSession("s1"),
          () => storage.deleteAllMessages("s2"),
        ]
      ) {
        const earlier = await snapshot(store);
        const refusal = await write().then(() => null, (error) => error);
        if (refusal === null) continue;
        await assertCorrupt(store, () => Promise.reject(refusal), index);
        assertEquals(await snapshot(store), earlier);
      }
      await storage.deleteSession("s2");
      const names = await store.keys();
      assertEquals(names.filter((name) => /s2|message/.test(name)), []);
      await redis.unlink(prefix + index);
      const found = (await storage.listSessions()).map(({ id }) => id);
      const lost = index === "sessions:by-created";
      assertEquals(found, lost ? [] : ["s1", "s3"]);
      await storage.reindex();
      const again = (await storage.listSessions({ userId: "ada" }))
        .map(({ id }) => id);
      assertEquals(again, ["s1", "s3"]);
    });
  }

  it("is no reason for updateSession() to write a half", async () => {
    for (const index of ["by-activity", "by-expiry", "by-deadline"]) {
      const store = await fill();
      const key = `sessions:${index}`;
      await store.redis.unlink(store.prefix + key);
      await store.redis.set(store.prefix + key, "text");
      const before = await snapshot(store);
      const updates = { userId: "bob", expiresAt: new Date(5) };
      const update = () => store.storage.updateSession("s1", updates);
      await assertCorrupt(store, update, key);
      assertEquals(await snapshot(store), before);
    }
  });
});

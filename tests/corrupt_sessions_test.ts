import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { assertCorrupt } from "./support/corruption.ts";
import { newMessage, newSession } from "./support/records.ts";
import { snapshot } from "./support/snapshot.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

/** Fields of a session's hash with a text that the adapter never writes; null: it is gone. */
const BROKEN: readonly (readonly [field: string, text: string | null])[] = [
  ["id", null],
  ["id", "another"],
  ["status", null],
  ["status", "asleep"],
  ["metadata", null],
  ["metadata", "{"],
  ["metadata", "[]"],
  ["metadata", "null"],
  ["metadata", '{"tags":"a"}'],
  ["participants", null],
  ["participants", "[{"],
  ["participants", "{}"],
  ["participants", '[{"id":"p","role":"user"}]'],
  ["participants", '[{"id":"p","role":"user","joinedAt":"yesterday"}]'],
  ["schemaVersion", null],
  ["schemaVersion", "one"],
  ["schemaVersion", ""],
  ["createdAt", null],
  ["createdAt", "yesterday"],
  ["createdAt", "9999999999999999"],
  ["lastActivityAt", null],
  ["lastActivityAt", "NaN"],
  ["expiresAt", "soon"],
  ["tokenBudget", "{}"],
  ["tokenBudget", "no JSON"],
  ["compression", '{"strategy":"none","targetTokens":1}'],
  ["compression", "no JSON"],
  ["compressionState", '{"strategy":"hybrid"}'],
  ["compressionState", "no JSON"],
  ["tokenCount", "many"],
  ["messageCount", "Infinity"],
  ["version", "latest"],
];

/** Visits all sessions and returns their ids. */
async function visit(storage: RedisAdapter): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of storage.iterateSessions()) ids.push(id);
  return ids;
}

describe("a corrupt session", () => {
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

  /** Fails unless lists report "s2" and the others are found. */
  async function assertReported(store: TestStore): Promise<void> {
    const { storage, prefix } = store;
    await assertCorrupt(store, () => storage.getSession("s2"), "session:s2");
    await assertCorrupt(store, () => storage.listSessions(), "session:s2");
    await assertCorrupt(
      store,
      () => storage.listSessions({ userId: "ada" }),
      "session:s2",
    );
    const reports: StorageError[] = [];
    const lenient = await bed.open({
      keyPrefix: prefix,
      onCorrupt: (error) => reports.push(error),
    });
    for (
      const list of [
        () => lenient.storage.listSessions(),
        () => lenient.storage.listSessions({ userId: "ada" }),
      ]
    ) {
      assertEquals((await list()).map(({ id }) => id), ["s1", "s3"]);
    }
    assertEquals(reports.length, 2);
    for (const error of reports) {
      assert(error instanceof StorageError);
      assertEquals(error.reason, "corrupt-data");
      assertStringIncludes(error.message, `${prefix}session:s2`);
    }
  }

  /** Fails unless "s2" can be found by its deadline, removed, and created again. */
  async function assertRemovable(store: TestStore): Promise<void> {
    const { storage } = store;
    const due = await storage.getExpiredSessions(new Date(2000));
    assert(due.includes("s1") && due.includes("s3"), due.join());
    await storage.deleteSession("s2");
    assertEquals(await storage.getSession("s2"), null);
    const names = await store.keys();
    assertEquals(names.filter((name) => /s2|message/.test(name)), []);
    assertEquals((await storage.listSessions()).length, 2);
    const created = await storage.createSession(newSession({ id: "s2" }));
    assertEquals(await storage.getSession("s2"), created);
  }

  for (const [field, text] of BROKEN) {
    it(`is reported and can be removed: ${field} ${text}`, async () => {
      const store = await fill();
      const { storage, redis, prefix } = store;
      const key = `${prefix}session:s2`;
      if (text === null) await redis.hDel(key, field);
      else await redis.hSet(key, field, text);
      await assertReported(store);
      const read = () => storage.getSession("s2");
      await assertRejects(read, StorageError, `"${field}"`);
      await assertRemovable(store);
    });
  }

  it("is reported by iterateSessions() as by lists", async () => {
    const store = await fill();
    await store.redis.hDel(`${store.prefix}session:s2`, "status");
    await assertCorrupt(store, () => visit(store.storage), "session:s2");
    const reports: StorageError[] = [];
    const lenient = await bed.open({
      keyPrefix: store.prefix,
      onCorrupt: (error) => reports.push(error),
    });
    assertEquals(await visit(lenient.storage), ["s1", "s3"]);
    assertStringIncludes(String(reports[0]?.message), "session:s2");
  });

  it("of another type is reported, written to by nobody, and can be removed", async () => {
    const store = await fill();
    const { storage, redis, prefix } = store;
    await redis.unlink(`${prefix}session:s2`);
    await redis.set(`${prefix}session:s2`, "text");
    await assertReported(store);
    const before = await snapshot(store);
    for (
      const write of [
        () => storage.createSession(newSession({ id: "s2" })),
        () => storage.updateSession("s2", {}),
        () => storage.touchSession("s2"),
        () => storage.addMessage("s2", newMessage()),
        () => storage.updateMessage("s2", "m1", {}),
      ]
    ) await assertCorrupt(store, write, "session:s2");
    assertEquals(await snapshot(store), before);
    const keen = await bed.open({
      keyPrefix: prefix,
      ttlSeconds: 600,
      refreshTtlOnRead: true,
    });
    await assertCorrupt(
      store,
      () => keen.storage.getSession("s2"),
      "session:s2",
    );
    assertEquals(await storage.getExpiredSessions(new Date(2000)), [
      "s1",
      "s2",
      "s3",
    ]);
    await assertRemovable(store);
  });

  it("with an order of messages of another type can be removed", async () => {
    const store = await fill();
    const { storage, redis, prefix } = store;
    const key = "session:s2:messages";
    await redis.unlink(`${prefix}${key}`);
    await redis.set(`${prefix}${key}`, "text");
    const before = await snapshot(store);
    for (
      const call of [
        () => storage.getMessages("s2"),
        () => storage.getMessages("s2", { roles: ["user"] }),
        () => storage.getMessage("s2", "m1"),
        () => storage.countMessages("s2"),
        () => storage.addMessage("s2", newMessage()),
        () => storage.updateMessage("s2", "m1", {}),
      ]
    ) await assertCorrupt(store, call, key);
    assertEquals(await snapshot(store), before);
    await storage.deleteSession("s2");
    const names = await store.keys();
    assertEquals(names.filter((name) => name.startsWith("session:s2")), []);
  });

  for (const status of [null, "weird"]) {
    it(`of status ${status} is reported whatever status is asked for`, async () => {
      const store = await fill();
      const key = `${store.prefix}session:s2`;
      if (status === null) await store.redis.hDel(key, "status");
      else await store.redis.hSet(key, "status", status);
      const list = () => store.storage.listSessions({ status: "paused" });
      await assertCorrupt(store, list, "session:s2");
    });
  }

  it("whose tags are no list is reported whatever tags are asked for", async () => {
    const store = await fill();
    for (const tags of ["a", '{"a":1}', ""]) {
      await store.redis.hSet(`${store.prefix}session:s2`, "tags", tags);
      const list = () => store.storage.listSessions({ tags: ["b"] });
      await assertCorrupt(store, list, "session:s2");
    }
  });

  it("with a mark of the list's reply in a field is reported", async () => {
    for (const mark of ["\x1f", "\x1e"]) {
      const store = await fill();
      await store.redis.hSet(`${store.prefix}session:s2`, "metadata", mark);
      await assertReported(store);
    }
  });

  it("updateSession() says that it wrote beside what is corrupt", async () => {
    const store = await fill();
    const { storage, redis, prefix } = store;
    await redis.hSet(`${prefix}session:s2`, "metadata", "{");
    const error = await assertRejects(
      () => storage.updateSession("s2", { tokenCount: 7 }),
      StorageError,
      "the fields that were given are stored",
    );
    assertEquals(error.reason, "corrupt-data");
    assertEquals(await redis.hGet(`${prefix}session:s2`, "tokenCount"), "7");
    const mended = await storage.updateSession("s2", { metadata: {} });
    assertEquals([mended.tokenCount, mended.metadata], [7, {}]);
  });

  it("updateSession() counts on from no version that is no number", async () => {
    const store = await fill();
    for (const version of ["nan", "inf", "0x10", "1.5", " 1"]) {
      await store.redis.hSet(`${store.prefix}session:s2`, "version", version);
      const before = await snapshot(store);
      const update = () => store.storage.updateSession("s2", {});
      await assertCorrupt(store, update, "session:s2");
      assertEquals(await snapshot(store), before);
    }
  });

  it("of another type keeps nobody from its messages", async () => {
    for (const ttlSeconds of [undefined, 600]) {
      const { redis, prefix } = await fill();
      const options = ttlSeconds === undefined ? {} : { ttlSeconds };
      await redis.unlink(`${prefix}session:s2`);
      await redis.set(`${prefix}session:s2`, "text");
      const { storage } = await bed.open({
        ...options,
        keyPrefix: prefix,
        refreshTtlOnRead: true,
      });
      assertEquals((await storage.getMessages("s2")).length, 2);
      const query = { roles: ["user" as const] };
      assertEquals((await storage.getMessages("s2", query)).length, 2);
      await storage.deleteMessage("s2", "m1");
      assertEquals((await storage.getMessages("s2")).length, 1);
      await storage.deleteAllMessages("s2");
      assertEquals(await storage.countMessages("s2"), 0);
    }
  });

  it("with an order of messages of another type can be read", async () => {
    const { redis, prefix } = await fill();
    await redis.unlink(`${prefix}session:s2:messages`);
    await redis.set(`${prefix}session:s2:messages`, "text");
    for (const refreshTtlOnRead of [false, true]) {
      const options = { keyPrefix: prefix, ttlSeconds: 600, refreshTtlOnRead };
      const { storage } = await bed.open(options);
      assertEquals((await storage.getSession("s2"))?.id, "s2");
    }
  });

  it("getExpiredSessions() does not stumble over a broken deadline", async () => {
    const store = await fill();
    const { storage, redis, prefix } = store;
    await redis.hSet(`${prefix}session:s2`, "expiresAt", "soon");
    await redis.unlink(`${prefix}session:s1`);
    await redis.zAdd(`${prefix}sessions:by-expiry`, [
      { value: "never-there", score: 1 },
      { value: "", score: 2 },
    ]);
    const due = await storage.getExpiredSessions(new Date(2000));
    assertEquals(due, ["s2", "s3"]);
    const left = await redis.zRange(`${prefix}sessions:by-expiry`, 0, -1);
    assertEquals(left, ["s2", "s3"]);
  });

  it("does not hold up the clean-up of others", async () => {
    const store = await fill();
    const { storage, redis, prefix } = store;
    const key = `${prefix}sessions:by-deadline`;
    for (let i = 0; i < 20; i++) {
      await redis.zAdd(key, [{ value: `odd member ${i}`, score: i }]);
    }
    await redis.zAdd(key, [{ value: "2:s1ada", score: 100 }]);
    await redis.unlink(`${prefix}session:s1`);
    for (let i = 0; i < 4; i++) await storage.createSession(newSession());
    assertEquals(await redis.zScore(key, "2:s1ada"), null);
    const created = await redis.zScore(`${prefix}sessions:by-created`, "s1");
    assertEquals(created, null);
  });

  it("reindex() does not stop at it", async () => {
    const store = await fill();
    const { storage, redis, prefix } = store;
    for (const name of await store.keys()) {
      if (/^(user|sessions):/.test(name)) await redis.unlink(prefix + name);
    }
    await redis.hSet(`${prefix}session:s2`, "createdAt", "yesterday");
    await redis.hSet(`${prefix}session:s4`, { id: "s4", metadata: "{" });
    // As the documented adapter wrote it, but for the keys beside it.
    await redis.hSet(`${prefix}session:s5`, {
      ...{ id: "s5", userId: "", status: "active", metadata: "{}" },
      ...{ participants: "[]", schemaVersion: "1", version: "1" },
      createdAt: "2024-01-01T00:00:00.000Z",
      lastActivityAt: "2024-01-01T00:00:00.000Z",
    });
    await redis.set(`${prefix}session:s5:messages`, "text");
    await redis.hSet(`${prefix}session:s5:seq`, "a", "b");
    await storage.reindex();
    const reports: StorageError[] = [];
    const lenient = await bed.open({
      keyPrefix: prefix,
      onCorrupt: (error) => reports.push(error),
    });
    const found = (await lenient.storage.listSessions()).map(({ id }) => id);
    assert(found.includes("s1") && found.includes("s3"), found.join());
  });
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { endOf, passTime, serverTime } from "./support/passing_time.ts";
import { newMessage, newSession, unset } from "./support/records.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

const TTL_SECONDS = 1000;
const TTL_MS = TTL_SECONDS * 1000;

type Call = (storage: RedisAdapter) => Promise<unknown>;

/** Every write to the session "s1", which has the messages "m1" and "m2". */
const WRITES: Readonly<Record<string, Call>> = {
  "updateSession()": (storage) => storage.updateSession("s1", {}),
  "addMessage()": (storage) => storage.addMessage("s1", newMessage()),
  "addMessages()": (storage) =>
    storage.addMessages("s1", [newMessage(), newMessage()]),
  "updateMessage()": (storage) =>
    storage.updateMessage("s1", "m1", { content: "Ho" }),
  "deleteMessage()": (storage) => storage.deleteMessage("s1", "m1"),
  "deleteAllMessages()": (storage) => storage.deleteAllMessages("s1"),
  "touchSession()": (storage) => storage.touchSession("s1"),
};

const READS: Readonly<Record<string, Call>> = {
  "getSession()": (storage) => storage.getSession("s1"),
  "getMessages()": (storage) => storage.getMessages("s1"),
  "getMessages() by roles": (storage) =>
    storage.getMessages("s1", { roles: ["user"] }),
};

/** Makes the session "s1" of the user "ada" with two messages. */
async function fill({ storage }: TestStore): Promise<void> {
  await storage.createSession(newSession({ id: "s1", userId: "ada" }));
  await storage.addMessage("s1", newMessage("Hi", { id: "m1" }));
  await storage.addMessage("s1", newMessage("Hi", { id: "m2" }));
}

/** Fails unless all that belongs to the session ends with it, or soon after it. */
async function assertCoherent(store: TestStore, ttlMs: number): Promise<void> {
  const end = await endOf(store, "session:s1");
  assert(Number.isFinite(end), `the session ends at ${end}`);
  const names = await store.keys();
  for (const name of names) {
    const moment = await endOf(store, name);
    if (name === "session:s1:messages") assertEquals(moment, end);
    if (name.startsWith("message:")) {
      assert(moment >= end, `${name} ends before its session`);
      assert(moment <= end + ttlMs / 4 + 1, `${name} ends late`);
    }
    if (name.startsWith("user:")) assert(moment >= end);
    if (name.startsWith("sessions:")) assertEquals(moment, Infinity);
  }
  const deadline = await store.redis.zScore(
    `${store.prefix}sessions:by-deadline`,
    "2:s1ada",
  );
  assert(deadline !== null && deadline >= end);
  assert(deadline <= end + ttlMs / 4 + 1);
}

describe("ttlSeconds", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const [name, write] of Object.entries(WRITES)) {
    it(`${name} starts the TTL of all keys again`, async () => {
      for (const share of [0, 0.1, 0.24, 0.26, 0.5, 0.99]) {
        const store = await bed.open({ ttlSeconds: TTL_SECONDS });
        await fill(store);
        await assertCoherent(store, TTL_MS);
        await passTime(store, share * TTL_MS);
        const before = await serverTime(store);
        await write(store.storage);
        const end = await endOf(store, "session:s1");
        assert(end >= Math.floor(before) + TTL_MS, `after ${share}`);
        assert(end <= await serverTime(store) + TTL_MS, `after ${share}`);
        await assertCoherent(store, TTL_MS);
      }
    });
  }

  for (const [name, read] of Object.entries(READS)) {
    it(`${name} leaves the TTL alone, refreshTtlOnRead starts it again`, async () => {
      for (const share of [0, 0.1, 0.3, 0.9]) {
        const store = await bed.open({ ttlSeconds: TTL_SECONDS });
        await fill(store);
        await passTime(store, share * TTL_MS);
        const end = await endOf(store, "session:s1");
        const messageEnd = await endOf(store, "message:m1");
        const plain = await read(store.storage);
        assertEquals(await endOf(store, "session:s1"), end);
        const keen = await bed.open({
          keyPrefix: store.prefix,
          ttlSeconds: TTL_SECONDS,
          refreshTtlOnRead: true,
        });
        const before = await serverTime(store);
        assertEquals(await read(keen.storage), plain);
        const newEnd = await endOf(store, "session:s1");
        assert(newEnd >= Math.floor(before) + TTL_MS);
        await assertCoherent(store, TTL_MS);
        // Messages are only touched once in a quarter of the TTL.
        const isKept = await endOf(store, "message:m1") === messageEnd;
        assertEquals(isKept, share < 0.25);
      }
    });
  }

  it("expires a session, its messages, and what lists found it by", async () => {
    const store = await bed.open({ ttlSeconds: TTL_SECONDS });
    const { storage } = store;
    await fill(store);
    await storage.updateSession("s1", { expiresAt: new Date(0) });
    await passTime(store, TTL_MS + 1000);
    // The messages still have up to a quarter of the TTL.
    assert((await store.keys()).includes("message:m1"));
    assertEquals(await storage.getSession("s1"), null);
    assertEquals(await storage.getMessages("s1"), []);
    assertEquals(await storage.getMessage("s1", "m1"), null);
    assertEquals(await storage.countMessages("s1"), 0);
    assertEquals(await storage.touchSession("s1"), false);
    assertEquals(await storage.getExpiredSessions(new Date()), []);
    for (
      const name of ["updateSession()", "addMessage()", "updateMessage()"]
    ) {
      const error = await assertRejects(
        () => WRITES[name]!(storage),
        StorageError,
      );
      assertEquals(error.reason, "not-found", name);
    }
    await passTime(store, TTL_MS / 4);
    assert(!(await store.keys()).some((key) => /^(message|user):/.test(key)));
    assertEquals(await storage.listSessions(), []);
    assertEquals(await store.keys(), []);
  });

  it("a create or a list cleans up what expired sessions left in the indexes", async () => {
    const store = await bed.open({ ttlSeconds: TTL_SECONDS });
    const { storage, redis, prefix } = store;
    const keeper = await bed.open({ keyPrefix: prefix });
    // This one has no TTL, and so its user's set has none.
    await keeper.storage.createSession(newSession({ userId: "ada" }));
    for (let i = 0; i < 30; i++) {
      await storage.createSession(newSession({ userId: i % 2 ? "ada" : "b" }));
    }
    const members = () => redis.sCard(`${prefix}user:ada:sessions`);
    const entries = async () =>
      await redis.zCard(`${prefix}sessions:by-created`) +
      await redis.zCard(`${prefix}sessions:by-activity`) +
      await redis.zCard(`${prefix}sessions:by-deadline`);
    assertEquals([await members(), await entries()], [16, 31 + 31 + 30]);
    await passTime(store, 2 * TTL_MS);
    await storage.createSession(newSession());
    const swept = 92 + 3 - await entries();
    assert(swept >= 3 && swept <= 24, `${swept} entries swept`);
    await storage.listSessions({ userId: "nobody" });
    assertEquals([await members(), await entries()], [1, 2 + 2 + 1]);
    assertEquals((await storage.listSessions()).length, 2);
  });

  it("many creates sweep at least as much as they add", async () => {
    const store = await bed.open({ ttlSeconds: TTL_SECONDS });
    const { storage, redis, prefix } = store;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 10; i++) await storage.createSession(newSession());
      await passTime(store, 2 * TTL_MS);
    }
    await storage.createSession(newSession());
    assert(await redis.zCard(`${prefix}sessions:by-created`) <= 11);
    assert(await redis.zCard(`${prefix}sessions:by-deadline`) <= 11);
  });

  it("a session that somebody gave more time is not cleaned up", async () => {
    const store = await bed.open({ ttlSeconds: TTL_SECONDS });
    const { storage, redis, prefix } = store;
    await fill(store);
    const { id } = await storage.createSession(newSession());
    await redis.pExpire(`${prefix}session:s1`, 100 * TTL_MS);
    await redis.persist(`${prefix}session:${id}`);
    await passTime(store, 2 * TTL_MS);
    await storage.createSession(newSession());
    const found = (await storage.listSessions()).map((session) => session.id);
    assert(found.includes("s1") && found.includes(id));
    const key = `${prefix}sessions:by-deadline`;
    const moment = await redis.zScore(key, "2:s1ada");
    assert(moment !== null);
    assert(moment > await endOf(store, "session:s1") - TTL_MS);
    assertEquals(await redis.zScore(key, `${id.length}:${id}`), null);
  });

  it("a session created again has nothing of the expired one", async () => {
    for (const share of [1.01, 1.2, 1.3]) {
      const store = await bed.open({ ttlSeconds: TTL_SECONDS });
      const { storage } = store;
      await fill(store);
      await storage.updateSession("s1", { tokenCount: 5 });
      await passTime(store, share * TTL_MS);
      const again = await storage.createSession(
        newSession({ id: "s1", userId: "bob" }),
      );
      assertEquals([again.version, again.tokenCount], [1, undefined]);
      assertEquals(await storage.getMessages("s1"), []);
      assertEquals(await storage.countMessages("s1"), 0);
      assertEquals(await storage.getMessage("s1", "m1"), null);
      await assertRejects(
        () => storage.updateMessage("s1", "m2", { content: "?" }),
        StorageError,
        "not found",
      );
      const message = await storage.addMessage(
        "s1",
        newMessage("New", { id: "m1" }),
      );
      assertEquals([message.content, message.sequence], ["New", 1]);
      assertEquals(await storage.getMessages("s1"), [message]);
      assertEquals(await storage.listSessions({ userId: "ada" }), []);
      const end = await endOf(store, "session:s1");
      assert(await endOf(store, "message:m1") >= end);
      await passTime(store, 2 * TTL_MS);
      await storage.listSessions();
      assertEquals(await store.keys(), []);
    }
  });

  it("a message set that outlived its session is removed by a create", async () => {
    const store = await bed.open({ ttlSeconds: TTL_SECONDS });
    const { storage, redis, prefix } = store;
    await fill(store);
    await redis.unlink(`${prefix}session:s1`);
    await storage.createSession(newSession({ id: "s1" }));
    assertEquals(
      (await store.keys()).filter((key) => key.includes("message")),
      [],
    );
    assertEquals(await storage.getMessages("s1"), []);
  });

  it("leaves nothing behind in real time", async () => {
    const store = await bed.open({ ttlSeconds: 1 });
    await fill(store);
    const kept = ["sessions:by-activity", "sessions:by-created"];
    assert(
      await until(
        async () => (await store.keys()).every((key) => /^sessions:/.test(key)),
        10_000,
      ),
    );
    assertEquals(await store.storage.getSession("s1"), null);
    assertEquals((await store.keys()).slice(0, 2), kept);
    await store.storage.listSessions();
    assertEquals(await store.keys(), []);
  });

  it("deletes an expired session's leftovers", async () => {
    const store = await bed.open({ ttlSeconds: TTL_SECONDS });
    await fill(store);
    await store.storage.updateSession("s1", unset("userId"));
    await passTime(store, TTL_MS + 1);
    await store.storage.deleteSession("s1");
    const left = (await store.keys()).filter((key) => !/^message:/.test(key));
    assertEquals(left, []);
  });

  it("deletes the messages of a session that was evicted", async () => {
    const store = await bed.open({ ttlSeconds: TTL_SECONDS });
    await fill(store);
    await store.redis.unlink(`${store.prefix}session:s1`);
    await store.storage.deleteSession("s1");
    const left = (await store.keys()).filter((key) => /message/.test(key));
    assertEquals(left, []);
  });

  it("leaves nothing of a session that is not there", async () => {
    const store = await bed.open({
      ttlSeconds: TTL_SECONDS,
      refreshTtlOnRead: true,
    });
    const { storage } = store;
    for (const read of Object.values(READS)) await read(storage);
    await storage.deleteMessage("s1", "m1");
    await storage.deleteAllMessages("s1");
    assertEquals(await storage.touchSession("s1"), false);
    assertEquals(await store.keys(), []);
    assertEquals(await storage.getSession("s1"), null);
  });
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { NewSession } from "@reaatech/session-continuity-storage-redis";
import { endOf } from "./support/passing_time.ts";
import { newMessage, newSession, unset } from "./support/records.ts";
import { readHash, readOrder } from "./support/snapshot.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

const JOINED = new Date("2024-05-06T07:08:09.010Z");
const LATER = new Date("2035-01-02T03:04:05.006Z");

const SUMMARIZER = {
  apiKey: "sk-do-not-store",
  summarize: () => Promise.resolve("sk-do-not-store"),
};

/** A session with every property that there is. */
const FULL: NewSession = {
  userId: "ada",
  activeAgentId: "planner",
  status: "paused",
  metadata: { title: "Trip", tags: ["a", 'b"c'], custom: { list: [] } },
  participants: [{ id: "p1", role: "agent", joinedAt: JOINED, leftAt: LATER }],
  schemaVersion: 3,
  expiresAt: LATER,
  tokenBudget: {
    maxTokens: 1000,
    reserveTokens: 10,
    overflowStrategy: "truncate",
  },
  compression: {
    strategy: "summarization",
    targetTokens: 500,
    summarizer: SUMMARIZER,
    summarizationPrompt: "Be brief",
  },
  compressionState: {
    strategy: "summarization",
    summary: "short",
    keptMessageIds: ["m1"],
    signature: "s",
    compressedTokenCount: 12,
    updatedAt: JOINED,
  },
  tokenCount: 12,
  messageCount: 2,
};

/** Returns the types of all keys. */
async function types(store: TestStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const key of await store.keys()) {
    found[key] = await store.redis.type(store.prefix + key);
  }
  return found;
}

describe("RedisAdapter", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const hashTags of [false, true]) {
    const [s, m] = hashTags
      ? ["session:{s1}", "message:{s1}:m1"]
      : ["session:s1", "message:m1"];

    it(`uses these keys and types, hashTags ${hashTags}`, async () => {
      const store = await bed.open({ hashTags, ttlSeconds: 600 });
      const { storage } = store;
      await storage.createSession({ ...newSession({ id: "s1" }), ...FULL });
      assertEquals(await types(store), {
        [s]: "hash",
        "sessions:by-activity": "zset",
        "sessions:by-created": "zset",
        "sessions:by-deadline": "zset",
        "sessions:by-expiry": "zset",
        "user:ada:sessions": "set",
      });
      await storage.addMessage("s1", newMessage("Hi", { id: "m1" }));
      assertEquals(await types(store), {
        [m]: "hash",
        [s]: "hash",
        [`${s}:messages`]: "zset",
        "sessions:by-activity": "zset",
        "sessions:by-created": "zset",
        "sessions:by-deadline": "zset",
        "sessions:by-expiry": "zset",
        "user:ada:sessions": "set",
      });
      assertEquals(
        await store.redis.sMembers(`${store.prefix}user:ada:sessions`),
        ["s1"],
      );
      await storage.deleteSession("s1");
      assertEquals(await types(store), {});
    });
  }

  it("leaves out what is not needed", async () => {
    const store = await bed.open();
    const { id, createdAt } = await store.storage.createSession(newSession());
    assertEquals(await types(store), {
      [`session:${id}`]: "hash",
      "sessions:by-activity": "zset",
      "sessions:by-created": "zset",
    });
    const { creationToken, ...rest } = await readHash(store, `session:${id}`);
    assertMatch(String(creationToken), /^.{16,}$/);
    assertEquals(rest, {
      id,
      status: "active",
      metadata: "{}",
      participants: "[]",
      schemaVersion: "1",
      version: "1",
      createdAt: `${createdAt.getTime()}`,
      lastActivityAt: `${createdAt.getTime()}`,
      lastSequence: "0",
    });
  });

  it("createSession() makes one hash of a session", async () => {
    const store = await bed.open({ ttlSeconds: 600 });
    const { storage } = store;
    const { createdAt } = await storage.createSession({
      ...newSession({ id: "s1" }),
      ...FULL,
    });
    const fields = await readHash(store, "session:s1");
    const { creationToken, messagesExpireAt, ...rest } = fields;
    assertMatch(String(creationToken), /^.{16,}$/);
    const created = `${createdAt.getTime()}`;
    assertEquals(rest, {
      id: "s1",
      userId: "ada",
      activeAgentId: "planner",
      status: "paused",
      metadata: '{"title":"Trip","tags":["a","b\\"c"],"custom":{"list":[]}}',
      tags: '["a","b\\"c"]',
      participants:
        '[{"id":"p1","role":"agent","joinedAt":"2024-05-06T07:08:09.010Z","leftAt":"2035-01-02T03:04:05.006Z"}]',
      schemaVersion: "3",
      createdAt: created,
      lastActivityAt: created,
      expiresAt: "2051319845006",
      tokenBudget:
        '{"maxTokens":1000,"reserveTokens":10,"overflowStrategy":"truncate"}',
      compression:
        '{"strategy":"summarization","targetTokens":500,"summarizationPrompt":"Be brief"}',
      compressionState:
        '{"strategy":"summarization","summary":"short","keptMessageIds":["m1"],"signature":"s","compressedTokenCount":12,"updatedAt":"2024-05-06T07:08:09.010Z"}',
      tokenCount: "12",
      messageCount: "2",
      version: "1",
      lastSequence: "0",
    });
    // The deadline is a quarter of the TTL after the session's, by Redis' clock.
    const end = await endOf(store, "session:s1");
    assertEquals(Number(messagesExpireAt), end + 150_000);
    assertEquals(await readOrder(store, "sessions:by-created"), [
      ["s1", createdAt.getTime()],
    ]);
    assertEquals(await readOrder(store, "sessions:by-activity"), [
      ["s1", createdAt.getTime()],
    ]);
    assertEquals(await readOrder(store, "sessions:by-expiry"), [
      ["s1", LATER.getTime()],
    ]);
    assertEquals(await readOrder(store, "sessions:by-deadline"), [
      ["2:s1ada", end + 150_000],
    ]);
  });

  it("createSession() never stores a summarizer", async () => {
    const store = await bed.open({ summarizer: SUMMARIZER });
    const { storage, redis, prefix } = store;
    const { id } = await storage.createSession(FULL);
    const session = await storage.getSession(id);
    assert(session?.compression?.strategy === "summarization");
    assertEquals(session.compression.summarizer, SUMMARIZER);
    await storage.updateSession(id, session);
    const { compression } = session;
    await storage.updateSession(id, {
      compression: { ...compression, strategy: "hybrid" },
    });
    for (const key of await store.keys()) {
      const type = await redis.type(prefix + key);
      const text = type === "hash"
        ? JSON.stringify(await readHash(store, key))
        : type === "set"
        ? JSON.stringify(await redis.sMembers(prefix + key))
        : JSON.stringify(await readOrder(store, key));
      assert(!/summarizer|sk-do-not|apiKey/.test(text), `${key}: ${text}`);
    }
  });

  it("updateSession() writes what changes, removes what goes", async () => {
    const store = await bed.open({ ttlSeconds: 600 });
    const { storage, redis, prefix } = store;
    await storage.createSession({ ...newSession({ id: "s1" }), ...FULL });
    const before = await readHash(store, "session:s1");
    // A field of somebody else stays: an update is no rewrite.
    await redis.hSet(`${prefix}session:s1`, "note", "kept");
    const lastActivityAt = new Date("2031-01-01T00:00:00.001Z");
    await storage.updateSession("s1", {
      userId: "bob",
      metadata: { title: "New" },
      lastActivityAt,
      expiresAt: JOINED,
      ...unset("tokenBudget", "compression", "messageCount"),
    });
    const {
      tags: _,
      tokenBudget: _b,
      compression: _c,
      messageCount: _m,
      ...kept
    } = before;
    const { updateToken, ...after } = await readHash(store, "session:s1");
    assertMatch(updateToken!, /^[0-9a-f-]{36}$/);
    assertEquals(after, {
      ...kept,
      userId: "bob",
      metadata: '{"title":"New"}',
      lastActivityAt: `${lastActivityAt.getTime()}`,
      expiresAt: `${JOINED.getTime()}`,
      version: "2",
      note: "kept",
    });
    assertEquals(await readOrder(store, "sessions:by-activity"), [
      ["s1", lastActivityAt.getTime()],
    ]);
    assertEquals(await readOrder(store, "sessions:by-expiry"), [
      ["s1", JOINED.getTime()],
    ]);
    assertEquals(await readOrder(store, "sessions:by-deadline"), [
      ["2:s1bob", Number(before["messagesExpireAt"])],
    ]);
    assertEquals(
      (await store.keys()).filter((key) => key.startsWith("user:")),
      ["user:bob:sessions"],
    );
    await storage.updateSession("s1", unset("userId", "expiresAt"));
    assertEquals(await store.keys(), [
      "session:s1",
      "sessions:by-activity",
      "sessions:by-created",
      "sessions:by-deadline",
    ]);
    assertEquals(await readOrder(store, "sessions:by-deadline"), [
      ["2:s1", Number(before["messagesExpireAt"])],
    ]);
  });

  it("sessions:by-deadline counts the bytes of the id", async () => {
    const store = await bed.open({ ttlSeconds: 600 });
    const id = "3:é🦊";
    await store.storage.createSession(newSession({ id, userId: "7:ö" }));
    const [[member]] = await readOrder(store, "sessions:by-deadline") as [
      [string, number],
    ];
    assertEquals(member, "8:3:é🦊7:ö");
  });

  it("keyPrefix comes before every key, the default is none", async () => {
    const { url } = await bed.server();
    const store = await bed.open({ url, keyPrefix: "", ttlSeconds: 60 });
    const session = newSession({ id: "42", userId: "u", expiresAt: LATER });
    await store.storage.createSession(session);
    await store.storage.addMessage("42", newMessage("Hi", { id: "m1" }));
    const names = await store.keys();
    assertEquals(names, [
      "message:m1",
      "session:42",
      "session:42:messages",
      "sessions:by-activity",
      "sessions:by-created",
      "sessions:by-deadline",
      "sessions:by-expiry",
      "user:u:sessions",
    ]);
    const other = await bed.open({ url, keyPrefix: "a?b:", ttlSeconds: 60 });
    await other.storage.createSession(session);
    await other.storage.addMessage("42", newMessage("Hi", { id: "m1" }));
    assertEquals(await other.keys(), names);
    assertEquals((await store.keys()).length, 2 * names.length);
  });
});

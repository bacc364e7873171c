import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { Message } from "@reaatech/session-continuity-storage-redis";
import { passTime } from "./support/passing_time.ts";
import { newMessage, unset } from "./support/records.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

const bed = new TestBed();
const CREATED = Date.UTC(2024, 1, 29, 23, 59, 58, 7);
const ISO = "2024-02-29T23:59:58.007Z";
const ID = "old:1";

/** How some versions of the documented adapter scored messages, and where they kept the sequence. */
type Scoring = "createdAt" | "sequence";

/** Writes a session with two messages as the documented adapter did. */
async function writeOlder(
  { redis, prefix }: TestStore,
  scoring: Scoring = "createdAt",
): Promise<void> {
  await redis.hSet(`${prefix}session:${ID}`, {
    id: ID,
    userId: "ada",
    activeAgentId: "",
    status: "active",
    metadata: JSON.stringify({ title: "Old", tags: ["a/b", "\x7f", 'q"'] }),
    participants: JSON.stringify([
      { id: "ada", role: "user", joinedAt: new Date(CREATED) },
    ]),
    schemaVersion: "1",
    createdAt: ISO,
    lastActivityAt: ISO,
    expiresAt: "",
    tokenBudget: "",
    compression: "",
    compressionState: "",
    tokenCount: "7",
    messageCount: "",
    version: "3",
  });
  for (const [i, id] of ["m1", "m2"].entries()) {
    const createdAt = new Date(CREATED + i * 1000);
    await redis.zAdd(`${prefix}session:${ID}:messages`, {
      value: id,
      score: scoring === "sequence" ? i + 1 : createdAt.getTime(),
    });
    await redis.hSet(`${prefix}message:${id}`, {
      id,
      sessionId: ID,
      role: i === 0 ? "user" : "assistant",
      content: i === 0 ? "Hello" : '[{"type":"text","text":"Hi"}]',
      contentType: i === 0 ? "string" : "json",
      tokenCount: i === 0 ? "" : "4",
      sequence: String(i + 1),
      metadata: i === 0 ? "" : '{"annotations":{"empty":[]}}',
      createdAt: createdAt.toISOString(),
    });
  }
  if (scoring === "sequence") {
    await redis.set(`${prefix}session:${ID}:seq`, "5");
  }
}

const SESSION = {
  id: ID,
  userId: "ada",
  status: "active" as const,
  metadata: { title: "Old", tags: ["a/b", "\x7f", 'q"'] },
  participants: [
    { id: "ada", role: "user" as const, joinedAt: new Date(CREATED) },
  ],
  schemaVersion: 1,
  createdAt: new Date(CREATED),
  lastActivityAt: new Date(CREATED),
  tokenCount: 7,
  version: 3,
};

const MESSAGES: [Message, Message] = [
  {
    id: "m1",
    sessionId: ID,
    role: "user",
    content: "Hello",
    sequence: 1,
    createdAt: new Date(CREATED),
  },
  {
    id: "m2",
    sessionId: ID,
    role: "assistant",
    content: [{ type: "text", text: "Hi" }],
    tokenCount: 4,
    sequence: 2,
    metadata: { annotations: { empty: [] } },
    createdAt: new Date(CREATED + 1000),
  },
];

describe("records of the documented adapter", () => {
  afterAll(() => bed.close());

  it("getSession() reads them", async () => {
    const store = await bed.open();
    await writeOlder(store);
    assertEquals(await store.storage.getSession(ID), SESSION);
  });

  for (const scoring of ["createdAt", "sequence"] as const) {
    it(`getMessages() reads them, scored by ${scoring}`, async () => {
      const store = await bed.open();
      const { storage } = store;
      await writeOlder(store, scoring);
      assertEquals(await storage.getMessages(ID), MESSAGES);
      assertEquals(await storage.getMessage(ID, "m2"), MESSAGES[1]);
      assertEquals(await storage.getMessages(ID, { order: "desc", limit: 1 }), [
        MESSAGES[1],
      ]);
      assertEquals(await storage.getMessages(ID, { roles: ["assistant"] }), [
        MESSAGES[1],
      ]);
      assertEquals(
        await storage.getMessages(ID, { after: new Date(CREATED) }),
        [MESSAGES[1]],
      );
      assertEquals(
        await storage.getMessages(ID, { before: new Date(CREATED + 1000) }),
        [MESSAGES[0]],
      );
    });

    it(`addMessage() goes on after them, scored by ${scoring}`, async () => {
      const store = await bed.open();
      const { storage } = store;
      await writeOlder(store, scoring);
      const added = await storage.addMessage(ID, newMessage("new"));
      assertEquals(added.sequence, scoring === "sequence" ? 6 : 3);
      const next = await storage.addMessage(ID, newMessage("newer"));
      assertEquals(next.sequence, added.sequence! + 1);
      assertEquals(await storage.getMessages(ID), [...MESSAGES, added, next]);
      const again = await storage.addMessage(ID, newMessage("x", { id: "m1" }));
      assertEquals(again, MESSAGES[0]);
    });
  }

  it("addMessage() and updateSession() change nothing else that a read returns", async () => {
    const store = await bed.open();
    const { storage } = store;
    await writeOlder(store);
    const { createdAt } = await storage.addMessage(ID, newMessage());
    const grown = { ...SESSION, lastActivityAt: createdAt };
    assertEquals(await storage.getSession(ID), grown);
    const updated = await storage.updateSession(ID, { status: "paused" }, {
      expectedVersion: 3,
    });
    assertEquals(updated, {
      ...grown,
      status: "paused",
      version: 4,
      lastActivityAt: updated.lastActivityAt,
    });
    assertEquals(await storage.getSession(ID), updated);
  });

  it("updateMessage() writes their old fields", async () => {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    await writeOlder(store);
    const updated = await storage.updateMessage(ID, "m2", {
      content: "[new",
      tokenCount: 9,
      ...unset("metadata"),
    });
    const { metadata: _, ...rest } = MESSAGES[1];
    assertEquals(updated, {
      ...rest,
      content: "[new",
      tokenCount: 9,
      updatedAt: updated.updatedAt!,
    });
    assertEquals(await storage.getMessage(ID, "m2"), updated);
    const hash = await redis.hGetAll(`${prefix}message:m2`);
    assertEquals([hash["content"], hash["contentType"], hash["tokenCount"]], [
      "[new",
      "string",
      "9",
    ]);
    assertEquals("attributes" in hash, false);
  });

  it("deleteMessage() and deleteSession() leave nothing of them", async () => {
    const store = await bed.open();
    await writeOlder(store, "sequence");
    await store.storage.deleteMessage(ID, "m1");
    assertEquals(await store.storage.getMessages(ID), [MESSAGES[1]]);
    await store.storage.deleteSession(ID);
    assertEquals(await store.keys(), []);
  });

  it("their ids are in use in their session", async () => {
    const store = await bed.open();
    const { storage } = store;
    await writeOlder(store);
    const { id } = await storage.createSession({
      status: "active",
      metadata: {},
      participants: [],
      schemaVersion: 1,
    });
    const reason = await storage.addMessage(id, newMessage("x", { id: "m1" }))
      .then(() => "added", (error) => error.reason);
    assertEquals(reason, "already-exists");
    assertEquals(await storage.getMessages(ID), MESSAGES);
  });

  it("reindex() lets lists find them, and changes nothing that a read returns", async () => {
    const store = await bed.open();
    const { storage } = store;
    await writeOlder(store, "sequence");
    assertEquals(await storage.listSessions(), []);
    const steps: number[] = [];
    const progress = await storage.reindex({
      onProgress: ({ sessionsIndexed }) => steps.push(sessionsIndexed),
    });
    assertEquals(progress.sessionsIndexed, 1);
    assert(steps.length > 0 && steps.at(-1) === 1);
    for (
      const filters of [
        {},
        { userId: "ada" },
        { tags: ["a/b"] },
        { tags: ["\x7f"] },
        { tags: ['q"'] },
        { createdAfter: new Date(CREATED), createdBefore: new Date(CREATED) },
      ]
    ) assertEquals(await storage.listSessions(filters), [SESSION]);
    assertEquals(await storage.listSessions({ tags: ["a"] }), []);
    assertEquals(await storage.getMessages(ID), MESSAGES);
    const added = await storage.addMessage(ID, newMessage());
    assertEquals(added.sequence, 6);
  });

  it("reindex() can be run again, and finds deadlines of both kinds", async () => {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    await writeOlder(store);
    await redis.hSet(`${prefix}session:${ID}`, "expiresAt", ISO);
    await redis.expire(`${prefix}session:${ID}`, 1000);
    await storage.reindex();
    await storage.reindex();
    assertEquals(await storage.getExpiredSessions(new Date(CREATED)), [ID]);
    assertEquals(await storage.getExpiredSessions(new Date(CREATED - 1)), []);
    assertEquals((await storage.listSessions()).length, 1);
    const deadlines = await redis.zRange(
      `${prefix}sessions:by-deadline`,
      0,
      -1,
    );
    assertEquals(deadlines, [`${ID.length}:${ID}ada`]);
    assert(await redis.pTTL(`${prefix}user:ada:sessions`) > 0);
  });

  for (const ttl of [undefined, 1000]) {
    it(`a write lets lists find them, TTL ${ttl}`, async () => {
      const store = await bed.open();
      const { storage, redis, prefix } = store;
      await writeOlder(store);
      await redis.hSet(`${prefix}session:${ID}`, "expiresAt", ISO);
      const keys = ttl === undefined ? [] : await store.keys();
      for (const key of keys) await redis.expire(prefix + key, ttl!);
      const added = await storage.addMessage(ID, newMessage());
      const found = await storage.listSessions({ userId: "ada" });
      assertEquals(found.map(({ lastActivityAt }) => lastActivityAt), [
        added.createdAt,
      ]);
      assertEquals(await storage.getExpiredSessions(new Date(CREATED)), [ID]);
      if (ttl === undefined) await storage.deleteSession(ID);
      // Expired, and swept.
      else await passTime(store, 2 * ttl * 1000);
      assertEquals(await storage.listSessions(), []);
      assertEquals(await store.keys(), []);
    });
  }

  it("reindex() leaves the hashes of others alone", async () => {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    const foreign: Record<string, string> = {
      user: "ada",
      flash: "",
      createdAt: ISO,
    };
    for (const name of ["web:1", "x:messages"]) {
      await redis.hSet(`${prefix}session:${name}`, foreign);
    }
    assertEquals((await storage.reindex()).sessionsIndexed, 0);
    assertEquals(await storage.listSessions(), []);
    for (const name of ["web:1", "x:messages"]) {
      const hash = await redis.hGetAll(`${prefix}session:${name}`);
      assertEquals({ ...hash }, foreign);
    }
  });

  it("reindex() leaves keys alone that are no sessions", async () => {
    const store = await bed.open({ keyPrefix: `${crypto.randomUUID()}[*]:` });
    const { storage, redis, prefix } = store;
    await writeOlder(store);
    await redis.set(`${prefix}session:text`, "mine");
    await redis.hSet(`x${prefix}session:other`, "id", "other");
    assertEquals((await storage.reindex()).sessionsIndexed, 1);
    assertEquals((await storage.listSessions()).map(({ id }) => id), [ID]);
    assertEquals(await redis.get(`${prefix}session:text`), "mine");
    await redis.unlink([
      `x${prefix}session:other`,
      ...(await store.keys()).map((name) => prefix + name),
    ]);
  });
});

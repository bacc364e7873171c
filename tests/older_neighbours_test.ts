import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import { writeSamples } from "./support/older_reads.ts";
import { SHAPES, writeOlder } from "./support/older_records.ts";
import { ID, MESSAGES, SESSIONS } from "./support/older_samples.ts";
import { onServer } from "./support/places.ts";
import { newMessage, newSession } from "./support/records.ts";
import { readOrder } from "./support/snapshot.ts";
import { TestBed } from "./support/test_bed.ts";

const [shape] = SHAPES as [typeof SHAPES[number]];

describe("older records beside others", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("their ids are in use in their session", async () => {
    const store = await onServer(bed);
    const { storage } = store;
    await writeSamples(store, shape);
    const { id } = await storage.createSession(newSession());
    for (const sessionId of [id, "old:0"]) {
      const error = await assertRejects(
        () => storage.addMessage(sessionId, newMessage("x", { id: "m1" })),
        StorageError,
      );
      assertEquals(error.reason, "already-exists");
    }
    const error = await assertRejects(
      () => storage.createSession(newSession({ id: ID })),
      StorageError,
    );
    assertEquals(error.reason, "already-exists");
    assertEquals(await storage.getSession(ID), SESSIONS[1]);
    assertEquals(await storage.getMessages(ID), MESSAGES);
  });

  it("their counter is not the session of another id", async () => {
    const store = await onServer(bed);
    const { storage, redis, prefix } = store;
    await writeOlder(store, shape, SESSIONS[0], [], 4);
    const key = `${prefix}session:old:0:seq`;
    await redis.unlink(key);
    await redis.hSet(key, { id: "old:0:seq" });
    const added = await storage.addMessage("old:0", newMessage());
    assertEquals(added.sequence, 1);
    assertEquals({ ...await redis.hGetAll(key) }, { id: "old:0:seq" });
  });

  it("their user that is unset is not the one whose id is empty", async () => {
    const store = await bed.open({ ttlSeconds: 600 });
    const { storage, redis, prefix } = store;
    const placed = { redis, prefix, isTagged: false };
    const { id } = SESSIONS[0];
    const messages = MESSAGES.slice(0, 2).map((message) => ({
      ...message,
      sessionId: id,
    }));
    await writeOlder(placed, shape, SESSIONS[0], messages);
    const [first, second] = messages.map((message) => message.id);
    await storage.updateMessage(id, first!, { content: "edited" });
    await storage.deleteMessage(id, second!);
    assertEquals((await store.keys()).filter((key) => /^user/.test(key)), []);
    assertEquals(
      (await storage.getMessages(id)).map(({ content }) => content),
      ["edited"],
    );
  });

  it("their sequence goes on without a counter, from the last or their count", async () => {
    const store = await onServer(bed);
    const { storage, redis, prefix } = store;
    const [session] = SESSIONS;
    const bare = { ...shape, hasCounter: false };
    const last = { ...MESSAGES[0]!, sessionId: session.id, sequence: 7 };
    await writeOlder(store, bare, session, [last]);
    assertEquals(
      (await storage.addMessage(session.id, newMessage())).sequence,
      8,
    );
    await storage.deleteSession(session.id);
    const uncounted = ["a", "b", "c"].map((id) => ({ ...last, id }));
    await writeOlder(store, bare, session, uncounted);
    for (const { id } of uncounted) {
      await redis.hSet(`${prefix}message:${id}`, { sequence: "" });
    }
    assertEquals(
      (await storage.addMessage(session.id, newMessage())).sequence,
      4,
    );
  });

  it("their counter goes when the id is a new session's", async () => {
    const { storage, redis, prefix } = await bed.open();
    const placed = { redis, prefix, isTagged: false };
    const [session] = SESSIONS;
    const message = { ...MESSAGES[0]!, sessionId: session.id };
    await writeOlder(placed, { ...shape, hasCounter: true }, session, [
      message,
    ]);
    await redis.unlink(`${prefix}session:${session.id}`);
    await storage.createSession(newSession({ id: session.id }));
    assertEquals(await redis.exists(`${prefix}session:${session.id}:seq`), 0);
    assertEquals(await storage.getMessages(session.id), []);
  });

  it("a list leaves those that wait for reindex() in their user's set", async () => {
    const { storage, redis, prefix } = await bed.open();
    const placed = { redis, prefix, isTagged: false };
    const withSet = { ...shape, hasUserSet: true };
    await writeOlder(placed, withSet, { ...SESSIONS[0], userId: "ada" });
    assertEquals(await storage.listSessions({ userId: "ada" }), []);
    const members = await redis.sMembers(`${prefix}user:ada:sessions`);
    assertEquals(members, [SESSIONS[0].id]);
  });

  it("their content is a text where its type is unset", async () => {
    const { storage, redis, prefix } = await bed.open();
    const placed = { redis, prefix, isTagged: false };
    const { id } = SESSIONS[0];
    const message = { ...MESSAGES[0]!, sessionId: id, content: "[text" };
    await writeOlder(placed, shape, SESSIONS[0], [message]);
    const key = `${prefix}message:${message.id}`;
    await redis.hSet(key, { contentType: "" });
    assertEquals((await storage.getMessages(id))[0]?.content, "[text");
  });

  it("reindex() leaves the hashes of others alone", async () => {
    const { storage, redis, prefix } = await onServer(bed);
    const foreign: Record<string, string> = {
      user: "ada",
      flash: "",
      createdAt: "2024-02-29",
    };
    const keys = ["web:1", "x:messages"].map((id) => `${prefix}session:${id}`);
    for (const key of keys) await redis.hSet(key, foreign);
    assertEquals((await storage.reindex()).sessionsIndexed, 0);
    assertEquals(await storage.listSessions(), []);
    for (const key of keys) {
      assertEquals({ ...await redis.hGetAll(key) }, foreign);
    }
  });

  it("reindex() leaves keys alone that are no sessions", async () => {
    const keyPrefix = `${bed.prefix()}[*]:`;
    const { storage, redis, prefix } = await bed.open({ keyPrefix });
    await writeOlder({ redis, prefix, isTagged: false }, shape, SESSIONS[0]);
    await redis.set(`${prefix}session:text`, "mine");
    // A pattern would take this one for a key of the prefix.
    const other = `${prefix.replace("[*]", "*")}session:other`;
    await redis.hSet(other, { id: "other" });
    assertEquals((await storage.reindex()).sessionsIndexed, 1);
    assertEquals(await storage.listSessions(), [SESSIONS[0]]);
    assertEquals(await redis.get(`${prefix}session:text`), "mine");
  });

  it("reindex() reads their dates as JavaScript does", async () => {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    const placed = { redis, prefix, isTagged: false };
    const dates = [
      "1969-12-31T23:59:59.999Z",
      "1970-01-01T00:00:00.000Z",
      "1999-12-31T12:34:56.789Z",
      "2000-01-31T00:00:00.001Z",
      "2000-02-29T00:00:00.000Z",
      "2000-03-01T00:00:00.000Z",
      "2023-02-28T23:59:59.999Z",
      "2024-02-29T01:02:03.040Z",
      "2100-03-01T00:00:00.000Z",
      "2400-12-31T23:59:59.999Z",
    ];
    for (const [i, text] of dates.entries()) {
      const [createdAt, id] = [new Date(text), `old${i}`];
      await writeOlder(placed, shape, { ...SESSIONS[0], id, createdAt });
    }
    await storage.reindex();
    const order = await readOrder(store, "sessions:by-created");
    assertEquals(order.map(([, ms]) => new Date(ms).toISOString()), dates);
  });
});

import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import { writeSamples } from "./support/older_reads.ts";
import { SHAPES, writeOlder } from "./support/older_records.ts";
import { ID, MESSAGES, SESSIONS } from "./support/older_samples.ts";
import { onServer } from "./support/places.ts";
import { newMessage, newSession } from "./support/records.ts";
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
});

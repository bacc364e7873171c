import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import {
  bigMessages,
  openStepped,
  type SteppedStore,
} from "./support/large_appends.ts";
import { endOf, passTime } from "./support/passing_time.ts";
import { newMessage } from "./support/records.ts";
import { readHash } from "./support/snapshot.ts";
import { TestBed, type TestStoreOptions } from "./support/test_bed.ts";

const TTL_SECONDS = 1000;
const TTL_MS = TTL_SECONDS * 1000;
/** The scripts of an append of three parts, but for the first one. */
const LATER_SCRIPTS = [2, 3, 4];
const GIVEN = bigMessages("a", "b", "c");

describe("addMessages() of many, and deadlines", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(options: TestStoreOptions = {}): Promise<SteppedStore> {
    return await openStepped(bed, { ttlSeconds: TTL_SECONDS, ...options });
  }

  /** Fails unless all messages end together, no earlier than the session. */
  async function assertDeadlines(
    store: SteppedStore,
    { slackMs }: { slackMs: number },
  ): Promise<void> {
    const { messagesExpireAt, staged } = await readHash(store, "session:s");
    assertEquals(staged, undefined);
    const end = await endOf(store, "session:s");
    assertEquals(await endOf(store, "session:s:messages"), end);
    const messages = await store.other.getMessages("s");
    const ids = messages.map(({ id }) => id);
    assertEquals(ids.slice(-3), ["a", "b", "c"]);
    for (const id of ids) {
      const moment = await endOf(store, `message:${id}`);
      assertEquals(moment, Number(messagesExpireAt ?? Infinity), id);
      assert(moment >= end, id);
      if (end !== Infinity) assert(moment - end <= slackMs, id);
    }
  }

  it("starts the TTL of all again", async () => {
    const store = await open();
    await passTime(store, TTL_MS / 10);
    const before = await endOf(store, "session:s");
    await store.storage.addMessages("s", GIVEN);
    assertEquals(store.steps.keys.length, 4);
    assert(await endOf(store, "session:s") > before);
    await assertDeadlines(store, { slackMs: TTL_MS / 4 });
  });

  it("begins an order that ends with its session", async () => {
    const store = await open();
    await store.other.deleteAllMessages("s");
    await store.storage.addMessages("s", GIVEN);
    await assertDeadlines(store, { slackMs: TTL_MS / 4 });
  });

  for (const number of LATER_SCRIPTS) {
    it(`holds when a quarter of the TTL passes before script ${number}`, async () => {
      const store = await open();
      const { storage, steps } = store;
      steps.before(number, () => passTime(store, TTL_MS * 0.3));
      await storage.addMessages("s", GIVEN);
      await assertDeadlines(store, { slackMs: TTL_MS / 4 });
    });

    it(`holds when the TTL is another one before script ${number}`, async () => {
      for (const ttlSeconds of [TTL_SECONDS * 10, TTL_SECONDS / 10]) {
        const store = await open();
        const { storage, steps } = store;
        const another = await store.another({ ttlSeconds });
        steps.before(number, () => another.storage.touchSession("s"));
        await storage.addMessages("s", GIVEN);
        await assertDeadlines(store, { slackMs: TTL_MS / 4 });
      }
    });

    it(`finds a session that ends before script ${number} no more`, async () => {
      const store = await open();
      const { storage, steps } = store;
      steps.before(number, () => passTime(store, TTL_MS + 1000));
      const error = await assertRejects(
        () => storage.addMessages("s", GIVEN),
        StorageError,
        "not found",
      );
      assertEquals(error.reason, "not-found");
      const keys = await store.keys();
      // That one outlives its session by up to a quarter of the TTL.
      assertEquals(keys.filter((key) => /^message|^session:/.test(key)), [
        "message:first",
      ]);
    });

    it(`gives messages the session's own deadlines, set before script ${number}`, async () => {
      for (const isBounded of [true, false]) {
        const store = await openStepped(bed);
        const { redis, prefix, storage, steps } = store;
        const bounded = await store.another({ ttlSeconds: TTL_SECONDS });
        if (isBounded) await bounded.storage.touchSession("s");
        steps.before(number, async () => {
          if (!isBounded) return await bounded.storage.touchSession("s");
          await redis.persist(`${prefix}session:s`);
          await redis.persist(`${prefix}session:s:messages`);
          await redis.hDel(`${prefix}session:s`, "messagesExpireAt");
          await redis.persist(`${prefix}message:first`);
        });
        await storage.addMessages("s", GIVEN);
        await assertDeadlines(store, { slackMs: TTL_MS / 4 });
      }
    });
  }

  it("begins an order that ends with a session of another adapter", async () => {
    const store = await openStepped(bed);
    const bounded = await store.another({ ttlSeconds: TTL_SECONDS });
    await store.other.deleteAllMessages("s");
    await bounded.storage.touchSession("s");
    await store.storage.addMessages("s", GIVEN);
    assertEquals(store.steps.keys.length, 4);
    await assertDeadlines(store, { slackMs: TTL_MS / 4 });
  });

  it("leaves what a process that died has staged no longer than the session", async () => {
    const store = await open();
    const { storage, steps } = store;
    steps.always = () => Promise.reject(new Error("stop"));
    for (const number of [1, 2]) steps.at(number, (send) => send());
    await assertRejects(() => storage.addMessages("s", GIVEN));
    for (const id of ["a", "b"]) {
      const left = await endOf(store, `message:${id}`);
      assertEquals(left, await endOf(store, "message:first"));
    }
    // The next append of any kind ends what was begun.
    await store.other.addMessage("s", newMessage());
    assertEquals((await readHash(store, "session:s"))["staged"], undefined);
  });
});

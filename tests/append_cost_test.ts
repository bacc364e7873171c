import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { CommandLog } from "./support/command_log.ts";
import { countCommands } from "./support/command_stats.ts";
import { passTime, serverTime } from "./support/passing_time.ts";
import { newMessage, newSession } from "./support/records.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

const TTL_SECONDS = 1000;
const QUARTER_MS = TTL_SECONDS * 1000 / 4;

/** The session's hash, its sorted set, and the hash of the new message. */
const KEYS_OF_APPEND = 3;

const BATCH = 500;

/** Makes a session with so many messages. */
async function fill(
  { storage }: TestStore,
  id: string,
  size: number,
): Promise<void> {
  await storage.createSession(newSession({ id, userId: "ada" }));
  for (let left = size; left > 0; left -= BATCH) {
    const length = Math.min(left, BATCH);
    const messages = Array.from({ length }, () => newMessage());
    await storage.addMessages(id, messages);
  }
}

/** Counts the commands of an append to a session. */
async function countAppend(
  store: TestStore,
  id: string,
): Promise<Record<string, number>> {
  const { storage, redis } = store;
  const [newest] = await storage.getMessages(id, { order: "desc", limit: 1 });
  // Within the millisecond of the newest message, ids are compared too.
  const isLater = async () =>
    await serverTime(store) >= newest!.createdAt.getTime() + 1;
  assert(await until(isLater, 10_000));
  return await countCommands(redis, () => storage.addMessage(id, newMessage()));
}

describe("addMessage()", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  /** Opens an adapter with a TTL on a server that nobody else uses. */
  async function open(): Promise<TestStore & { url: string }> {
    const { url } = await bed.server();
    const store = await bed.open({ url, ttlSeconds: TTL_SECONDS });
    return { ...store, url };
  }

  it("takes the same commands for 10 and for 5,000 messages", async () => {
    const store = await open();
    await fill(store, "short", 10);
    await fill(store, "long", 5000);
    const counts = await countAppend(store, "short");
    assertEquals(await countAppend(store, "long"), counts);
    assertEquals(counts["pexpireat"], KEYS_OF_APPEND);
  });

  it("reads one message of the session at most", async () => {
    const store = await open();
    await fill(store, "s1", 10);
    const log = await CommandLog.open(bed, store.url);
    await store.storage.addMessage("s1", newMessage());
    const names = new Set<string>();
    for (const { name, args: [, start, stop] } of await log.take()) {
      names.add(name);
      assert(!/SCAN|SORT|SMEMBERS/.test(name), name);
      if (/RANGE/.test(name)) assertEquals(start, stop, name);
    }
    assert(names.has("ZADD"), "the log holds what the script did");
  });

  it("tells all messages of a new deadline at most once in a quarter of the TTL", async () => {
    const store = await open();
    let size = 200;
    let passed = 0;
    const clock = async () => passed + await serverTime(store);
    await fill(store, "s1", size);
    // By that clock, a moment before all messages were told.
    let told = -Infinity;
    let refreshes = 0;
    for (let round = 0; round < 100; round++) {
      const passes = [10_000, 40_000, 90_000, 1000][round % 4]!;
      await passTime(store, passes);
      passed += passes;
      const before = await clock();
      const { pexpireat = 0 } = await countAppend(store, "s1");
      const more = pexpireat - KEYS_OF_APPEND;
      if (more > 0) {
        const since = await clock() - told;
        assert(since >= QUARTER_MS, `${more} told again after ${since} ms`);
        // The user's set is told as well.
        assert(more <= size + 1, `${more} told, of ${size} messages`);
        told = before;
        refreshes++;
      }
      size++;
    }
    assert(refreshes > 0, "no deadline ever moved");
    assert(refreshes <= passed / QUARTER_MS + 1, `${refreshes} refreshes`);
  });
});

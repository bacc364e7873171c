import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type Message,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import {
  bigMessage,
  bigMessages,
  openStepped,
} from "./support/large_appends.ts";
import { SHAPES, writeOlder } from "./support/older_records.ts";
import { newMessage, newSession } from "./support/records.ts";
import { readOrder, snapshot } from "./support/snapshot.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { TestBed } from "./support/test_bed.ts";

const MOST_KEYS = 150;

/** The last moment that JavaScript has a Date for. */
const LAST_MS = 8.64e15;

describe("addMessages() of many", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const hashTags of [false, true]) {
    it(`appends all in their order, hashTags ${hashTags}`, async () => {
      const { storage } = await bed.open({ hashTags });
      const { id } = await storage.createSession(newSession());
      const first = await storage.addMessage(id, newMessage("0"));
      const given = Array.from(
        { length: 999 },
        (_, i) => newMessage(`${i + 1}`),
      );
      const added = await storage.addMessages(id, given);
      const last = await storage.addMessage(id, newMessage("1000"));
      const messages = await storage.getMessages(id);
      assertEquals(messages, [first, ...added, last]);
      assertEquals(messages.map(({ content }) => Number(content)), [
        ...Array(1001).keys(),
      ]);
      assertEquals(messages.map(({ sequence }) => sequence! - 1), [
        ...Array(1001).keys(),
      ]);
      const session = await storage.getSession(id);
      assertEquals(session?.lastActivityAt, last.createdAt);
    });

    it(`is seen as a whole or not at all, hashTags ${hashTags}`, async () => {
      const { storage, other, steps } = await openStepped(bed, { hashTags });
      const before = await other.getSession("s");
      steps.always = async (send) => {
        assertEquals(await other.countMessages("s"), 1);
        assertEquals((await other.getMessages("s")).length, 1);
        const sorted = { order: "desc", limit: 1 } as const;
        const [newest] = await other.getMessages("s", sorted);
        assertEquals(newest?.id, "first");
        const byRole = await other.getMessages("s", { roles: ["user"] });
        assertEquals(byRole.length, 1);
        assertEquals(await other.getMessage("s", "a"), null);
        await assertRejects(
          () => other.updateMessage("s", "a", { content: "?" }),
          StorageError,
          "not found",
        );
        await other.deleteMessage("s", "a");
        assertEquals(await other.getSession("s"), before);
        return await send();
      };
      const added = await storage.addMessages("s", bigMessages("a", "b", "c"));
      assertEquals(steps.keys.length, 4);
      assertEquals((await other.getMessages("s")).slice(1), added);
    });
  }

  it("is never seen in part by one who reads all the time", async () => {
    const { storage, other } = await openStepped(bed);
    const sizes = new Set<number>();
    let isOver = false;
    const reading = (async () => {
      while (!isOver) {
        sizes.add((await other.getMessages("s")).length);
        sizes.add(await other.countMessages("s"));
      }
    })();
    await storage.addMessages(
      "s",
      Array.from({ length: 1500 }, () => newMessage()),
    );
    isOver = true;
    await reading;
    assert(
      [...sizes].every((size) => [1, 1501].includes(size)),
      [...sizes] + "",
    );
  });

  const SIZES: Record<string, [lengths: number[], scripts: number]> = {
    "150 messages": [Array(150).fill(1), 1],
    "151 messages": [Array(151).fill(1), 3],
    "451 messages": [Array(451).fill(1), 5],
    "499,900 characters": [[249_950, 249_900], 1],
    "500,000 characters and attributes": [[250_000, 250_000], 3],
    "a message of 600,000 characters": [[600_000], 1],
    "a long message among short ones": [[1, 1, 600_000, 1, 1], 4],
    "parts that fill up again": [[300_000, 100_000, 300_000, 100_000], 3],
  };
  for (const [name, [lengths, scripts]] of Object.entries(SIZES)) {
    it(`writes no more at once than a script should: ${name}`, async () => {
      const { storage, steps } = await openStepped(bed);
      const given = lengths.map((length) => newMessage("x".repeat(length)));
      const added = await storage.addMessages("s", given);
      assertEquals(steps.keys.length, scripts);
      // Beside those of messages, the session's own two.
      for (const keys of steps.keys) assert(keys - 2 <= MOST_KEYS, `${keys}`);
      assertEquals(added.map(({ content }) => content.length), lengths);
      assertEquals((await storage.getMessages("s")).slice(1), added);
    });
  }

  it("refuses more than a call may have, and sends nothing", async () => {
    const { storage, steps } = await openStepped(bed);
    const error = await assertRejects(
      () => storage.addMessages("s", Array(1501).fill(newMessage())),
      StorageError,
      "messages must be an array of at most 1500 messages, got 1501",
    );
    assertEquals(error.reason, "invalid-argument");
    assertEquals(steps.keys, []);
    await storage.addMessages("s", Array(1500).fill(newMessage()));
    assertEquals(await storage.countMessages("s"), 1501);
  });

  it("leaves no trace in the session", async () => {
    const store = await openStepped(bed);
    const added = await store.storage.addMessages("s", bigMessages("a", "b"));
    const hash = await store.redis.hGetAll(`${store.prefix}session:s`);
    assertEquals(hash["staged"], undefined);
    assertEquals(hash["lastSequence"], "3");
    const active = Number(hash["lastActivityAt"]);
    assert(active >= added.at(-1)!.createdAt.getTime());
    assertEquals(await readOrder(store, "sessions:by-activity"), [[
      "s",
      active,
    ]]);
    assertEquals(await store.keys(), [
      ...["message:a", "message:b", "message:first"],
      ...["session:s", "session:s:messages"],
      ...["sessions:by-activity", "sessions:by-created"],
    ]);
  });

  it("stores the first of the messages of an id, and returns what is known", async () => {
    const { storage, steps } = await openStepped(bed);
    const [first] = await storage.getMessages("s");
    const added = await storage.addMessages("s", [
      ...[bigMessage("a"), bigMessage("first"), bigMessage("b")],
      ...[bigMessage("a", "?"), bigMessage("first", "?"), bigMessage("c")],
    ]);
    const [a, , b, , , c] = added;
    assertEquals(added, [a, first, b, a, first, c]);
    assertEquals(a!.content.length, 300_001);
    assertEquals([a, b, c].map((each) => each!.sequence), [2, 3, 4]);
    assertEquals(await storage.getMessages("s"), [first, a, b, c]);
    // Three parts of messages that are new, one that was not, and the adding.
    assertEquals(steps.keys.length, 5);
  });

  it("can be of one message twice", async () => {
    const { storage, steps } = await openStepped(bed);
    const [a, again] = await storage.addMessages("s", bigMessages("a", "a"));
    assertEquals(again, a);
    assertEquals(steps.keys.length, 2);
    assertEquals((await storage.getMessages("s")).slice(1), [a]);
  });

  it("changes nothing when all is known", async () => {
    const store = await openStepped(bed, { ttlSeconds: 600 });
    const { storage, steps } = store;
    const given = bigMessages("a", "b", "c");
    const added = await storage.addMessages("s", given);
    const before = await snapshot(store);
    steps.reset();
    assertEquals(await storage.addMessages("s", given), added);
    assertEquals(steps.keys.length, 3);
    assertEquals(await snapshot(store), before);
  });

  it("dates messages in their order, whatever their ids are", async () => {
    const { storage } = await openStepped(bed);
    // By UTF-16, the second one would come after the third one.
    const ids = ["a", "b", "\uff5e", "😀", "😀\u0001", "\uff5e!", "ab"];
    const added = await storage.addMessages("s", bigMessages(...ids));
    const start = added[0]!.createdAt.getTime();
    assertEquals(
      added.map(({ createdAt }) => createdAt.getTime() - start),
      [0, 0, 0, 0, 0, 1, 2],
    );
    assertEquals((await storage.getMessages("s")).slice(1), added);
  });

  it("comes after a message from the future", async () => {
    const store = await openStepped(bed);
    const { storage, redis, prefix } = store;
    const score = Date.now() + 1e9 + 0.5;
    const messages = `${prefix}session:s:messages`;
    await redis.zAdd(messages, { score, value: "first" });
    const added = await storage.addMessages("s", bigMessages("b", "a"));
    assertEquals(
      added.map(({ createdAt }) => createdAt.getTime()),
      [score + 1.5, score + 2.5],
    );
    const { lastActivityAt } = (await storage.getSession("s"))!;
    assertEquals(lastActivityAt, added.at(-1)!.createdAt);
    assertEquals(await readOrder(store, "sessions:by-activity"), [
      ["s", score + 2.5],
    ]);
  });

  it("goes as far as there are dates, and no further", async () => {
    const store = await openStepped(bed);
    const { storage, redis, prefix, steps } = store;
    const key = `${prefix}session:s:messages`;
    await redis.zAdd(key, { score: LAST_MS - 2, value: "first" });
    const before = await snapshot(store);
    const tooMany = bigMessages("c", "b", "a");
    const error = await assertRejects(
      () => storage.addMessages("s", tooMany),
      StorageError,
      "after which there is no date",
    );
    assertEquals(error.reason, "corrupt-data");
    assertEquals(await snapshot(store), before);
    // The first part, the second one, the one that is refused, and what removes them.
    assertEquals(steps.keys.length, 6);
    const added = await storage.addMessages("s", tooMany.slice(1));
    assertEquals(added.map(({ createdAt }) => createdAt.getTime()), [
      LAST_MS - 1,
      LAST_MS,
    ]);
    // The last moment is taken.
    await assertRejects(() => storage.addMessages("s", bigMessages("d", "e")));
    // It would be passed by the last message of a part.
    await redis.zAdd(key, { score: LAST_MS - 1, value: "a" });
    const ends = ["e", "d"].map((id) => newMessage("", { id }));
    await assertRejects(
      () => storage.addMessages("s", [...bigMessages("x", "y"), ...ends]),
      StorageError,
      "after which there is no date",
    );
    assertEquals(await storage.countMessages("s"), 3);
  });

  it("takes over a session of the documented adapter", async () => {
    for (const shape of SHAPES) {
      for (const isTagged of [false, true]) {
        const url = await sharedRedisUrl();
        const { storage, redis, prefix } = await bed.open({
          ...{ hashTags: isTagged, ttlSeconds: 600, url },
        });
        const at = new Date(1000);
        const old: Message = {
          ...{ id: "old", sessionId: "s", role: "user", content: "old" },
          ...{ createdAt: at, sequence: 1 },
        };
        await writeOlder(
          { redis, prefix, isTagged },
          shape,
          {
            ...newSession(),
            ...{ id: "s", createdAt: at, lastActivityAt: at },
          },
          [old],
          7,
        );
        const given = [bigMessage("a"), bigMessage("old"), bigMessage("b")];
        const added = await storage.addMessages("s", given);
        const counted = shape.hasCounter ? 7 : 1;
        assertEquals(
          added.map(({ sequence }) => sequence),
          [counted + 1, 1, counted + 2],
        );
        const ids = (await storage.getMessages("s")).map(({ id }) => id);
        assertEquals(ids, ["old", "a", "b"]);
        assertEquals((await storage.listSessions()).map(({ id }) => id), ["s"]);
      }
    }
  });
});

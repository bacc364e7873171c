import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type Message,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { serverTime } from "./support/passing_time.ts";
import { newMessage, newSession } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { snapshot } from "./support/snapshot.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

/** Ids whose order by bytes, by UTF-16 or by locale differs from that in which they come. */
const AWKWARD_IDS = [
  "z",
  "a",
  "M",
  "é",
  "E",
  "e",
  "🦊",
  "\uffff",
  "\ue000",
  "ä",
  "Z",
  "zz",
  "a\0",
  "a",
  "~",
  "!",
  " ",
  "10",
  "9",
  "01",
  "\x7f",
  "ß",
  "0",
].filter((id, i, ids) => ids.indexOf(id) === i);

/** Fails unless the history is strictly ordered and its dates agree with it. */
async function assertOrdered(
  { storage, redis, prefix }: TestStore,
  id: string,
): Promise<Message[]> {
  const messages = await storage.getMessages(id);
  for (const [i, message] of messages.entries()) {
    const next = messages[i + 1];
    if (next === undefined) break;
    const at = `${message.id} before ${next.id}`;
    assert(message.createdAt <= next.createdAt, at);
    assert(message.sequence! < next.sequence!, at);
  }
  const scores = await redis.zRangeWithScores(
    `${prefix}session:${id}:messages`,
    0,
    -1,
  );
  assertEquals(
    scores.map(({ value, score }) => [value, score]),
    messages.map(({ id, createdAt }) => [id, createdAt.getTime()]),
  );
  const reversed = await storage.getMessages(id, { order: "desc" });
  assertEquals(reversed.toReversed(), messages);
  const filtered = await storage.getMessages(id, { roles: ["user"] });
  assertEquals(filtered, messages);
  const both = await storage.getMessages(id, {
    roles: ["user"],
    order: "desc",
    offset: 1,
    limit: 5,
  });
  assertEquals(both, reversed.slice(1, 6));
  const pages: Message[] = [];
  for (let offset = 0; offset < messages.length; offset += 7) {
    pages.push(...await storage.getMessages(id, { offset, limit: 7 }));
  }
  assertEquals(pages, messages);
  return messages;
}

describe("addMessage()", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("orders by acceptance whatever the ids, within a millisecond too", async () => {
    const store = await bed.open();
    const { storage } = store;
    await storage.createSession(newSession({ id: "one by one" }));
    for (const id of AWKWARD_IDS) {
      await storage.addMessage("one by one", newMessage(id, { id: `1${id}` }));
    }
    await storage.createSession(newSession({ id: "batch" }));
    const batch = AWKWARD_IDS.map((id) => newMessage(id, { id: `2${id}` }));
    await storage.addMessages("batch", batch);
    await storage.createSession(newSession({ id: "side by side" }));
    // One client sends them in this order.
    await Promise.all(
      AWKWARD_IDS.map((id) =>
        storage.addMessage("side by side", newMessage(id, { id: `3${id}` }))
      ),
    );
    for (const id of ["one by one", "batch", "side by side"]) {
      const messages = await assertOrdered(store, id);
      assertEquals(messages.map(({ content }) => content), AWKWARD_IDS, id);
      assertEquals(
        messages.map(({ sequence }) => sequence),
        AWKWARD_IDS.map((_, i) => i + 1),
      );
    }
  });

  for (const order of ["rising", "falling"] as const) {
    it(`keeps the order of a large batch of ${order} ids`, async () => {
      const store = await bed.open();
      const { id } = await store.storage.createSession(newSession());
      const ids = Array.from({ length: 1200 }, (_, i) => `${1000 + i}`);
      if (order === "falling") ids.reverse();
      const sent = ids.map((id) => newMessage(id, { id }));
      await store.storage.addMessages(id, sent);
      const messages = await assertOrdered(store, id);
      assertEquals(messages.map(({ id }) => id), ids);
      const dates = new Set(messages.map(({ createdAt }) => +createdAt));
      // Ids that sort as they come need no later date.
      if (order === "rising") assert(dates.size < 100, `${dates.size} dates`);
      else assertEquals(dates.size, 1200);
    });
  }

  it("orders what many clients append at once", async () => {
    const url = await sharedRedisUrl();
    const store = await bed.open();
    const { id } = await store.storage.createSession(newSession());
    const adapters: RedisAdapter[] = [];
    for (let i = 0; i < 4; i++) {
      const client = await bed.connect(url);
      const { storage } = await bed.open({ client, keyPrefix: store.prefix });
      adapters.push(storage);
    }
    const accepted = await Promise.all(
      adapters.map(async (storage, writer) => {
        const own: Message[] = [];
        for (let i = 0; i < 40; i++) {
          // Random ids: the order by bytes is none of the acceptance.
          const made = crypto.randomUUID();
          if (i % 4 === 0) {
            own.push(
              ...await storage.addMessages(id, [
                newMessage(`${writer}`, { id: made }),
                newMessage(`${writer}`),
              ]),
            );
          } else {
            const sent = newMessage(`${writer}`, { id: made });
            own.push(await storage.addMessage(id, sent));
          }
        }
        return own;
      }),
    );
    const messages = await assertOrdered(store, id);
    assertEquals(messages.length, 200);
    assertEquals(
      messages.map(({ sequence }) => sequence),
      Array.from({ length: 200 }, (_, i) => i + 1),
    );
    for (const [writer, own] of accepted.entries()) {
      const found = messages.filter(({ content }) => content === `${writer}`);
      assertEquals(found, own, `writer ${writer}`);
    }
  });

  it("goes on after a message whose date is ahead of the server's clock", async () => {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    const { id } = await storage.createSession(newSession());
    await storage.addMessage(id, newMessage("1", { id: "z" }));
    // As a server would have written it whose clock is an hour ahead.
    const ahead = Math.floor(await serverTime(store)) + 3_600_000;
    const key = `${prefix}message:z`;
    const record = await redis.hGet(key, "message");
    await redis.hSet(
      key,
      "message",
      record!.replace(/,\d+,/, `,${ahead},`),
    );
    const order = { value: "z", score: ahead };
    await redis.zAdd(`${prefix}session:${id}:messages`, [order]);
    await storage.addMessage(id, newMessage("2", { id: "y" }));
    await storage.addMessage(id, newMessage("3", { id: "zz" }));
    await storage.addMessages(id, [
      newMessage("4", { id: "a" }),
      newMessage("5", { id: "b" }),
    ]);
    const messages = await assertOrdered(store, id);
    assertEquals(messages.map(({ content }) => content).join(""), "12345");
    assertEquals(
      messages.map(({ createdAt }) => createdAt.getTime() - ahead),
      [0, 1, 1, 2, 2],
    );
    const session = await storage.getSession(id);
    assertEquals(session?.lastActivityAt, messages[4]?.createdAt);
    const after = messages[1]!.createdAt;
    const later = await storage.getMessages(id, { after });
    assertEquals(later.map(({ content }) => content).join(""), "45");
  });

  it("refuses, before it writes, what could have no date after the last one", async () => {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    const { id } = await storage.createSession(newSession());
    const order = `${prefix}session:${id}:messages`;
    const last = 8.64e15;
    await redis.zAdd(order, { value: "z", score: last - 1 });
    const before = await snapshot(store);
    const two = [newMessage("2", { id: "b" }), newMessage("3", { id: "a" })];
    const error = await assertRejects(
      () => storage.addMessages(id, two),
      StorageError,
      "after which there is no date",
    );
    assertEquals(error.reason, "corrupt-data");
    assertEquals(await snapshot(store), before);
    const added = await storage.addMessage(id, two[1]!);
    assertEquals(added.createdAt.getTime(), last);
  });

  it("has a date between the server's times before and after", async () => {
    const store = await bed.open();
    const { storage } = store;
    const { id } = await storage.createSession(newSession());
    for (let i = 0; i < 20; i++) {
      const before = Math.floor(await serverTime(store));
      const { createdAt } = await storage.addMessage(id, newMessage());
      const after = await serverTime(store);
      assert(+createdAt >= before, `${+createdAt - before} ms early`);
      // An id of this process comes last without another millisecond.
      assert(+createdAt <= after, `${+createdAt - after} ms late`);
      assertEquals((await storage.getSession(id))?.lastActivityAt, createdAt);
    }
  });

  it("never uses a sequence again, nor lets order change by updates", async () => {
    const store = await bed.open();
    const { storage } = store;
    const { id } = await storage.createSession(newSession());
    for (const name of ["c", "b", "a"]) {
      await storage.addMessage(id, newMessage(name, { id: name }));
    }
    await storage.deleteMessage(id, "a");
    await storage.updateMessage(id, "c", { content: "edited" });
    await storage.addMessage(id, newMessage("again", { id: "c" }));
    const added = await storage.addMessage(id, newMessage("a", { id: "a" }));
    assertEquals(added.sequence, 4);
    const messages = await assertOrdered(store, id);
    assertEquals(messages.map(({ content }) => content), ["edited", "b", "a"]);
    await storage.deleteAllMessages(id);
    const { sequence } = await storage.addMessage(id, newMessage());
    assertEquals(sequence, 5);
  });

  it("orders new messages around one that is there already", async () => {
    const store = await bed.open();
    const { storage } = store;
    const { id } = await storage.createSession(newSession());
    const old = await storage.addMessage(id, newMessage("old", { id: "m1" }));
    const isLater = async () => await serverTime(store) >= +old.createdAt + 1;
    assert(await until(isLater, 10_000));
    const [first, , second] = await storage.addMessages(id, [
      newMessage("first", { id: "m9" }),
      newMessage("old", { id: "m1" }),
      // After the one before it here, but before the one that it follows.
      newMessage("second", { id: "m5" }),
    ]);
    assertEquals(await assertOrdered(store, id), [old, first!, second!]);
  });

  it("treats an id that comes twice in a batch as one message", async () => {
    const store = await bed.open();
    const { storage } = store;
    const { id } = await storage.createSession(newSession());
    const old = await storage.addMessage(id, newMessage("old", { id: "o" }));
    const messages = await storage.addMessages(id, [
      newMessage("first", { id: "x" }),
      newMessage("second", { id: "x" }),
      newMessage("newer", { id: "o" }),
      newMessage("last", { id: "y" }),
      newMessage("third", { id: "x" }),
    ]);
    const [first, second, third, last, fourth] = messages;
    assertEquals([first?.content, last?.content], ["first", "last"]);
    assertEquals([second, third, fourth], [first, old, first]);
    assertEquals([first?.sequence, last?.sequence], [2, 3]);
    assertEquals(await assertOrdered(store, id), [old, first!, last!]);
  });
});

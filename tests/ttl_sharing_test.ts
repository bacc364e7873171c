import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { endOf, passTime, serverTime } from "./support/passing_time.ts";
import { newMessage, newSession, unset } from "./support/records.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

const USERS = ["ada", "bob", "1"];

/** Returns whole numbers below a limit, the same ones for the same seed. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

/** Fails unless every session that is there has all that belongs to it, as long as it lives. */
async function assertWhole(store: TestStore, at: string): Promise<void> {
  const { storage, redis, prefix } = store;
  for (const name of await store.keys()) {
    const id = /^session:(\d+)$/.exec(name)?.[1];
    if (id === undefined) continue;
    const end = await endOf(store, name);
    const messages = await redis.zRange(`${prefix}${name}:messages`, 0, -1);
    if (messages.length > 0) {
      assertEquals(await endOf(store, `${name}:messages`), end, at);
    }
    for (const message of messages) {
      const messageEnd = await endOf(store, `message:${message}`);
      assert(messageEnd >= end, `message ${message} ends early, ${at}`);
      assert(end === Infinity || messageEnd < Infinity, `${message} ${at}`);
    }
    assertEquals((await storage.getMessages(id)).length, messages.length, at);
    assert(
      await redis.zScore(`${prefix}sessions:by-created`, id) !== null,
      `session ${id} is not in by-created, ${at}`,
    );
    const session = await storage.getSession(id);
    const { userId } = session!;
    if (end < Infinity) {
      const member = `${id.length}:${id}${userId ?? ""}`;
      const moment = await redis.zScore(
        `${prefix}sessions:by-deadline`,
        member,
      );
      assert(moment !== null, `${member} is not in by-deadline, ${at}`);
    }
    if (userId === undefined) continue;
    const setEnd = await endOf(store, `user:${userId}:sessions`);
    assert(setEnd >= end, `user "${userId}" ends before ${id}, ${at}`);
    const found = await storage.listSessions({ userId });
    assert(found.some((each) => each.id === id), `${id} not found, ${at}`);
  }
}

describe("ttlSeconds", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  /** Returns adapters with these TTLs on the same data. */
  async function share(...ttls: readonly (number | undefined)[]) {
    const store = await bed.open();
    const adapters: RedisAdapter[] = [];
    for (const ttlSeconds of ttls) {
      const options = ttlSeconds === undefined ? {} : { ttlSeconds };
      const other = await bed.open({ keyPrefix: store.prefix, ...options });
      adapters.push(other.storage);
    }
    return { store, adapters };
  }

  it("of the last writer counts", async () => {
    const { store, adapters } = await share(1000, 100, 1000, 10_000);
    const [first] = adapters as [RedisAdapter];
    await first.createSession(newSession({ id: "1", userId: "ada" }));
    for (const [i, ttlSeconds] of [1000, 100, 1000, 10_000].entries()) {
      const before = await serverTime(store);
      await adapters[i]!.addMessage("1", newMessage());
      const after = await serverTime(store);
      const end = await endOf(store, "session:1");
      assert(end >= Math.floor(before) + ttlSeconds * 1000);
      assert(end <= after + ttlSeconds * 1000);
      await assertWhole(store, `after ${ttlSeconds} s`);
      for (const { id } of await first.getMessages("1")) {
        const messageEnd = await endOf(store, `message:${id}`);
        assert(messageEnd <= end + ttlSeconds * 250 + 1, `${ttlSeconds} s`);
      }
    }
    // No earlier than with the longest TTL: the set only ever lives longer.
    assert(
      await endOf(store, "user:ada:sessions") >=
        await endOf(store, "session:1"),
    );
  });

  it("an adapter without it leaves a session's TTL alone", async () => {
    const { store, adapters: [timed, plain] } = await share(1000, undefined);
    await timed!.createSession(newSession({ id: "1", userId: "ada" }));
    const end = await endOf(store, "session:1");
    const messagesEnd = end + 250_000;
    const writes: (() => Promise<unknown>)[] = [
      () => plain!.addMessage("1", newMessage("Hi", { id: "m1" })),
      () => plain!.addMessages("1", [newMessage("Hi", { id: "m2" })]),
      () => plain!.updateMessage("1", "m1", { content: "Ho" }),
      () => plain!.updateSession("1", { userId: "bob", tokenCount: 1 }),
      () => plain!.touchSession("1"),
      () => plain!.deleteMessage("1", "m1"),
      () => plain!.deleteAllMessages("1"),
      () => plain!.addMessage("1", newMessage("Hi", { id: "m3" })),
    ];
    for (const [i, write] of writes.entries()) {
      await write();
      assertEquals(await endOf(store, "session:1"), end, `write ${i}`);
      await assertWhole(store, `write ${i}`);
    }
    assertEquals(await endOf(store, "message:m3"), messagesEnd);
    assert(await endOf(store, "user:bob:sessions") >= end);
    await passTime(store, 2_000_000);
    await plain!.listSessions();
    assertEquals(await store.keys(), []);
  });

  it("an adapter without it keeps a session without a TTL for good", async () => {
    const { store, adapters: [plain] } = await share(undefined);
    await plain!.createSession(newSession({ id: "1", userId: "ada" }));
    await plain!.addMessage("1", newMessage("Hi", { id: "m1" }));
    await plain!.updateMessage("1", "m1", { content: "Ho" });
    for (const name of await store.keys()) {
      assertEquals(await endOf(store, name), Infinity, name);
    }
  });

  it("an adapter without it ends messages with a session that somebody gave an end", async () => {
    const { store, adapters: [plain] } = await share(undefined);
    await plain!.createSession(newSession({ id: "1" }));
    await store.redis.pExpire(`${store.prefix}session:1`, 1_000_000);
    await plain!.addMessage("1", newMessage("Hi", { id: "m1" }));
    const end = await endOf(store, "session:1");
    for (const name of ["message:m1", "session:1:messages"]) {
      const moment = await endOf(store, name);
      assert(Math.abs(moment - end) <= 1, `${name} ends at ${moment}`);
    }
    assertEquals((await plain!.getMessages("1")).length, 1);
  });

  it("an adapter with it gives a session a TTL that had none", async () => {
    const { store, adapters: [plain, timed] } = await share(undefined, 1000);
    for (const id of ["1", "2"]) {
      await plain!.createSession(newSession({ id, userId: "ada" }));
      await plain!.addMessage(id, newMessage());
    }
    await timed!.touchSession("1");
    await assertWhole(store, "after touchSession()");
    assertEquals(await endOf(store, "session:2"), Infinity);
    assertEquals(await endOf(store, "user:ada:sessions"), Infinity);
    await passTime(store, 2_000_000);
    const left = await plain!.listSessions({ userId: "ada" });
    assertEquals(left.map(({ id }) => id), ["2"]);
    assertEquals((await plain!.getMessages("2")).length, 1);
    assert(!(await store.keys()).some((key) => key.startsWith("session:1")));
  });

  it("gives a session its TTL back that somebody took away", async () => {
    const { store, adapters: [timed, plain] } = await share(1000, undefined);
    await timed!.createSession(newSession({ id: "1", userId: "ada" }));
    await store.redis.persist(`${store.prefix}session:1`);
    await plain!.addMessage("1", newMessage());
    await timed!.touchSession("1");
    await passTime(store, 2_000_000);
    await plain!.listSessions();
    assertEquals(await store.keys(), []);
  });

  it("a user's set lives until its last session ends", async () => {
    const { store, adapters } = await share(1000, 10, 5000, undefined);
    const [middle, short, long, plain] = adapters as [
      RedisAdapter,
      RedisAdapter,
      RedisAdapter,
      RedisAdapter,
    ];
    const end = () => endOf(store, "user:ada:sessions");
    await middle.createSession(newSession({ id: "1", userId: "ada" }));
    const first = await end();
    assert(first >= await endOf(store, "session:1"));
    await short.createSession(newSession({ id: "2", userId: "ada" }));
    assertEquals(await end(), first);
    await short.touchSession("1");
    assertEquals(await end(), first);
    await long.touchSession("2");
    assert(await end() >= await endOf(store, "session:2"));
    await plain.createSession(newSession({ id: "3", userId: "bob" }));
    await plain.updateSession("3", { userId: "ada" });
    assertEquals(await end(), Infinity);
    await long.touchSession("1");
    assertEquals(await end(), Infinity);
  });

  it('treats the user "" like any other', async () => {
    const { store, adapters: [short, long] } = await share(10, 1000);
    for (const id of ["1", "2", "3"]) {
      await short!.createSession(newSession({ id, userId: "" }));
    }
    await long!.touchSession("1");
    await assertWhole(store, "after touchSession()");
    await long!.updateSession("2", unset("userId"));
    await assertWhole(store, "after the user was removed");
    await long!.updateSession("3", { userId: "ada" });
    await assertWhole(store, "after the user was changed");
    const found = await long!.listSessions({ userId: "" });
    assertEquals(found.map(({ id }) => id), ["1"]);
    await passTime(store, 2_000_000);
    await long!.listSessions();
    assertEquals(await store.keys(), []);
  });

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`holds over random calls of several adapters, seed ${seed}`, async () => {
      const { store, adapters } = await share(100, 130, 1000, undefined);
      const random = makeRandom(seed);
      const calls: ((storage: RedisAdapter, id: string) => unknown)[] = [
        (storage, id) =>
          storage.createSession(newSession({ id, userId: USERS[random(3)]! })),
        (storage, id) => storage.createSession(newSession({ id })),
        (storage, id) => storage.addMessage(id, newMessage()),
        (storage, id) =>
          storage.addMessages(id, [newMessage("a"), newMessage("b")]),
        (storage, id) => storage.deleteAllMessages(id),
        (storage, id) => storage.deleteSession(id),
        (storage, id) => storage.touchSession(id),
        (storage, id) =>
          storage.updateSession(id, { userId: USERS[random(3)]! }),
        (storage, id) => storage.updateSession(id, unset("userId")),
        async (storage, id) => {
          const [message] = await storage.getMessages(id);
          await storage.deleteMessage(id, message?.id ?? "none");
        },
        () => passTime(store, 1000 * random(60)),
        () => passTime(store, 1000 * random(20)),
      ];
      const refusals: string[] = [];
      for (let step = 0; step < 100; step++) {
        const storage = adapters[random(4)]!;
        const [call, id] = [random(calls.length), `${random(4)}`];
        try {
          await calls[call]!(storage, id);
        } catch (error) {
          refusals.push((error as { reason: string }).reason);
        }
        await assertWhole(store, `seed ${seed}, step ${step}, call ${call}`);
      }
      for (const reason of refusals) {
        assert(reason === "not-found" || reason === "already-exists", reason);
      }
    });
  }
});

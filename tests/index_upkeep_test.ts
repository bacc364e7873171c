import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type Session,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { endOf, passTime } from "./support/passing_time.ts";
import { newMessage, newSession } from "./support/records.ts";
import { readHash, readOrder } from "./support/snapshot.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

describe("the indexes", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  /** Fails unless sessions:by-activity says what the session does. */
  async function assertActivity({ storage, ...store }: TestStore) {
    const session = await storage.getSession("s1");
    assertEquals(
      await readOrder({ storage, ...store }, "sessions:by-activity"),
      [
        ["s1", session!.lastActivityAt.getTime()],
      ],
    );
  }

  it("have the activity of a session after each write", async () => {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    await storage.createSession(newSession({ id: "s1" }));
    await assertActivity(store);
    const old = { lastActivityAt: new Date(5) };
    for (
      const write of [
        () => storage.touchSession("s1"),
        () => storage.addMessage("s1", newMessage()),
        () => storage.updateSession("s1", {}),
        // Ids that do not ascend move within the clock's future.
        () =>
          storage.addMessages("s1", [
            newMessage("", { id: "z" }),
            newMessage("", { id: "y" }),
            newMessage("", { id: "x" }),
          ]),
      ]
    ) {
      await storage.updateSession("s1", old);
      await assertActivity(store);
      await write();
      await assertActivity(store);
      const score = await redis.zScore(`${prefix}sessions:by-activity`, "s1");
      assertEquals(score! > 5, true);
    }
  });

  it("have the deadline of a session under its new user", async () => {
    const store = await bed.open({ ttlSeconds: 600 });
    const { storage } = store;
    await storage.createSession(newSession({ id: "s1", userId: "ada" }));
    const [[, moment]] = await readOrder(store, "sessions:by-deadline") as [
      [string, number],
    ];
    for (const userId of ["bob", undefined, "", "ada"]) {
      const updates = { userId } as Partial<Session>;
      await storage.updateSession("s1", updates);
      const order = await readOrder(store, "sessions:by-deadline");
      assertEquals(order, [[`2:s1${userId ?? ""}`, moment]]);
    }
  });

  it("forget the users that an id had before", async () => {
    const store = await bed.open({ ttlSeconds: 600 });
    const { storage } = store;
    for (let i = 0; i < 5; i++) {
      const userId = `user${i}`;
      await storage.createSession(newSession({ id: "kiosk", userId }));
      // The session is gone, its entries are not due.
      await passTime(store, 610_000);
    }
    await storage.createSession(newSession({ id: "kiosk", userId: "ada" }));
    await passTime(store, 200_000);
    await storage.touchSession("kiosk");
    assertEquals((await storage.listSessions()).length, 1);
    const deadlines = await readOrder(store, "sessions:by-deadline");
    assertEquals(deadlines.map(([member]) => member), ["5:kioskada"]);
    const users = (await store.keys()).filter((name) => /^user:/.test(name));
    assertEquals(users, ["user:ada:sessions"]);
  });

  it("forget a session of the user whose id is empty", async () => {
    const lasting = await bed.open();
    const { storage, prefix } = await bed.open({
      keyPrefix: lasting.prefix,
      ttlSeconds: 100,
    });
    // The user's set has no TTL from now on.
    await lasting.storage.createSession(newSession({ id: "s1", userId: "" }));
    await storage.createSession(newSession({ id: "s2", userId: "" }));
    // The session is gone, its entries are not due, and a list meets them.
    await passTime(lasting, 110_000);
    await lasting.storage.listSessions();
    const members = await lasting.redis.sMembers(`${prefix}user::sessions`);
    assertEquals(members, ["s1"]);
  });

  it("forget a user whose session came back for another one, without a TTL", async () => {
    const store = await bed.open({ ttlSeconds: 600 });
    const { storage, redis, prefix } = store;
    const forGood = await bed.open({ keyPrefix: prefix });
    for (const id of ["s1", "s2"]) {
      await storage.createSession(newSession({ id, userId: "ada" }));
    }
    // It keeps the set of the user.
    const session = newSession({ id: "other", userId: "ada" });
    await forGood.storage.createSession(session);
    await passTime(store, 610_000);
    for (const id of ["s1", "s2"]) {
      await forGood.storage.createSession(newSession({ id, userId: "bob" }));
    }
    await passTime(store, 200_000);
    await storage.listSessions();
    assertEquals(await redis.sMembers(`${prefix}user:ada:sessions`), ["other"]);
    assertEquals(await readOrder(store, "sessions:by-deadline"), []);
    assertEquals((await storage.listSessions({ userId: "bob" })).length, 2);
  });

  it("forget a session that ended before its messages", async () => {
    const store = await bed.open({ ttlSeconds: 100 });
    const { storage } = store;
    await storage.createSession(newSession({ id: "s1", userId: "ada" }));
    // Its deadline in the index is that of its messages: 125 seconds.
    await passTime(store, 110_000);
    await storage.listSessions();
    assertEquals(await store.keys(), []);
  });

  it("forget the deadline of a session that was evicted, when it comes", async () => {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    for (const id of ["s1", "s2"]) {
      const expiresAt = new Date(1000);
      await storage.createSession(newSession({ id, expiresAt }));
    }
    await redis.unlink(`${prefix}session:s1`);
    assertEquals(await storage.getExpiredSessions(new Date()), ["s2"]);
    const order = await readOrder(store, "sessions:by-expiry");
    assertEquals(order, [["s2", 1000]]);
  });

  it("keep the deadline of the messages when they are built again", async () => {
    const store = await bed.open({ ttlSeconds: 600 });
    const { storage, redis, prefix } = store;
    await storage.createSession(newSession({ id: "s1", userId: "ada" }));
    await storage.addMessage("s1", newMessage("Hi", { id: "m1" }));
    const before = await readOrder(store, "sessions:by-deadline");
    for (const name of await store.keys()) {
      if (/^(user|sessions):/.test(name)) await redis.unlink(prefix + name);
    }
    await storage.reindex();
    assertEquals(await readOrder(store, "sessions:by-deadline"), before);
    assertEquals(before[0]![1], await endOf(store, "message:m1"));
    assertEquals(await endOf(store, "user:ada:sessions"), before[0]![1]);
    const { lastSequence } = await readHash(store, "session:s1");
    assertEquals(lastSequence, "1");
  });
});

describe("createSession()", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("knows its own first attempt, whose answer was lost", async () => {
    const { storage, redis, prefix } = await bed.open();
    let losesAnswers = false;
    const client = {
      evalSha: async (...args: Parameters<typeof redis.evalSha>) => {
        const reply = await redis.evalSha(...args);
        // The adapter then sends the script again, by its text.
        if (losesAnswers) throw new Error("NOSCRIPT No matching script.");
        return reply;
      },
      eval: redis.eval.bind(redis),
      sortRo: redis.sortRo.bind(redis),
      hGetAll: redis.hGetAll.bind(redis),
    };
    await storage.createSession(newSession({ id: "warm" }));
    const { storage: unlucky } = await bed.open({ client, keyPrefix: prefix });
    losesAnswers = true;
    const session = newSession({ id: "s1", userId: "ada" });
    const created = await unlucky.createSession(session);
    assertEquals(await storage.getSession("s1"), created);
    const error = await assertRejects(
      () => unlucky.createSession(session),
      StorageError,
    );
    assertEquals(error.reason, "already-exists");
  });
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import {
  type ClusterStore,
  fillStore,
  openOnCluster,
} from "../support/cluster_store.ts";
import { checkIndexes, isMissed } from "../support/index_check.ts";
import { interceptScripts } from "../support/intercepted_client.ts";
import { newMessage, newSession } from "../support/records.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";
import { TestBed } from "../support/test_bed.ts";

/** No method sends so many scripts. */
const MOST_CALLS = 60;

describe("the indexes of a cluster", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(options = {}): Promise<ClusterStore> {
    return await openOnCluster(bed, await sharedRedisCluster(), options);
  }

  const cleaners: Record<string, (storage: RedisAdapter) => Promise<unknown>> =
    {
      "of a user": (storage) => storage.listSessions({ userId: "bob" }),
      "of due deadlines": (storage) => storage.getExpiredSessions(new Date()),
      "by activity": (storage) =>
        storage.listSessions({ sortBy: "lastActivityAt" }),
    };
  for (const [what, clean] of Object.entries(cleaners)) {
    it(`lose no true hint to a list ${what} that cleans up meanwhile`, async () => {
      let isOver = false;
      for (let calls = 0; !isOver; calls++) {
        assert(calls < MOST_CALLS);
        const store = await open({ ttlSeconds: 600 });
        const { storage, client, prefix } = store;
        await fillStore(storage);
        await storage.createSession(newSession({ id: "gone", userId: "bob" }));
        // Hints that are false, for a list to clean up.
        await storage.updateSession("old", {
          userId: "eve",
          expiresAt: new Date(4000),
        });
        await client.unlink(`${prefix}session:{gone}`);
        await client.zAdd(`${prefix}sessions:by-activity`, {
          value: "old",
          score: 1,
        });
        let left = calls;
        let write: Promise<unknown> | undefined;
        const cleaning = store.another({
          client: interceptScripts(client, async (send) => {
            // Before one of its scripts, others make those hints true.
            if (left-- === 0) {
              write = Promise.all([
                storage.updateSession("old", {
                  userId: "bob",
                  expiresAt: new Date(2000),
                }),
                storage.createSession(
                  newSession({ id: "gone", userId: "bob" }),
                ),
              ]);
            }
            await write;
            return await send();
          }),
        });
        await clean(cleaning);
        isOver = write === undefined;
        assertEquals((await checkIndexes(store)).filter(isMissed), []);
      }
    });
  }

  const moved = { userId: "bob", expiresAt: new Date(2000) };

  it("keep nothing of an update that finds no session", async () => {
    for (const options of [{}, { ttlSeconds: 600 }]) {
      const store = await open(options);
      const error = await assertRejects(
        () => store.storage.updateSession("nobody", moved),
        StorageError,
      );
      assertEquals(error.reason, "not-found");
      assertEquals(await store.keys(), []);
    }
  });

  it("lose no true hint to an update that finds no session yet", async () => {
    const create = (storage: RedisAdapter) =>
      storage.createSession(newSession({ id: "late", ...moved }));
    const update = (storage: RedisAdapter) =>
      storage.updateSession("late", moved).catch((error) => {
        assertEquals(error.reason, "not-found");
      });
    for (
      const [first, other] of [[update, create], [create, update]] as const
    ) {
      let isOver = false;
      for (let calls = 0; !isOver; calls++) {
        assert(calls < MOST_CALLS);
        const store = await open({ ttlSeconds: 600 });
        const { storage, client } = store;
        let left = calls;
        let write: Promise<unknown> | undefined;
        const overtaken = store.another({
          client: interceptScripts(client, async (send) => {
            if (left-- === 0) write = other(storage);
            await write;
            return await send();
          }),
        });
        await first(overtaken);
        isOver = write === undefined;
        assertEquals((await checkIndexes(store)).filter(isMissed), []);
      }
    }
  });

  it("agree with the sessions after racing moves of user and deadline", async () => {
    const store = await open({ ttlSeconds: 600 });
    const { storage } = store;
    const users = ["ada", "bob", "eve"];
    const ids = ["s0", "s1", "s2", "s3"];
    for (const id of ids) await storage.createSession(newSession({ id }));
    const others = [storage, store.another({ ttlSeconds: 300 })];
    for (let round = 0; round < 15; round++) {
      await Promise.all(ids.flatMap((id, i) =>
        users.flatMap((userId, j) => {
          const other = others[(i + j) % 2]!;
          const expiresAt = new Date(1000 * (1 + (round * 7 + j * 3) % 11));
          return [
            other.updateSession(id, { userId, expiresAt }),
            other.addMessage(id, newMessage()),
            storage.listSessions({ userId }),
            other.getExpiredSessions(new Date()),
          ];
        })
      ));
      assertEquals((await checkIndexes(store)).filter(isMissed), []);
    }
    // Who reads by a hint that is false takes it away.
    for (const userId of users) await storage.listSessions({ userId });
    assertEquals((await storage.getExpiredSessions(new Date())).length, 4);
    await storage.listSessions({ sortBy: "lastActivityAt" });
    assertEquals(await checkIndexes(store), []);
  });

  it("do not put a deadline that was postponed before those that come sooner", async () => {
    const { storage } = await open();
    for (const [id, ms] of [["a", 1000], ["b", 2000]] as const) {
      await storage.createSession(newSession({ id, expiresAt: new Date(ms) }));
    }
    await storage.updateSession("a", { expiresAt: new Date(3000) });
    const ids = await storage.getExpiredSessions(new Date(5000));
    assertEquals(ids, ["b", "a"]);
  });

  const later: Record<string, (storage: RedisAdapter) => Promise<unknown>> = {
    "touchSession()": (storage) => storage.touchSession("s"),
    "addMessage()": (storage) => storage.addMessage("s", newMessage()),
    "updateSession()": (storage) => storage.updateSession("s", {}),
    "updateSession() of an earlier moment": (storage) =>
      storage.updateSession("s", { lastActivityAt: new Date(2000) }),
  };
  for (const [what, write] of Object.entries(later)) {
    it(`follow a session whose last activity ${what} takes back from the future`, async () => {
      const store = await open();
      const { storage } = store;
      const lastActivityAt = new Date("2100-01-01");
      await storage.createSession(newSession({ id: "s" }));
      await storage.updateSession("s", { lastActivityAt });
      assertEquals(await checkIndexes(store), []);
      await write(storage);
      assertEquals(await checkIndexes(store), []);
    });
  }

  it("stay where they are when an append is repeated", async () => {
    const store = await open();
    const { storage } = store;
    await storage.createSession(newSession({ id: "s" }));
    const append = () => storage.addMessage("s", newMessage("Hi", { id: "m" }));
    await append();
    await storage.updateSession("s", { lastActivityAt: new Date(-5) });
    await append();
    assertEquals(await checkIndexes(store), []);
  });

  it("are there again when an append is repeated whose hints were lost", async () => {
    const store = await open();
    const { storage, client, prefix } = store;
    await storage.createSession(newSession({ id: "s" }));
    const append = () => storage.addMessage("s", newMessage("Hi", { id: "m" }));
    await append();
    await client.zAdd(`${prefix}sessions:by-activity`, {
      value: "s",
      score: 1,
    });
    await append();
    assertEquals(await checkIndexes(store), []);
  });

  it("are moved back by reindex(), where a session was active later than it is", async () => {
    const store = await open();
    const { storage, client, prefix } = store;
    await storage.createSession(newSession({ id: "s" }));
    const index = `${prefix}sessions:by-activity`;
    await client.zAdd(index, { value: "s", score: 8e15 });
    await storage.reindex();
    assertEquals(await checkIndexes(store), []);
  });

  it("agree with the sessions after racing creates and deletes of one id", async () => {
    const store = await open({ ttlSeconds: 600 });
    const { storage } = store;
    for (let round = 0; round < 20; round++) {
      await Promise.all([
        ...["ada", "bob"].map((userId) =>
          storage.createSession(newSession({ id: "s", userId })).catch(() => {})
        ),
        storage.deleteSession("s"),
        storage.listSessions(),
        storage.deleteSession("s"),
      ]);
      assertEquals((await checkIndexes(store)).filter(isMissed), []);
    }
    for (const userId of ["ada", "bob"]) await storage.listSessions({ userId });
    await storage.deleteSession("s");
    assertEquals(await checkIndexes(store), []);
  });

  it("lose the sessions that have expired", async () => {
    const store = await open({ ttlSeconds: 1 });
    const { storage } = store;
    for (let i = 0; i < 30; i++) {
      await storage.createSession(
        newSession({ id: `s${i}`, userId: "ada", expiresAt: new Date(i) }),
      );
    }
    await storage.createSession(newSession({ id: "long", userId: "bob" }));
    const long = store.another({ ttlSeconds: 600 });
    await long.touchSession("long");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assertEquals((await storage.listSessions()).map(({ id }) => id), ["long"]);
    assertEquals(await checkIndexes(store), []);
    assertEquals((await store.keys()).filter((name) => /ada/.test(name)), []);
  });

  it("have a user's set end soon after the messages of its last session", async () => {
    const { storage, client, prefix } = await open({ ttlSeconds: 600 });
    await storage.createSession(newSession({ id: "s", userId: "ada" }));
    const left = await client.pTTL(`${prefix}user:ada:sessions`);
    assert(left > 600_000 && left <= 750_000, `${left} ms`);
  });

  it("are complete again by reindex(), where all hints were lost", async () => {
    const store = await open({ ttlSeconds: 600 });
    const { storage, client, prefix } = store;
    await fillStore(storage);
    for (const name of await store.keys()) {
      if (!/^(user|sessions):/.test(name)) continue;
      await client.unlink(prefix + name);
    }
    assertEquals(await storage.listSessions(), []);
    assertEquals((await storage.getSession("old"))?.id, "old");
    await storage.addMessage("old", newMessage());
    const steps: number[] = [];
    const result = await storage.reindex({
      onProgress: ({ sessionsIndexed }) => steps.push(sessionsIndexed),
    });
    assertEquals([result.sessionsIndexed, result.isComplete], [2, true]);
    assertEquals(steps.at(-1), 2);
    assertEquals(await checkIndexes(store), []);
    assertEquals((await storage.listSessions({ userId: "bob" })).length, 2);
  });

  it("are reported where they are of another type", async () => {
    const store = await open();
    const { storage, client, prefix } = store;
    await client.set(`${prefix}sessions:by-created`, "text");
    for (
      const call of [
        () => storage.createSession(newSession()),
        () => storage.listSessions(),
      ]
    ) {
      const error = await assertRejects(call, StorageError);
      assertEquals(error.reason, "corrupt-data");
      assert(error.message.includes("sessions:by-created"), error.message);
    }
  });
});

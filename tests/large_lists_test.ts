import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  type SessionFilters,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { CountingClient } from "./support/counting_client.ts";
import { newSession } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { TestBed, type TestStoreOptions } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

const PATIENCE_MS = 20_000;

/** Lets the first scripts through, and holds the next one back until it is told. */
class HoldingClient extends CountingClient {
  #left = Infinity;
  #release = () => {};

  /** Whether a script is held back. */
  isHolding = false;

  /** Holds back what comes after so many scripts. */
  holdAfter(count: number): void {
    this.#left = count;
  }

  /** Lets through what was held back, and all that comes. */
  release(): void {
    this.#left = Infinity;
    this.#release();
  }

  override async evalSha(
    ...args: Parameters<CountingClient["evalSha"]>
  ): Promise<unknown> {
    if (this.#left-- <= 0) {
      this.isHolding = true;
      await new Promise<void>((resolve) => this.#release = resolve);
    }
    return await super.evalSha(...args);
  }
}

describe("lists of many sessions", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(options: TestStoreOptions = {}) {
    const client = new HoldingClient(await bed.client(await sharedRedisUrl()));
    const store = await bed.open({ client, ...options });
    // The server has to know the scripts before their calls are counted.
    await store.storage.listSessions();
    await store.storage.getExpiredSessions(new Date());
    await store.storage.countMessages("none");
    client.take();
    return { client, ...store };
  }

  it("look at the sessions of their user, not at everybody's", async () => {
    const { storage, client } = await open();
    for (let i = 0; i < 4000; i += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, j) => {
        const userId = (i + j) % 3 === 0 && i + j < 3300 ? "ada" : "bob";
        return storage.createSession(newSession({ userId }));
      }));
    }
    const sessions = await storage.listSessions({ userId: "ada" });
    assertEquals(sessions.length, 1100);
    assert(sessions.every(({ userId }) => userId === "ada"));
    client.take();
    await storage.listSessions({ userId: "ada" });
    // The user has many; ids in two parts; 150 sessions, eight times: not 4,000.
    const trips = client.take();
    assert(trips.length <= 12, String(trips));
    const page = { userId: "ada", offset: 1050, limit: 20 };
    assertEquals(
      (await storage.listSessions(page)).map(({ id }) => id),
      sessions.slice(1050, 1070).map(({ id }) => id),
    );
    const descending = { ...page, order: "desc" } as const;
    assertEquals(
      (await storage.listSessions(descending)).map(({ id }) => id),
      sessions.toReversed().slice(1050, 1070).map(({ id }) => id),
    );
    const iterated: string[] = [];
    for await (const { id } of storage.iterateSessions({ userId: "ada" })) {
      iterated.push(id);
    }
    assertEquals(iterated, sessions.map(({ id }) => id));
    assertEquals(
      (await storage.listSessions({ userId: "bob" })).length,
      4000 - 1100,
    );
    // One that was active last keeps its place by creation, and has the last by activity.
    const [first] = sessions as [typeof sessions[number]];
    await storage.touchSession(first.id);
    const idAt = async (filters: SessionFilters) =>
      (await storage.listSessions({ userId: "ada", limit: 1, ...filters }))
        .map(({ id }) => id);
    assertEquals(await idAt({}), [first.id]);
    const sortBy = "lastActivityAt";
    assertEquals(await idAt({ sortBy, order: "desc" }), [first.id]);
    const last = await idAt({ sortBy, offset: 1099 });
    assertEquals(last, [first.id]);
  });

  it("come in several replies where the sessions are large", async () => {
    const { storage, client } = await open();
    const title = 'A "title" '.repeat(20_000);
    for (let i = 0; i < 20; i++) {
      await storage.createSession(newSession({ metadata: { title } }));
    }
    client.take();
    const sessions = await storage.listSessions();
    assertEquals(sessions.length, 20);
    assert(sessions.every(({ metadata }) => metadata.title === title));
    assertEquals(new Set(sessions.map(({ id }) => id)).size, 20);
    const trips = client.take().length;
    assert(trips > 2 && trips < 20, String(trips));
    client.take();
    assertEquals(
      (await storage.listSessions({ offset: 3, limit: 12 })).map(({ id }) =>
        id
      ),
      sessions.slice(3, 15).map(({ id }) => id),
    );
    const iterated: string[] = [];
    for await (const { id } of storage.iterateSessions()) iterated.push(id);
    assertEquals(iterated, sessions.map(({ id }) => id));
  });

  const calls = {
    "listSessions()": (storage: RedisAdapter) => storage.listSessions(),
    "getExpiredSessions()": (storage: RedisAdapter) =>
      storage.getExpiredSessions(new Date()),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`${name} asks no more of Redis when its time is over`, async () => {
      const { storage, client } = await open({ timeoutMs: 1000 });
      for (let i = 0; i < 3000; i += 500) {
        await Promise.all(Array.from({ length: 500 }, () => {
          return storage.createSession(newSession({ expiresAt: new Date(0) }));
        }));
      }
      client.holdAfter(1);
      const error = await assertRejects(() => call(storage), StorageError);
      assertEquals(error.reason, "timeout");
      assert(client.isHolding);
      client.take();
      client.release();
      // The one that was held back, and none after it.
      assert(await until(() => client.sent.length > 0, PATIENCE_MS));
      assertEquals(await storage.countMessages("none"), 0);
      assertEquals(client.take(), ["EVALSHA", "EVALSHA"]);
    });
  }

  it("clean up much, but answer before they have cleaned up all", async () => {
    const { storage, redis, prefix, client } = await open();
    const deadlines = `${prefix}sessions:by-deadline`;
    const dead = Array.from({ length: 13_000 }, (_, i) => {
      const id = `gone${i}`;
      return { value: `${id.length}:${id}`, score: 1 };
    });
    await redis.zAdd(deadlines, dead);
    assertEquals(await storage.listSessions(), []);
    assertEquals(client.take().length, 51);
    assertEquals(await redis.zCard(deadlines), 2800);
    assertEquals(await storage.listSessions(), []);
    assertEquals(await redis.zCard(deadlines), 0);
  });
});

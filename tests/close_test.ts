import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { createClient, createClientPool } from "redis";
import { createClient as createClient4 } from "redis4";
import { createClient as createClient5 } from "redis5";
import { assertAllFail, failure } from "./support/outage.ts";
import { newMessage, newSession } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { TestBed } from "./support/test_bed.ts";

const TIMEOUT_MS = 200;

/** The kinds of clients: how each is made, and whether one is closed. */
const CLIENTS = {
  "node-redis 6": async (url: string) => {
    const client = createClient({ url });
    client.on("error", () => {});
    await client.connect();
    const end = () => client.isOpen && client.destroy();
    return { client, isOpen: () => client.isOpen, end };
  },
  "node-redis 5": async (url: string) => {
    const client = createClient5({ url });
    client.on("error", () => {});
    await client.connect();
    const end = () => client.isOpen && client.destroy();
    return { client, isOpen: () => client.isOpen, end };
  },
  "node-redis 4": async (url: string) => {
    const client = createClient4({ url });
    client.on("error", () => {});
    await client.connect();
    const end = () => client.isOpen && client.disconnect();
    return { client, isOpen: () => client.isOpen, end };
  },
  "a pool": async (url: string) => {
    const pool = createClientPool({ url }, { minimum: 1, maximum: 3 });
    pool.on("error", () => {});
    await pool.connect();
    const end = () => pool.isOpen && pool.destroy();
    return { client: pool, isOpen: () => pool.isOpen, end };
  },
};

describe("close()", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const [name, connect] of Object.entries(CLIENTS)) {
    it(`closes ${name} when all is answered, and no more is sent`, async () => {
      const { client, isOpen, end } = await connect(await sharedRedisUrl());
      bed.defer(end);
      const keyPrefix = `${crypto.randomUUID()}:`;
      const storage = new RedisAdapter({ client, keyPrefix });
      await storage.createSession(newSession({ id: "s1" }));
      await storage.addMessage("s1", newMessage("1"));
      const underWay = ["2", "3"].map((text) =>
        storage.addMessage("s1", newMessage(text))
      );
      const closing = Promise.all([storage.close(), storage.close()]);
      assertEquals((await Promise.all(underWay)).length, 2);
      await closing;
      assert(!isOpen());
      await assertAllFail(storage, ["unavailable"]);
      assertEquals(
        (await failure(() => storage.addMessage("s1", newMessage()))).ids,
        undefined,
      );
      await storage.close();
      const other = await bed.open({ keyPrefix });
      assertEquals(await other.storage.countMessages("s1"), 3);
      await other.storage.deleteSession("s1");
    });

    it(`ends for a frozen server, and destroys ${name}`, async () => {
      const server = await bed.server();
      const { client, isOpen, end } = await connect(server.url);
      bed.defer(end);
      const storage = new RedisAdapter({ client, timeoutMs: TIMEOUT_MS });
      await storage.createSession(newSession({ id: "s1" }));
      await server.kill("SIGSTOP");
      const pending = failure(() => storage.getSession("s1"));
      await storage.close();
      assert(!isOpen());
      await pending;
      await storage.close();
      await assertAllFail(storage, ["unavailable"]);
      await server.kill("SIGCONT");
    });

    it(`ends for a server that is gone, and destroys ${name}`, async () => {
      const server = await bed.server();
      const { client, isOpen, end } = await connect(server.url);
      bed.defer(end);
      const storage = new RedisAdapter({ client, timeoutMs: TIMEOUT_MS });
      await server.kill("SIGKILL");
      await failure(() => storage.getSession("s1"));
      await storage.close();
      assert(!isOpen());
    });

    it(`is no error where ${name} was closed before`, async () => {
      const { client, end } = await connect(await sharedRedisUrl());
      const storage = new RedisAdapter({ client });
      await end();
      await assertAllFail(storage, ["unavailable"]);
      await storage.close();
      await storage.close();
    });
  }

  it("waits for a call that has to send its script's text", async () => {
    const { url } = await bed.server();
    const client = await bed.connect(url);
    const storage = new RedisAdapter({ client });
    const created = storage.createSession(newSession({ id: "s1" }));
    await storage.close();
    assertEquals((await created).id, "s1");
  });

  it("leaves the client open where closeClient is off", async () => {
    const { storage, redis } = await bed.open();
    await storage.close();
    assertEquals(await redis.ping(), "PONG");
    const error = await failure(() => storage.getSession("s1"));
    assertEquals(error.reason, "unavailable");
    assertStringIncludes(error.message, "closed");
  });

  it("is what Symbol.asyncDispose does", async () => {
    const connect = CLIENTS["node-redis 6"];
    const { client, isOpen } = await connect(await sharedRedisUrl());
    const storage = new RedisAdapter({ client });
    await storage[Symbol.asyncDispose]();
    assert(!isOpen());
    await failure(() => storage.listSessions());
  });
});

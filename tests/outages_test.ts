import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { createClient, createClientPool } from "redis";
import { createClient as createClient4 } from "redis4";
import { createClient as createClient5 } from "redis5";
import { newMessage, newSession } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { TestBed } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

const TIMEOUT_MS = 200;
const PATIENCE_MS = 20_000;

type Call = (storage: RedisAdapter) => Promise<unknown>;

/** Every call but health() and close(). */
const CALLS: Readonly<Record<string, Call>> = {
  "createSession()": (storage) => storage.createSession(newSession()),
  "getSession()": (storage) => storage.getSession("s1"),
  "updateSession()": (storage) => storage.updateSession("s1", {}),
  "deleteSession()": (storage) => storage.deleteSession("s2"),
  "listSessions()": (storage) => storage.listSessions(),
  "iterateSessions()": (storage) => storage.iterateSessions().next(),
  "addMessage()": (storage) => storage.addMessage("s1", newMessage()),
  "addMessages()": (storage) => storage.addMessages("s1", [newMessage()]),
  "getMessages()": (storage) => storage.getMessages("s1"),
  "getMessages() by roles": (storage) =>
    storage.getMessages("s1", { roles: ["user"] }),
  "getMessage()": (storage) => storage.getMessage("s1", "m1"),
  "countMessages()": (storage) => storage.countMessages("s1"),
  "updateMessage()": (storage) => storage.updateMessage("s1", "m1", {}),
  "deleteMessage()": (storage) => storage.deleteMessage("s1", "m2"),
  "deleteAllMessages()": (storage) => storage.deleteAllMessages("s2"),
  "touchSession()": (storage) => storage.touchSession("s1"),
  "getExpiredSessions()": (storage) => storage.getExpiredSessions(new Date()),
  "reindex()": (storage) => storage.reindex(),
};

/** Fails unless every call fails as one that Redis did not answer. */
async function assertAllFail(
  storage: RedisAdapter,
  reasons: readonly string[],
): Promise<void> {
  await Promise.all(
    Object.entries(CALLS).map(async ([name, call]) => {
      const error = await assertRejects(() => call(storage), StorageError);
      assert(reasons.includes(error.reason), `${name}: ${error}`);
      assert(error.cause !== undefined);
    }),
  );
  const { status, details } = await storage.health();
  assertEquals(status, "unhealthy");
  assert(reasons.includes(String(details?.["reason"])));
  assertStringIncludes(String(details?.["error"]), "Cannot ");
}

/** Returns what a call fails with. */
async function failure(call: () => Promise<unknown>): Promise<StorageError> {
  return await assertRejects(call, StorageError);
}

describe("an outage", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("of a server that was stopped is an error, and over when it is back", async () => {
    const server = await bed.server();
    const { storage } = await bed.open({
      url: server.url,
      timeoutMs: TIMEOUT_MS,
    });
    await storage.createSession(newSession({ id: "s1" }));
    await server.stop();
    await assertAllFail(storage, ["unavailable", "timeout"]);
    await server.restart();
    const isBack = async () => (await storage.health()).status === "healthy";
    assert(await until(isBack, PATIENCE_MS));
    // It keeps nothing on disk.
    assertEquals(await storage.getSession("s1"), null);
  });

  it("of a frozen server ends each call, and is over when it goes on", async () => {
    const server = await bed.server();
    const { storage } = await bed.open({
      url: server.url,
      timeoutMs: TIMEOUT_MS,
    });
    await storage.createSession(newSession({ id: "s1" }));
    await server.kill("SIGSTOP");
    try {
      await assertAllFail(storage, ["timeout"]);
      const error = await failure(() => storage.getSession("s1"));
      assertStringIncludes(error.message, `within ${TIMEOUT_MS} ms`);
    } finally {
      await server.kill("SIGCONT");
    }
    const isBack = async () => (await storage.health()).status === "healthy";
    assert(await until(isBack, PATIENCE_MS));
    assertEquals((await storage.getSession("s1"))?.id, "s1");
  });

  it("carries the ids with which an append can be repeated", async () => {
    const server = await bed.server();
    const { storage } = await bed.open({
      url: server.url,
      timeoutMs: TIMEOUT_MS,
    });
    await storage.createSession(newSession({ id: "s1" }));
    await server.kill("SIGSTOP");
    const one = await failure(() => storage.addMessage("s1", newMessage("1")));
    const two = await failure(() =>
      storage.addMessages("s1", [
        newMessage("2"),
        newMessage("3", { id: "mine" }),
      ])
    );
    await server.kill("SIGCONT");
    assertEquals(one.ids?.length, 1);
    assertEquals([two.ids?.length, two.ids?.[1]], [2, "mine"]);
    const send = async () => {
      const [first] = one.ids!;
      const [second, third] = two.ids!;
      await storage.addMessage("s1", newMessage("1", { id: first! }));
      await storage.addMessages("s1", [
        newMessage("2", { id: second! }),
        newMessage("3", { id: third! }),
      ]);
    };
    const isSent = () => send().then(() => true, () => false);
    assert(await until(isSent, PATIENCE_MS));
    const messages = await storage.getMessages("s1");
    assertEquals(messages.map(({ content }) => content), ["1", "2", "3"]);
    assertEquals(messages.map(({ sequence }) => sequence), [1, 2, 3]);
    assertEquals(messages.map(({ id }) => id), [...one.ids!, ...two.ids!]);
  });

  it("carries the id of a create, which is there once", async () => {
    const server = await bed.server();
    const { storage } = await bed.open({
      url: server.url,
      timeoutMs: TIMEOUT_MS,
    });
    await server.kill("SIGSTOP");
    const made = await failure(() => storage.createSession(newSession()));
    const kept = await failure(() =>
      storage.createSession(newSession({ id: "mine" }))
    );
    await server.kill("SIGCONT");
    assertEquals([made.ids?.length, kept.ids], [1, ["mine"]]);
    const [id] = made.ids!;
    const isThere = () =>
      storage.createSession(newSession({ id: id! })).then(
        () => true,
        (error) => error.reason === "already-exists",
      );
    assert(await until(isThere, PATIENCE_MS));
    const sessions = await storage.listSessions();
    assertEquals(sessions.filter((session) => session.id === id).length, 1);
  });

  it("of a connection that breaks is an error with ids", async () => {
    const { url } = await bed.server();
    const admin = await bed.connect(url);
    const { storage, redis } = await bed.open({ url });
    await storage.createSession(newSession({ id: "s1" }));
    await storage.addMessage("s1", newMessage("1"));
    const connection = String(await redis.clientId());
    await admin.sendCommand(["CLIENT", "PAUSE", "60000", "WRITE"]);
    const append = failure(() => storage.addMessage("s1", newMessage("2")));
    const create = failure(() => storage.createSession(newSession()));
    const update = failure(() => storage.updateSession("s1", {}));
    const list = failure(() => storage.listSessions());
    const isBlocked = async () =>
      (await admin.info("clients")).includes("blocked_clients:1");
    assert(await until(isBlocked, PATIENCE_MS));
    await admin.sendCommand(["CLIENT", "KILL", "ID", connection]);
    await admin.sendCommand(["CLIENT", "UNPAUSE"]);
    const { reason, ids } = await append;
    assertEquals(reason, "unavailable");
    assertEquals((await create).ids?.length, 1);
    assertEquals([(await update).reason, (await update).ids], [
      "unavailable",
      undefined,
    ]);
    assertEquals((await list).reason, "unavailable");
    const message = await storage.addMessage(
      "s1",
      newMessage("2", { id: ids![0]! }),
    );
    assertEquals(message.sequence, 2);
    assertEquals(await storage.countMessages("s1"), 2);
  });

  it("of a server that is busy with a script is an error", async () => {
    const { url } = await bed.server("--busy-reply-threshold", "20");
    const admin = await bed.connect(url);
    const { storage } = await bed.open({ url });
    await storage.createSession(newSession({ id: "s1" }));
    const loop = admin.eval("while true do end").catch((error) => error);
    const isBusy = () =>
      storage.getSession("s1").then(
        () => false,
        (error) => error.reason === "unavailable",
      );
    assert(await until(isBusy, PATIENCE_MS));
    await assertAllFail(storage, ["unavailable"]);
    const killer = await bed.connect(url, { RESP: 2 });
    await killer.scriptKill();
    await loop;
    const isBack = () => storage.getSession("s1").then(() => true, () => false);
    assert(await until(isBack, PATIENCE_MS));
  });
});

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

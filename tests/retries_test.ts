import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  ConcurrencyError,
  type RedisAdapter,
  type RedisClient,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { CountingClient } from "./support/counting_client.ts";
import { newMessage, newSession } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { TestBed, type TestStoreOptions } from "./support/test_bed.ts";

/** Loses the connection: before a script is sent, or before its reply comes. */
class LosingClient extends CountingClient {
  #losses: ("script" | "reply")[] = [];
  /** How often the connection was lost. */
  lost = 0;
  /** Called once, when the connection is lost. */
  meanwhile: () => Promise<unknown> = () => Promise.resolve();

  /** Loses the connection with each of the next calls, in this way. */
  lose(...losses: ("script" | "reply")[]): void {
    this.#losses = losses;
  }

  override evalSha(
    ...args: Parameters<CountingClient["evalSha"]>
  ): Promise<unknown> {
    return this.#send(() => super.evalSha(...args));
  }

  override eval(...args: Parameters<CountingClient["eval"]>): Promise<unknown> {
    return this.#send(() => super.eval(...args));
  }

  override sortRo(
    ...args: Parameters<CountingClient["sortRo"]>
  ): Promise<unknown> {
    return this.#send(() => super.sortRo(...args));
  }

  override hGetAll(key: string): Promise<unknown> {
    return this.#send(() => super.hGetAll(key));
  }

  async #send(send: () => Promise<unknown>): Promise<unknown> {
    const loss = this.#losses.shift();
    if (loss === undefined) return await send();
    this.lost++;
    if (loss === "reply") await send();
    const meanwhile = this.meanwhile;
    this.meanwhile = () => Promise.resolve();
    await meanwhile();
    throw new Error("Socket closed unexpectedly");
  }
}

const SAFE: Record<string, (storage: RedisAdapter) => Promise<unknown>> = {
  "createSession()": (storage) =>
    storage.createSession(newSession({ id: "new" })),
  "getSession()": (storage) => storage.getSession("s"),
  "deleteSession()": (storage) => storage.deleteSession("s"),
  "listSessions()": (storage) => storage.listSessions(),
  "addMessage()": (storage) => storage.addMessage("s", newMessage("two")),
  "addMessages()": (storage) => storage.addMessages("s", [newMessage("two")]),
  "getMessages()": (storage) => storage.getMessages("s"),
  "getMessages() with a filter": (storage) =>
    storage.getMessages("s", { roles: ["user"] }),
  "getMessage()": (storage) => storage.getMessage("s", "m"),
  "countMessages()": (storage) => storage.countMessages("s"),
  "deleteMessage()": (storage) => storage.deleteMessage("s", "m"),
  "deleteAllMessages()": (storage) => storage.deleteAllMessages("s"),
  "touchSession()": (storage) => storage.touchSession("s"),
  "getExpiredSessions()": (storage) =>
    storage.getExpiredSessions(new Date(5000)),
};

describe("retries", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(options: TestStoreOptions = {}) {
    const client = new LosingClient(await bed.client(await sharedRedisUrl()));
    const store = await bed.open({ client, ttlSeconds: 600, ...options });
    const { storage, prefix: keyPrefix } = store;
    const { storage: other } = await bed.open({ ttlSeconds: 600, keyPrefix });
    await storage.createSession(
      newSession({ id: "s", expiresAt: new Date(1000) }),
    );
    await storage.addMessage("s", newMessage("one", { id: "m" }));
    // The server has to know the scripts: else the first reply tells so.
    const { storage: first } = await bed.open();
    await first.createSession(newSession({ id: "s" }));
    await first.addMessage("s", newMessage("one", { id: "m" }));
    await first.updateSession("s", {});
    await first.updateMessage("s", "m", {});
    return { client, other, ...store };
  }

  for (const [name, call] of Object.entries(SAFE)) {
    it(`${name} is sent again, and takes effect once`, async () => {
      const plain = await open();
      await call(plain.storage);
      const expected = await contentsOf(plain.storage);
      for (const loss of ["script", "reply"] as const) {
        const { storage, client } = await open();
        client.lose(loss, loss);
        await call(storage);
        assertEquals(await contentsOf(storage), expected);
      }
    });

    it(`${name} is sent as often as asked for, and then fails`, async () => {
      for (
        const [options, sent] of [[{}, 3], [{ retries: 4 }, 5], [
          { retries: 0 },
          1,
        ]] as const
      ) {
        const { storage, client } = await open(options);
        client.lose(...Array(9).fill("script"));
        const error = await assertRejects(() => call(storage), StorageError);
        assertEquals(error.reason, "unavailable");
        assertEquals(client.lost, sent);
      }
    });
  }

  it("updateSession() is known to be carried out, though its reply was lost", async () => {
    for (const options of [{}, { expectedVersion: 1 }]) {
      const { storage, client } = await open();
      client.lose("reply", "script");
      const session = await storage.updateSession(
        "s",
        { tokenCount: 7 },
        options,
      );
      assertEquals([session.tokenCount, session.version], [7, 2]);
      assertEquals(await storage.getSession("s"), session);
    }
  });

  it("updateSession() that expects a version is sent again, where it never came", async () => {
    const { storage, client } = await open();
    client.lose("script", "script");
    const options = { expectedVersion: 1 };
    const session = await storage.updateSession(
      "s",
      { tokenCount: 7 },
      options,
    );
    assertEquals([session.tokenCount, session.version], [7, 2]);
  });

  it("updateSession() fails where nothing tells if it was carried out", async () => {
    for (const options of [{}, { expectedVersion: 1 }]) {
      for (const loss of ["script", "reply"] as const) {
        const { storage, client, other } = await open();
        client.lose(loss);
        client.meanwhile = () => other.updateSession("s", { tokenCount: 8 });
        const update = () =>
          storage.updateSession("s", { tokenCount: 7 }, options);
        const error = await assertRejects(update, StorageError);
        assertEquals(error.reason, "unavailable");
        // What the other one wrote is not undone.
        assertEquals((await storage.getSession("s"))?.tokenCount, 8);
      }
    }
  });

  it("updateSession() meets a conflict at its first attempt as ever", async () => {
    const { storage } = await open();
    await assertRejects(
      () => storage.updateSession("s", {}, { expectedVersion: 9 }),
      ConcurrencyError,
    );
  });

  it("updateMessage() is not sent again: it could undo what others wrote", async () => {
    for (const loss of ["script", "reply"] as const) {
      const { storage, client, other } = await open();
      client.lose(loss);
      client.meanwhile = () => other.updateMessage("s", "m", { tokenCount: 8 });
      const update = () => storage.updateMessage("s", "m", { tokenCount: 7 });
      const error = await assertRejects(update, StorageError);
      assertEquals(error.reason, "unavailable");
      assertEquals((await storage.getMessage("s", "m"))?.tokenCount, 8);
    }
  });

  it("of updates are not left to a client that sends again by itself", async () => {
    const writes: Record<string, (storage: RedisAdapter) => Promise<unknown>> =
      {
        "updateSession()": (storage) =>
          storage.updateSession("s", { tokenCount: 7 }),
        "updateSession() that expects a version": (storage) =>
          storage.updateSession("s", { tokenCount: 7 }, { expectedVersion: 1 }),
        "updateMessage()": (storage) =>
          storage.updateMessage("s", "m", { tokenCount: 7 }),
      };
    for (const [name, write] of Object.entries(writes)) {
      for (const loss of ["script", "reply"] as const) {
        const { client, other, prefix } = await open();
        const { storage } = await bed.open({
          ...{ client: sentinelOf(client), ttlSeconds: 600, keyPrefix: prefix },
        });
        client.lose(loss);
        client.meanwhile = async () => {
          await other.updateSession("s", { tokenCount: 8 });
          await other.updateMessage("s", "m", { tokenCount: 8 });
        };
        const error = await assertRejects(() => write(storage), StorageError);
        assertEquals(error.reason, "unavailable", name);
        const session = await other.getSession("s");
        const message = await other.getMessage("s", "m");
        assertEquals([session?.tokenCount, message?.tokenCount], [8, 8], name);
      }
    }
  });

  it("of appends and creates are left to a client that sends again by itself", async () => {
    const { client, other, prefix } = await open();
    const { storage } = await bed.open({
      ...{ client: sentinelOf(client), keyPrefix: prefix, retries: 0 },
    });
    client.lose("reply", "reply");
    await storage.addMessage("s", newMessage("two"));
    client.lose("reply", "reply");
    await storage.createSession(newSession({ id: "new" }));
    assertEquals(client.lost, 4);
    assertEquals(await other.countMessages("s"), 2);
    assertEquals((await other.listSessions()).length, 2);
  });

  it("are not made when nobody waits any more", async () => {
    const { storage, client } = await open({ timeoutMs: 100 });
    client.lose("script", "script");
    const isOver = new Promise((resolve) => setTimeout(resolve, 300));
    client.meanwhile = () => isOver;
    const error = await assertRejects(
      () => storage.touchSession("s"),
      StorageError,
    );
    assertEquals(error.reason, "timeout");
    await isOver;
    client.lose();
    // Another call takes longer than the shortest pause before a retry.
    await storage.listSessions();
    await storage.getMessages("s");
    assertEquals(client.lost, 1);
    assertEquals(client.sent.filter((name) => name === "EVAL"), []);
  });

  it("go no further than timeoutMs", async () => {
    const { storage, client } = await open({ timeoutMs: 200, retries: 1000 });
    client.lose(...Array(2000).fill("script"));
    const error = await assertRejects(
      () => storage.getSession("s"),
      StorageError,
    );
    assertEquals(["timeout", "unavailable"].includes(error.reason!), true);
    assertEquals(client.lost < 100, true);
  });
});

/** Returns a client that does as sentinel clients do: it sends again whatever failed with an Error. */
function sentinelOf(client: LosingClient): RedisClient {
  const node = Object.create(client, {
    withTypeMapping: { value: () => client },
  });
  const execute = async (
    _isReadonly: boolean,
    run: (node: unknown) => Promise<unknown>,
  ): Promise<unknown> => {
    for (;;) {
      try {
        return await run(node);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (error.message.startsWith("NOSCRIPT")) throw error;
      }
    }
  };
  const sentinel = {
    getMasterNode: () => undefined,
    _execute: execute,
    evalSha: (...args: Parameters<RedisClient["evalSha"]>) =>
      execute(false, () => client.evalSha(...args)),
    eval: (...args: Parameters<RedisClient["eval"]>) =>
      execute(false, () => client.eval(...args)),
    sortRo: (...args: Parameters<RedisClient["sortRo"]>) =>
      execute(true, () => client.sortRo(...args)),
    hGetAll: (key: string) => execute(true, () => client.hGetAll(key)),
  };
  return sentinel;
}

/** Returns all that an adapter has, without ids and dates that differ from run to run. */
async function contentsOf(storage: RedisAdapter): Promise<unknown> {
  const sessions = await storage.listSessions();
  return await Promise.all(sessions.map(async ({ id, version }) => {
    const messages = await storage.getMessages(id);
    return [id, version, messages.map(({ content }) => content)];
  }));
}

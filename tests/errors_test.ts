import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  ConcurrencyError,
  type IStorageAdapter,
  type RedisAdapter,
  SessionError,
  StorageError,
  type StorageErrorReason,
} from "@reaatech/session-continuity-storage-redis";
import { CountingClient } from "./support/counting_client.ts";
import { newMessage, newSession } from "./support/records.ts";
import { snapshot } from "./support/snapshot.ts";
import { TestBed } from "./support/test_bed.ts";

type Call = (storage: RedisAdapter) => Promise<unknown>;

/** Reads of the session "s1", which has the messages "m1" and "m2". */
const READS: Readonly<Record<string, Call>> = {
  "read session": (storage) => storage.getSession("s1"),
  "read messages": (storage) => storage.getMessages("s1"),
  "read messages by roles": (storage) =>
    storage.getMessages("s1", { roles: ["user"] }),
  "read message": (storage) => storage.getMessage("s1", "m1"),
  "count messages": (storage) => storage.countMessages("s1"),
  "list sessions": (storage) => storage.listSessions({ userId: "ada" }),
  "iterate over sessions": (storage) => storage.iterateSessions().next(),
  "find expired sessions": (storage) =>
    storage.getExpiredSessions(new Date(2000)),
};

/** Writes that need memory. */
const WRITES: Readonly<Record<string, Call>> = {
  "create a session": (storage) =>
    storage.createSession(newSession({ userId: "ada" })),
  'create session "s9"': (storage) =>
    storage.createSession(newSession({ id: "s9", expiresAt: new Date(5) })),
  'update session "s1"': (storage) =>
    storage.updateSession("s1", { userId: "bob", tokenCount: 1 }),
  'append to session "s1"': (storage) =>
    storage.addMessages("s1", [newMessage(), newMessage("", { id: "m9" })]),
  'update message "m1" of session "s1"': (storage) =>
    storage.updateMessage("s1", "m1", { content: "?" }),
  'touch session "s1"': (storage) => storage.touchSession("s1"),
};

const DELETES: Readonly<Record<string, Call>> = {
  'delete message "m1" of session "s1"': (storage) =>
    storage.deleteMessage("s1", "m1"),
  'delete messages of session "s1"': (storage) =>
    storage.deleteAllMessages("s1"),
  'delete session "s1"': (storage) => storage.deleteSession("s1"),
};

const ALL = { ...READS, ...WRITES, ...DELETES };

/** Makes the session "s1" of the user "ada", with two messages. */
async function fill(storage: IStorageAdapter): Promise<void> {
  const session = newSession({
    id: "s1",
    userId: "ada",
    expiresAt: new Date(1000),
  });
  await storage.createSession(session);
  await storage.addMessage("s1", newMessage("Hi", { id: "m1" }));
  await storage.addMessage("s1", newMessage("Hi", { id: "m2" }));
}

/** Fails unless the call fails for one of the reasons, as every error of the adapter does. */
async function assertFails(
  call: () => Promise<unknown>,
  reasons: readonly StorageErrorReason[],
  about: string,
): Promise<StorageError> {
  const error = await assertRejects(call, StorageError, undefined, about);
  assert(reasons.includes(error.reason), `${about}: ${error.reason}, ${error}`);
  assertEquals(error.code, "STORAGE_ERROR");
  assertEquals(error.adapter, "redis");
  assertEquals(error.name, "StorageError");
  assert(error instanceof SessionError && error.cause instanceof Error);
  assertMatch(error.message, /^Cannot [^:]+: \S/);
  return error;
}

describe("StorageError", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("says what was tried, on what, and why it failed", async () => {
    const { storage } = await bed.open();
    await fill(storage);
    const other = await storage.createSession(newSession({ id: "s2" }));
    const cases: [Call, StorageErrorReason, string][] = [
      [
        (storage) => storage.updateSession("no\n", {}),
        "not-found",
        'Cannot update session "no\\n": not found',
      ],
      [
        (storage) => storage.addMessage("no", newMessage()),
        "not-found",
        'Cannot append to session "no": not found',
      ],
      [
        (storage) => storage.updateMessage("s1", "no", {}),
        "not-found",
        'Cannot update message "no" of session "s1": not found',
      ],
      [
        (storage) => storage.createSession(newSession({ id: "s1" })),
        "already-exists",
        'Cannot create session "s1": already exists',
      ],
      [
        (storage) => storage.addMessage(other.id, newMessage("", { id: "m1" })),
        "already-exists",
        'Cannot append to session "s2": message id "m1" is in use in session "s1"',
      ],
      [
        (storage) => storage.listSessions({ limit: -1 }),
        "invalid-argument",
        "Cannot list sessions: limit must be a non-negative integer, got -1",
      ],
    ];
    for (const [call, reason, message] of cases) {
      const error = await assertFails(() => call(storage), [reason], message);
      assertEquals(error.message, message);
      assertEquals(error.ids, undefined);
    }
  });

  it("out-of-memory: writes are refused whole, reads and deletes go on", async () => {
    const { url } = await bed.server("--maxmemory-policy", "noeviction");
    for (const ttlSeconds of [undefined, 600]) {
      const options = ttlSeconds === undefined ? {} : { ttlSeconds };
      for (const [name, remove] of Object.entries(DELETES)) {
        const store = await bed.open({
          url,
          ...options,
          refreshTtlOnRead: true,
        });
        const { storage, redis } = store;
        await fill(storage);
        const before = await snapshot(store);
        await redis.configSet("maxmemory", "1");
        for (const [action, write] of Object.entries(WRITES)) {
          const error = await assertFails(
            () => write(storage),
            ["out-of-memory"],
            action,
          );
          assertStringIncludes(error.message, `Cannot ${action}: `);
          assertEquals(error.ids, undefined);
        }
        assertEquals(await snapshot(store), before);
        for (const [action, read] of Object.entries(READS)) {
          assert(await read(storage), action);
        }
        assertEquals((await storage.getMessages("s1")).length, 2);
        await remove(storage);
        const left = (await storage.getMessages("s1")).length;
        assertEquals(left, name.startsWith("delete message ") ? 1 : 0);
        await redis.configSet("maxmemory", "0");
        await redis.flushDb();
      }
    }
  });

  it("access-denied: no password, a wrong one, no permission", async () => {
    const { url } = await bed.server("--requirepass", "secret");
    const admin = await bed.connect(url, { password: "secret" });
    await admin.aclSetUser("reader", [
      "on",
      ">x",
      "~*",
      "+hgetall",
      "+hello",
      "+ping",
      "+client",
    ]);
    const user = { username: "reader", password: "x" };
    const reader = await bed.connect(url, user);
    const stranger = await bed.connect(url, { RESP: 2 });
    for (const [action, call] of Object.entries(ALL)) {
      for (const client of [reader, stranger]) {
        const { storage } = await bed.open({ client });
        if (client === reader && action === "read session") {
          assertEquals(await call(storage), null);
          continue;
        }
        await assertFails(() => call(storage), ["access-denied"], action);
      }
    }
    const health = await (await bed.open({ client: stranger })).storage
      .health();
    assertEquals(health.status, "unhealthy");
    assertStringIncludes(String(health.details?.["error"]), "NOAUTH");
  });

  it("access-denied: keys and commands inside of a script", async () => {
    const { url } = await bed.server();
    const { storage, redis, prefix } = await bed.open({ url });
    await fill(storage);
    const rules: Record<string, string[]> = {
      noWrites: ["~*", "+@all", "-zadd", "-hset"],
      otherKeys: ["~other:*", "+@all"],
      noTime: ["~*", "+@all", "-time"],
    };
    for (const [username, rule] of Object.entries(rules)) {
      await redis.aclSetUser(username, ["on", ">x", ...rule]);
      const client = await bed.connect(url, { username, password: "x" });
      const restricted = await bed.open({ client, keyPrefix: prefix });
      await assertFails(
        () => restricted.storage.addMessage("s1", newMessage()),
        ["access-denied"],
        username,
      );
      await assertFails(
        () => restricted.storage.createSession(newSession()),
        ["access-denied"],
        username,
      );
    }
    assertEquals((await storage.getMessages("s1")).length, 2);
    assertEquals((await storage.listSessions()).length, 1);
  });

  for (const rule of ["ACL", "rename-command"]) {
    it(`is none when SORT_RO is refused by ${rule}, and it is asked once`, async () => {
      const isRenamed = rule === "rename-command";
      const { url } = await bed.server(
        ...(isRenamed ? ["--rename-command", "SORT_RO", ""] : []),
      );
      const admin = await bed.client(url);
      const rules = ["on", ">x", "~*", "+@all", "-sort_ro"];
      if (!isRenamed) await admin.aclSetUser("reader", rules);
      const counting = new CountingClient(
        isRenamed
          ? admin
          : await bed.connect(url, { username: "reader", password: "x" }),
      );
      const { storage } = await bed.open({ client: counting });
      await fill(storage);
      counting.take();
      for (const expected of [["SORT_RO", "EVALSHA", "EVAL"], ["EVALSHA"]]) {
        const messages = await storage.getMessages("s1");
        assertEquals(messages.map(({ id }) => id), ["m1", "m2"]);
        assertEquals(counting.take(), expected);
      }
    });
  }

  it("unavailable: a replica refuses writes, and answers reads", async () => {
    const primary = await bed.server("--repl-diskless-sync-delay", "0");
    const replica = await bed.server(
      "--replicaof",
      primary.host,
      String(primary.port),
    );
    const store = await bed.open({ url: primary.url, ttlSeconds: 600 });
    await fill(store.storage);
    await store.storage.createSession(newSession({ id: "s2", userId: "ada" }));
    // What a reader would clean up: a dead hint, a dead message, a due deadline.
    const { redis, prefix } = store;
    await redis.unlink([`${prefix}session:s2`, `${prefix}message:m2`]);
    await redis.zAdd(`${prefix}sessions:by-deadline`, [
      { value: "2:s2ada", score: 1 },
    ]);
    await redis.zAdd(`${prefix}sessions:by-expiry`, [
      { value: "s2", score: 1 },
    ]);
    await redis.wait(1, 10_000);
    for (const refreshTtlOnRead of [false, true]) {
      const { storage } = await bed.open({
        url: replica.url,
        keyPrefix: prefix,
        ttlSeconds: 600,
        refreshTtlOnRead,
      });
      for (const [action, read] of Object.entries(READS)) {
        assert(await read(storage), action);
      }
      assertEquals((await storage.getMessages("s1")).length, 1);
      assertEquals((await storage.listSessions()).length, 1);
      const due = await storage.getExpiredSessions(new Date(2000));
      assertEquals(due, ["s1"]);
      for (const [action, write] of Object.entries({ ...WRITES, ...DELETES })) {
        await assertFails(() => write(storage), ["unavailable"], action);
      }
    }
    assertEquals((await store.storage.getMessages("s1")).length, 1);
  });

  it("keeps the original error as its cause", async () => {
    const { storage, redis, prefix } = await bed.open();
    await redis.set(`${prefix}session:s1`, "text");
    const error = await assertRejects(
      () => storage.getSession("s1"),
      StorageError,
    );
    let cause: unknown = error;
    const causes: string[] = [];
    while (cause instanceof Error) {
      causes.push(cause.message);
      cause = cause.cause;
    }
    assert(causes.some((text) => text.startsWith("WRONGTYPE")), causes.join());
  });

  it("errors gives the classes to throw", async () => {
    class MyStorageError extends Error {
      readonly given: unknown[];
      constructor(message: string, adapter: string, cause?: unknown) {
        super(message);
        this.given = [adapter, cause];
      }
    }
    class MyConcurrencyError extends Error {
      readonly given: unknown[];
      constructor(...given: unknown[]) {
        super("stale");
        this.given = given;
      }
    }
    const { storage } = await bed.open({
      errors: {
        StorageError: MyStorageError,
        ConcurrencyError: MyConcurrencyError,
      },
    });
    await fill(storage);
    const error = await assertRejects(
      () => storage.updateSession("no", {}),
      MyStorageError,
      'Cannot update session "no": not found',
    );
    assertEquals(error.given[0], "redis");
    assertInstanceOf(error.given[1], Error);
    assertEquals((error as { reason?: string }).reason, "not-found");
    const stale = await assertRejects(
      () => storage.updateSession("s1", {}, { expectedVersion: 7 }),
      MyConcurrencyError,
    );
    assertEquals(stale.given, ["s1", 7, 1]);
  });

  it("ConcurrencyError says which versions", async () => {
    const { storage } = await bed.open();
    await fill(storage);
    const error = await assertRejects(
      () => storage.updateSession("s1", {}, { expectedVersion: 0 }),
      ConcurrencyError,
    );
    assert(error instanceof SessionError && !(error instanceof StorageError));
    assertEquals(error.code, "CONCURRENCY_CONFLICT");
    assertEquals(error.name, "ConcurrencyError");
    assertEquals(
      [error.sessionId, error.expectedVersion, error.actualVersion],
      ["s1", 0, 1],
    );
  });
});

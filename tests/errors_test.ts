import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  ConcurrencyError,
  SessionError,
  StorageError,
  type StorageErrorReason,
} from "@reaatech/session-continuity-storage-redis";
import { passTime } from "./support/passing_time.ts";
import { newMessage, newSession } from "./support/records.ts";
import {
  assertFails,
  type Call,
  DELETES,
  fill,
  READS,
  WRITES,
} from "./support/sample_calls.ts";
import { snapshot } from "./support/snapshot.ts";
import { TestBed } from "./support/test_bed.ts";

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
        // The next write would give the messages a new deadline.
        await passTime(store, 200_000);
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

import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  ConcurrencyError,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession } from "./support/records.ts";
import { TestBed } from "./support/test_bed.ts";

/** Passes what the types forbid, as callers in JavaScript do. */
// deno-lint-ignore no-explicit-any -- each value is wrong by intent
type Wrong = any;

/** Returns an object of which one property cannot be read. */
function unreadable(name: string, given: object): Wrong {
  return Object.defineProperty({ ...given }, name, {
    enumerable: true,
    get() {
      throw new Error("timeout, OOM and NOPERM");
    },
  });
}

describe("what a caller hands over", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  const calls: Record<string, (storage: RedisAdapter) => Promise<unknown>> = {
    "createSession()": (storage) =>
      storage.createSession(unreadable("id", newSession())),
    "updateSession()": (storage) =>
      storage.updateSession("s1", unreadable("status", {})),
    "addMessage()": (storage) =>
      storage.addMessage("s1", unreadable("role", newMessage())),
    "listSessions()": (storage) =>
      storage.listSessions(unreadable("limit", {})),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`may throw: ${name} rejects, and says so`, async () => {
      const { storage } = await bed.open();
      await storage.createSession(newSession({ id: "s1" }));
      const promise = call(storage);
      const error = await assertRejects(() => promise, StorageError, "Cannot ");
      // Its words are no answer of Redis.
      assertEquals(error.reason, "unknown");
      assertEquals((error.cause as Error).message, "timeout, OOM and NOPERM");
      assertEquals(error.ids, undefined);
    });
  }

  it("may throw: onCorrupt and onProgress", async () => {
    const { storage, redis, prefix } = await bed.open({
      onCorrupt: () => {
        throw new Error("OOM");
      },
    });
    await storage.createSession(newSession({ id: "s1" }));
    await redis.hDel(`${prefix}session:s1`, "status");
    const onProgress = () => {
      throw new Error("OOM");
    };
    for (
      const call of [
        () => storage.listSessions(),
        () => storage.iterateSessions().next(),
        () => storage.reindex({ onProgress }),
      ]
    ) {
      const error = await assertRejects(call, StorageError, "OOM");
      assertEquals(error.reason, "unknown");
    }
  });

  class Frozen extends Error {
    constructor(message: string) {
      super(message);
      Object.freeze(this);
    }
  }
  class Throwing extends Error {
    constructor() {
      super();
      throw new RangeError("never made");
    }
  }
  for (
    const [Class, expected] of [[Frozen, TypeError], [
      Throwing,
      RangeError,
    ]] as const
  ) {
    it(`may be a class of errors that is unusable: ${Class.name}`, async () => {
      const errors = { StorageError: Class, ConcurrencyError };
      const { storage } = await bed.open({ errors });
      await assertRejects(() => storage.getSession(""), expected);
      await assertRejects(() => storage.updateSession("no", {}), expected);
      await storage.close();
      await assertRejects(() => storage.getSession("s1"), expected);
    });
  }

  it("may be a class of errors with properties of its own", async () => {
    class Mine extends Error {
      get reason(): string {
        return "mine";
      }
    }
    const errors = { StorageError: Mine, ConcurrencyError };
    const { storage } = await bed.open({ errors });
    const error = await assertRejects(
      () => storage.updateSession("no", {}),
      Mine,
    );
    assertEquals(error.reason, "not-found");
  });

  it("may be changed while the call runs", async () => {
    const { storage } = await bed.open();
    await storage.createSession(newSession({ id: "s1" }));
    const options = { expectedVersion: 9 };
    const message = { ...newMessage("before"), id: "m1" };
    const update = storage.updateSession("s1", {}, options);
    const append = storage.addMessage("s1", message);
    options.expectedVersion = 77;
    message.content = "after";
    const error = await assertRejects(() => update, ConcurrencyError);
    assertEquals(error.expectedVersion, 9);
    assertEquals((await append).content, "before");
    assert((await storage.getMessage("s1", "m1"))?.content === "before");
  });
});

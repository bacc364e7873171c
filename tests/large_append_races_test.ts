import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import {
  assertHistory,
  bigMessage,
  bigMessages,
  openStepped,
  type SteppedStore,
} from "./support/large_appends.ts";
import { newMessage, newSession } from "./support/records.ts";
import { readHash, snapshot } from "./support/snapshot.ts";
import { TestBed, type TestStoreOptions } from "./support/test_bed.ts";

/** The scripts of an append of three parts. */
const LATER_SCRIPTS = [2, 3, 4];

describe("addMessages() of many, beside others", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(options: TestStoreOptions = {}): Promise<SteppedStore> {
    return await openStepped(bed, options);
  }

  for (const number of LATER_SCRIPTS) {
    it(`comes after a message that was added before script ${number}`, async () => {
      const store = await open();
      const { storage, other, steps } = store;
      steps.before(number, () => other.addMessage("s", bigMessage("m")));
      const added = await storage.addMessages("s", bigMessages("a", "b", "c"));
      await assertHistory(store, ["first", "m", "a", "b", "c"]);
      assertEquals((await other.getMessages("s")).slice(2), added);
    });

    it(`is refused when the session goes before script ${number}`, async () => {
      const store = await open({ ttlSeconds: 600 });
      const { storage, other, steps } = store;
      steps.before(number, () => other.deleteSession("s"));
      const error = await assertRejects(
        () => storage.addMessages("s", bigMessages("a", "b", "c")),
        StorageError,
        'Cannot append to session "s": not found',
      );
      assertEquals(error.reason, "not-found");
      assertEquals(await store.keys(), []);
    });

    it(`goes to a session that is made again before script ${number}`, async () => {
      const store = await open();
      const { storage, other, steps } = store;
      steps.before(number, async () => {
        await other.deleteSession("s");
        await other.createSession(newSession({ id: "s" }));
      });
      await storage.addMessages("s", bigMessages("a", "b", "c"));
      await assertHistory(store, ["a", "b", "c"]);
    });

    it(`stays when all others go before script ${number}`, async () => {
      const store = await open();
      const { storage, other, steps } = store;
      steps.before(number, () => other.deleteAllMessages("s"));
      await storage.addMessages("s", bigMessages("a", "b", "c"));
      await assertHistory(store, ["a", "b", "c"], [2, 3, 4]);
    });

    it(`adds a message again that goes before script ${number}`, async () => {
      const store = await open();
      const { storage, other, steps } = store;
      // The first script tells that the session has it, the next ones follow.
      steps.before(number + 1, () => other.deleteMessage("s", "first"));
      const given = [bigMessage("first"), ...bigMessages("a", "b", "c")];
      const added = await storage.addMessages("s", given);
      await assertHistory(store, ["first", "a", "b", "c"], [2, 3, 4, 5]);
      assertEquals(await other.getMessages("s"), added);
    });

    it(`returns what another call added before script ${number}`, async () => {
      const store = await open();
      const { storage, other, steps } = store;
      steps.before(number, () => other.addMessage("s", bigMessage("b", "!")));
      const added = await storage.addMessages("s", bigMessages("a", "b", "c"));
      await assertHistory(store, ["first", "b", "a", "c"]);
      const [, b, a, c] = await other.getMessages("s");
      assertEquals(added, [a, b, c]);
    });
  }

  it("returns what other calls added of all that it has staged", async () => {
    const store = await open();
    const { storage, other, steps } = store;
    const given = bigMessages("b", "a");
    let before: unknown;
    steps.before(3, async () => {
      for (const message of given) await other.addMessage("s", message);
      before = await snapshot(store);
    });
    const added = await storage.addMessages("s", given);
    assertEquals((await other.getMessages("s")).slice(1), added);
    assertEquals(await snapshot(store), before);
  });

  it("keeps other sessions from the ids that it has not added yet", async () => {
    for (const other of [newMessage("?", { id: "a" }), bigMessage("a")]) {
      const store = await open();
      await store.other.createSession(newSession({ id: "t" }));
      let refused = 0;
      store.steps.always = async (send) => {
        const result = await send();
        await store.other.addMessages("t", [bigMessage("t1"), other]).catch(
          (error) => {
            assertEquals(error.reason, "already-exists");
            refused++;
          },
        );
        return result;
      };
      const added = await store.storage.addMessages("s", bigMessages("a", "b"));
      assertEquals(refused, 3);
      assertEquals(await store.other.getMessages("t"), []);
      await assertHistory(store, ["first", "a", "b"]);
      assertEquals((await store.other.getMessages("s")).slice(1), added);
    }
  });

  for (const size of ["small", "large"]) {
    it(`leaves another session an id that a ${size} append there took`, async () => {
      const store = await open();
      const { storage, other, steps } = store;
      await other.createSession(newSession({ id: "t" }));
      let before: unknown;
      steps.before(4, async () => {
        // This takes away the right to the ids.
        await other.addMessage("s", newMessage("m", { id: "m" }));
        const more = size === "large" ? bigMessages("t1", "t2") : [];
        await other.addMessages("t", [...more, bigMessage("b", "!")]);
        before = await other.getMessages("t");
      });
      const error = await assertRejects(
        () => storage.addMessages("s", bigMessages("a", "b", "c")),
        StorageError,
        'message id "b" is in use in session "t"',
      );
      assertEquals(error.reason, "already-exists");
      assertEquals(await other.getMessages("t"), before);
      const ids = (await other.getMessages("s")).map(({ id }) => id);
      assertEquals(ids, ["first", "m"]);
      const keys = await store.keys();
      assertEquals(keys.includes("message:a"), false);
      assertEquals(keys.includes("message:c"), false);
      assertEquals((await readHash(store, "session:s"))["staged"], undefined);
    });
  }

  it("takes an id that a session has lost which is gone", async () => {
    const store = await open();
    const { storage, other, redis, prefix } = store;
    await other.createSession(newSession({ id: "t" }));
    await other.addMessage("t", newMessage("?", { id: "b" }));
    // With fields of its own, which must not stay.
    await redis.hSet(`${prefix}message:b`, "other", "1");
    await redis.del([`${prefix}session:t`, `${prefix}session:t:messages`]);
    await storage.addMessages("s", bigMessages("a", "b"));
    await assertHistory(store, ["first", "a", "b"]);
    const hash = await redis.hGetAll(`${prefix}message:b`);
    assertEquals(Object.keys(hash).sort(), ["message"]);
  });

  it("tells a cache of all that it adds", async () => {
    const store = await open();
    const cached = await store.another({ cache: { maxMessages: 1000 } });
    await cached.other.getMessages("s");
    store.steps.before(3, () => cached.other.getMessages("s"));
    await store.storage.addMessages("s", bigMessages("a", "b"));
    assertEquals(
      await cached.other.getMessages("s"),
      await store.other.getMessages("s"),
    );
  });
});

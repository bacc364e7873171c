import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import {
  bigMessage,
  bigMessages,
  openStepped,
  readPlaces,
  type SteppedStore,
} from "./support/large_appends.ts";
import { newMessage, newSession } from "./support/records.ts";
import { readHash, snapshot } from "./support/snapshot.ts";
import { TestBed, type TestStoreOptions } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

/** The scripts of an append of three parts. */
const LATER_SCRIPTS = [2, 3, 4];

const never = () => new Promise<never>(() => {});

describe("addMessages() of many, beside others", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(options: TestStoreOptions = {}): Promise<SteppedStore> {
    return await openStepped(bed, options);
  }

  /** Fails unless the history is of these messages, with these numbers, and nothing is left over. */
  async function assertHistory(
    store: SteppedStore,
    ids: readonly string[],
    sequences: readonly number[] = ids.map((_, i) => i + 1),
  ): Promise<void> {
    const messages = await store.other.getMessages("s");
    assertEquals(messages.map(({ id }) => id), ids);
    assertEquals(messages.map(({ sequence }) => sequence), [...sequences]);
    const { found, wanted } = await readPlaces(store, messages);
    assertEquals(found, wanted);
    const session = await readHash(store, "session:s");
    assertEquals(session["staged"], undefined);
    assertEquals(session["lastSequence"], String(sequences.at(-1)));
    const hashes = (await store.keys()).filter((key) => key.startsWith("mess"));
    assertEquals(hashes, ids.map((id) => `message:${id}`).sort());
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
    assertEquals(Object.keys(hash).sort(), ["attributes", "content"]);
  });

  it("goes first when another one begins that has not staged yet", async () => {
    const store = await open();
    const { storage, steps } = store;
    const late = await store.another();
    let second: Promise<unknown> | undefined;
    let isFirstDone = () => {};
    const firstIsDone = new Promise<void>((resolve) => isFirstDone = resolve);
    // Only when the first one is through does the other one look again.
    late.steps.before(2, () => firstIsDone);
    steps.before(2, async () => {
      await new Promise<void>((resolve) => {
        late.steps.at(1, async (send) => {
          const reply = await send();
          resolve();
          return reply;
        });
        second = late.storage.addMessages("s", bigMessages("x", "y"));
      });
    });
    await storage.addMessages("s", bigMessages("a", "b", "c"));
    assertEquals(steps.keys.length, 4);
    isFirstDone();
    await second;
    // One that looks, two parts, and the adding.
    assertEquals(late.steps.keys.length, 4);
    await assertHistory(store, ["first", "a", "b", "c", "x", "y"]);
  });

  it("waits for another one as long as that goes on", async () => {
    const store = await open();
    const { storage, steps } = store;
    const late = await store.another();
    let second: Promise<unknown> | undefined;
    // They take turns: whenever the other one looks, one more part is there.
    const looks: (() => void)[] = [];
    let isDone = false;
    late.steps.always = async (send) => {
      assert(await until(() => isDone || looks.length > 0, 10_000));
      const reply = await send();
      looks.shift()?.();
      return reply;
    };
    const untilLook = () =>
      new Promise<void>((resolve) => {
        looks.push(resolve);
        second ??= late.storage.addMessages("s", bigMessages("x", "y"));
      });
    for (const number of LATER_SCRIPTS) steps.before(number, untilLook);
    await storage.addMessages("s", bigMessages("a", "b", "c"));
    assertEquals(steps.keys.length, 4);
    isDone = true;
    await second;
    await assertHistory(store, ["first", "a", "b", "c", "x", "y"]);
  });

  it("takes the place of one that goes on no more", async () => {
    const store = await open();
    const { other, steps, another } = store;
    const { storage: dead, steps: deadly } = await another({ timeoutMs: 50 });
    deadly.always = never;
    deadly.at(1, (send) => send());
    await assertRejects(
      () => dead.addMessages("s", bigMessages("a", "b")),
      StorageError,
      "no answer",
    );
    const isLeft = async () => "staged" in await readHash(store, "session:s");
    assert(await until(isLeft, 10_000));
    const added = await store.storage.addMessages("s", bigMessages("x", "y"));
    assertEquals((await other.getMessages("s")).slice(1), added);
    assertEquals(added.map(({ sequence }) => sequence), [2, 3]);
    // One that looks, two parts, and the adding.
    assertEquals(steps.keys.length, 4);
    assertEquals((await readHash(store, "session:s"))["staged"], undefined);
    // What is left over does not keep anybody from appending it.
    await other.addMessages("s", bigMessages("a", "b"));
    await assertHistory(store, ["first", "x", "y", "a", "b"]);
  });

  it("removes what it has staged while another one stages the same ids", async () => {
    const store = await open();
    const { storage, other, steps } = store;
    const second = await store.another();
    let rival: Promise<unknown> | undefined;
    let goOn = () => {};
    second.steps.before(3, () => new Promise<void>((go) => goOn = go));
    steps.at(4, async () => {
      await other.addMessage("s", newMessage("m", { id: "m" }));
      await new Promise<void>((resolve) => {
        second.steps.at(2, async (send) => {
          const reply = await send();
          resolve();
          return reply;
        });
        rival = second.storage.addMessages("s", bigMessages("a", "x", "y"));
      });
      throw new Error("stop");
    });
    const failed = assertRejects(
      () => storage.addMessages("s", bigMessages("z", "a", "b")),
      StorageError,
      "stop",
    );
    await failed;
    const keys = await store.keys();
    assertEquals(keys.filter((key) => key.startsWith("message:")), [
      ...["message:a", "message:first", "message:m", "message:x"],
    ]);
    goOn();
    await rival;
    await assertHistory(store, ["first", "m", "a", "x", "y"]);
  });

  it("does all of many at once, each as a whole", async () => {
    for (const hashTags of [false, true]) {
      const { storage, other } = await open({ hashTags });
      const calls = Array.from({ length: 6 }, (_, call) => {
        const adapter = call % 2 === 0 ? storage : other;
        return adapter.addMessages(
          "s",
          Array.from({ length: 450 }, (_, i) => newMessage(`${call} ${i}`)),
        );
      });
      const small = Array.from(
        { length: 5 },
        () => other.addMessage("s", newMessage("small")),
      );
      const added = await Promise.all(calls);
      await Promise.all(small);
      const messages = await other.getMessages("s");
      assertEquals(messages.length, 1 + 6 * 450 + 5);
      assertEquals(
        messages.map(({ sequence }) => sequence! - 1),
        [...messages.keys()],
      );
      const times = messages.map(({ createdAt }) => createdAt.getTime());
      assertEquals(times, [...times].sort((a, b) => a - b));
      for (const call of added) {
        const start = call[0]!.sequence! - 1;
        assertEquals(messages.slice(start, start + 450), call);
      }
    }
  });

  it("is made once when the same call is made twice at once", async () => {
    const store = await open();
    const given = bigMessages("a", "b", "c");
    const calls = [store.storage, store.other, store.storage, store.other]
      .map((adapter) => adapter.addMessages("s", given));
    const [one, ...more] = await Promise.all(calls);
    for (const each of more) assertEquals(each, one);
    await assertHistory(store, ["first", "a", "b", "c"]);
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

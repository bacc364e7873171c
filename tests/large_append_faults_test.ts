import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import {
  assertRefused,
  bigMessage,
  bigMessages,
  openStepped,
  readPlaces,
  type SteppedStore,
} from "./support/large_appends.ts";
import { newMessage } from "./support/records.ts";
import { readHash, snapshot } from "./support/snapshot.ts";
import { TestBed, type TestStoreOptions } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

/** The scripts of an append of three parts. */
const SCRIPTS = [1, 2, 3, 4];
const GIVEN = bigMessages("a", "b", "c");

const lost = () => new Error("Socket closed unexpectedly");

describe("addMessages() of many, when something fails", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(options: TestStoreOptions = {}): Promise<SteppedStore> {
    return await openStepped(bed, options);
  }

  /** Fails unless the session has just these messages, with what the call returned of them. */
  async function assertAdded(
    store: SteppedStore,
    returned: readonly { id: string }[],
    ids: readonly string[] = ["first", "a", "b", "c"],
  ): Promise<void> {
    const messages = await store.other.getMessages("s");
    assertEquals(messages.map(({ id }) => id), [...ids]);
    assertEquals(
      messages.map(({ sequence }) => sequence),
      ids.map((_, i) => i + 1),
    );
    for (const each of returned) {
      assertEquals<unknown>(messages.find(({ id }) => id === each.id), each);
    }
    const { found, wanted } = await readPlaces(store, messages);
    assertEquals(found, wanted);
    assertEquals((await readHash(store, "session:s"))["staged"], undefined);
  }

  for (const number of SCRIPTS) {
    it(`is made once when script ${number} or its reply is lost`, async () => {
      for (const isSent of [false, true]) {
        const store = await open();
        store.steps.at(number, async (send) => {
          if (isSent) await send();
          throw lost();
        });
        const added = await store.storage.addMessages("s", GIVEN);
        await assertAdded(store, added);
        // That one was sent again, and no other.
        assertEquals(store.steps.keys.length, SCRIPTS.length + 1);
      }
    });

    it(`is made once when script ${number} arrives late, too`, async () => {
      for (let late = number + 1; late <= SCRIPTS.length + 1; late++) {
        const store = await open();
        const { storage, steps } = store;
        let sendLate: (() => Promise<unknown>) | undefined;
        steps.at(number, (send) => {
          sendLate = send;
          return Promise.reject(lost());
        });
        // The second attempt of that script counts, too.
        steps.before(late + 1, async () => await sendLate!());
        const added = await storage.addMessages("s", GIVEN);
        if (late > SCRIPTS.length) await sendLate!();
        await assertAdded(store, added);
        const again = await storage.addMessages("s", GIVEN);
        assertEquals(again, added);
      }
    });

    it(`leaves all as it was when script ${number} fails`, async () => {
      const store = await open();
      store.steps.at(number, () => Promise.reject(new Error("stop")));
      const error = await assertRefused(store, GIVEN, "stop");
      assertEquals(error.ids, ["a", "b", "c"]);
      // What nobody knows of may be stored: so the same ids have to go.
      const { storage } = store;
      await assertAdded(store, await storage.addMessages("s", GIVEN));
    });

    it(`leaves nothing half done when the reply of script ${number} fails`, async () => {
      const store = await open();
      const { storage, other, steps } = store;
      const before = await snapshot(store);
      steps.at(number, async (send) => {
        await send();
        throw new Error("stop");
      });
      await assertRejects(() => storage.addMessages("s", GIVEN), StorageError);
      if (number < SCRIPTS.length) {
        assertEquals(await snapshot(store), before);
      }
      assertEquals(
        (await other.getMessages("s")).length,
        number < SCRIPTS.length ? 1 : 4,
      );
      await assertAdded(store, await storage.addMessages("s", GIVEN));
    });

    it(`ends at its deadline in script ${number}, and leaves nothing`, async () => {
      const store = await open();
      const { storage, steps } = await store.another({ timeoutMs: 200 });
      const before = await snapshot(store);
      let goOn = () => {};
      const over = new Promise<void>((resolve) => goOn = resolve);
      let isReached = false;
      let isSent = false;
      steps.at(number, async (send) => {
        isReached = true;
        await over;
        const reply = await send();
        isSent = true;
        return reply;
      });
      const error = await assertRejects(
        () => storage.addMessages("s", GIVEN),
        StorageError,
        "no answer from Redis",
      );
      assertEquals(error.reason, "timeout");
      assertEquals(error.ids, ["a", "b", "c"]);
      goOn();
      const isQuiet = async () => {
        const ids = (await store.other.getMessages("s")).map(({ id }) => id);
        const keys = await store.keys();
        const left = keys.filter((key) => key.startsWith("message:"));
        const { staged } = await readHash(store, "session:s");
        return isReached === isSent && staged === undefined &&
          left.length === ids.length;
      };
      assert(await until(isQuiet, 10_000));
      const isAdded = isReached && number === SCRIPTS.length;
      const ids = (await store.other.getMessages("s")).map(({ id }) => id);
      assertEquals(ids, isAdded ? ["first", "a", "b", "c"] : ["first"]);
      if (isAdded) return;
      assertEquals(await snapshot(store), before);
      // Nothing came after that script but what removes its part and those before.
      if (isReached) assertEquals(steps.keys.length, 2 * number);
    });

    it(`leaves all as it was when memory ends before script ${number}`, async () => {
      const { url } = await bed.server();
      const store = await open({ url });
      const { storage, redis, steps } = store;
      const before = await snapshot(store);
      steps.before(number, () => redis.configSet("maxmemory", "1"));
      const error = await assertRejects(
        () => storage.addMessages("s", GIVEN),
        StorageError,
        "OOM",
      );
      assertEquals(error.reason, "out-of-memory");
      await redis.configSet("maxmemory", "0");
      const { ["sessions:by-activity"]: _, ...rest } = before;
      const { ["sessions:by-activity"]: __, ...after } = await snapshot(store);
      assertEquals(after, rest);
      await assertAdded(store, await storage.addMessages("s", GIVEN));
    });
  }

  it("is dated as its place says when its only part arrives twice", async () => {
    const store = await open();
    const { storage, steps } = store;
    let sendLate: (() => Promise<unknown>) | undefined;
    steps.at(1, (send) => {
      sendLate = send;
      return Promise.reject(lost());
    });
    steps.before(3, async () => {
      const start = Date.now();
      assert(await until(() => Date.now() > start + 1, 1000));
      await sendLate!();
    });
    const added = await storage.addMessages("s", bigMessages("a", "a"));
    await assertAdded(store, added, ["first", "a"]);
  });

  it("takes the append of one of its messages for no sign of the others", async () => {
    const store = await open();
    const { storage, other, redis, prefix, steps } = store;
    // So that the other append is dated as that message would have been.
    const score = Date.now() + 1e9;
    const key = `${prefix}session:s:messages`;
    await redis.zAdd(key, { score, value: "first" });
    steps.before(4, () => other.addMessage("s", bigMessage("a")));
    const added = await storage.addMessages("s", GIVEN);
    assertEquals(added[0]!.createdAt.getTime(), score + 1);
    const messages = await other.getMessages("s");
    assertEquals(messages.slice(1), added);
  });

  it("knows that it was added beside another one that stages", async () => {
    const store = await open();
    const { storage, steps } = store;
    const second = await store.another();
    let rival: Promise<unknown> | undefined;
    let goOn = () => {};
    second.steps.before(2, () => new Promise<void>((go) => goOn = go));
    steps.at(4, async (send) => {
      await send();
      rival = new Promise<void>((resolve, reject) => {
        second.steps.at(1, async (send) => {
          const reply = await send();
          resolve();
          return reply;
        });
        second.storage.addMessages("s", bigMessages("x", "y")).catch(reject);
      });
      await rival;
      throw lost();
    });
    const added = await storage.addMessages("s", GIVEN);
    assertEquals(steps.keys.length, 5);
    goOn();
    const isThere = async () => await store.other.countMessages("s") === 6;
    assert(await until(isThere, 10_000));
    await assertAdded(store, added, ["first", "a", "b", "c", "x", "y"]);
  });

  it("removes all that it has staged, also after parts that were known", async () => {
    for (const number of [4, 5]) {
      const store = await open();
      await store.other.addMessages("s", bigMessages("k", "l"));
      store.steps.at(number, async (send) => {
        if (number < 5) await send();
        throw new Error("stop");
      });
      const given = bigMessages("k", "l", "a", "b");
      await assertRefused(store, given, "stop");
    }
  });

  it("removes what an attempt has staged that was overtaken", async () => {
    const store = await open();
    const { storage, other, steps } = store;
    let before: unknown;
    steps.before(4, async () => {
      await other.addMessage("s", newMessage("m", { id: "m" }));
      before = await snapshot(store);
    });
    steps.at(5, () => Promise.reject(new Error("stop")));
    await assertRejects(() => storage.addMessages("s", GIVEN), StorageError);
    const { ["message:a"]: _, ["message:b"]: __, ["message:c"]: ___, ...rest } =
      before as Record<string, unknown>;
    assertEquals(await snapshot(store), rest);
  });

  it("removes nothing that is in a session", async () => {
    const store = await open();
    const { storage, other, steps } = store;
    steps.at(4, async () => {
      await other.addMessage("s", bigMessage("b", "!"));
      throw new Error("stop");
    });
    await assertRejects(() => storage.addMessages("s", GIVEN), StorageError);
    const messages = await other.getMessages("s");
    assertEquals(messages.map(({ id }) => id), ["first", "b"]);
    const hashes = (await store.keys()).filter((key) => key.startsWith("mess"));
    assertEquals(hashes, ["message:b", "message:first"]);
  });
});

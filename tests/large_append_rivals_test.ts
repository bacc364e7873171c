import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import {
  assertHistory,
  bigMessages,
  openStepped,
  type SteppedStore,
} from "./support/large_appends.ts";
import { newMessage } from "./support/records.ts";
import { readHash } from "./support/snapshot.ts";
import { TestBed, type TestStoreOptions } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

/** The scripts of an append of three parts, but for the first one. */
const LATER_SCRIPTS = [2, 3, 4];

const never = () => new Promise<never>(() => {});

describe("addMessages() of many, beside the same", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(options: TestStoreOptions = {}): Promise<SteppedStore> {
    return await openStepped(bed, options);
  }

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
});

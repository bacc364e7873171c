import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { type ClusterStore, openOnCluster } from "../support/cluster_store.ts";
import { checkIndexes } from "../support/index_check.ts";
import { interceptScripts } from "../support/intercepted_client.ts";
import { bigMessages, ScriptSteps } from "../support/large_appends.ts";
import { newMessage, newSession } from "../support/records.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";
import { TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const GIVEN = bigMessages("a", "b", "c");
const NAMES = ["session:{s}", "session:{s}:messages"];

describe("addMessages() of many on a cluster", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  /** Opens an adapter of which the scripts of the session are counted. */
  async function open(options: { ttlSeconds?: number } = {}) {
    const store = await openOnCluster(bed, await sharedRedisCluster(), options);
    await store.storage.createSession(newSession({ id: "s", userId: "ada" }));
    await store.storage.addMessage("s", newMessage("Hi", { id: "first" }));
    // So that every node knows the scripts.
    await store.storage.addMessages("s", bigMessages("known", "known"));
    const steps = new ScriptSteps();
    const hints = { isOver: false };
    const stepped = store.another({
      ...options,
      client: interceptScripts(store.client, async (send, by, options) => {
        if (options?.keys?.[0] === store.prefix + NAMES[0]) {
          return await steps.intercept(send, by, options);
        }
        if (hints.isOver) throw new Error("stop");
        return await send();
      }),
    });
    return { ...store, stepped, steps, hints };
  }

  async function assertHistory(
    storage: RedisAdapter,
    ids: readonly string[],
  ): Promise<void> {
    const messages = await storage.getMessages("s");
    assertEquals(messages.map(({ id }) => id), [...ids]);
    assertEquals(
      messages.map(({ sequence }) => sequence),
      ids.map((_, i) => i + 1),
    );
  }

  async function assertDeadlines(
    { client, prefix }: ClusterStore,
    ids: readonly string[],
  ): Promise<void> {
    const session = await client.hGetAll(prefix + NAMES[0]);
    const ends = await Promise.all(
      ids.map((id) => client.pExpireTime(`${prefix}message:{s}:${id}`)),
    );
    for (const end of ends) {
      assertEquals(end, Number(session["messagesExpireAt"]));
    }
    const [own, order] = await Promise.all(
      NAMES.map((name) => client.pExpireTime(prefix + name)),
    );
    assertEquals(order, own);
    assert(ends[0]! >= own!);
  }

  it("appends all in their order, and keeps the indexes", async () => {
    const store = await open();
    const added = await store.stepped.addMessages("s", GIVEN);
    await assertHistory(store.storage, ["first", "known", "a", "b", "c"]);
    assertEquals((await store.storage.getMessages("s")).slice(2), added);
    assertEquals(await checkIndexes(store), []);
  });

  for (const number of [1, 2, 3, 4]) {
    it(`keeps the indexes when the reply of script ${number} is lost`, async () => {
      const store = await open();
      store.steps.at(number, async (send) => {
        await send();
        // So that a later moment could be told from this one.
        const start = Date.now();
        assert(await until(() => Date.now() > start + 1, 1000));
        throw new Error("Socket closed unexpectedly");
      });
      await store.stepped.addMessages("s", GIVEN);
      await assertHistory(store.storage, ["first", "known", "a", "b", "c"]);
      assertEquals(await checkIndexes(store), []);
    });
  }

  it("restores the hints that a call left out which it repeats", async () => {
    const store = await open();
    const { storage, stepped, steps, hints } = store;
    steps.at(4, async (send) => {
      const reply = await send();
      hints.isOver = true;
      return reply;
    });
    const error = await assertRejects(
      () => stepped.addMessages("s", GIVEN),
      StorageError,
      "what was given is stored all the same",
    );
    assertEquals(error.ids, ["a", "b", "c"]);
    assert((await checkIndexes(store)).length > 0);
    hints.isOver = false;
    await stepped.addMessages("s", GIVEN);
    await assertHistory(storage, ["first", "known", "a", "b", "c"]);
    assertEquals(await checkIndexes(store), []);
  });

  for (const number of [1, 2, 3, 4]) {
    it(`declares what it tells a new deadline, before script ${number}`, async () => {
      const store = await open({ ttlSeconds: 600 });
      const another = store.another({ ttlSeconds: 6000 });
      store.steps.before(number, () => another.touchSession("s"));
      await store.stepped.addMessages("s", GIVEN);
      const ids = ["first", "known", "a", "b", "c"];
      await assertHistory(store.storage, ids);
      await assertDeadlines(store, ids);
    });
  }

  it("leaves nothing when it fails", async () => {
    for (const number of [1, 2, 3, 4]) {
      const store = await open();
      const before = await store.keys();
      store.steps.at(number, async (send) => {
        if (number < 4) await send();
        throw new Error("stop");
      });
      await assertRejects(() => store.stepped.addMessages("s", GIVEN));
      assertEquals(await store.keys(), before);
      const session = await store.client.hGetAll(store.prefix + NAMES[0]);
      assertEquals(session["staged"], undefined);
    }
  });
});

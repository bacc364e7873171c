import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import {
  type ClusterStore,
  fillStore,
  openOnCluster,
} from "../support/cluster_store.ts";
import { checkIndexes, isMissed } from "../support/index_check.ts";
import { interceptScripts } from "../support/intercepted_client.ts";
import { bigMessages } from "../support/large_appends.ts";
import { newMessage, newSession } from "../support/records.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";
import { TestBed } from "../support/test_bed.ts";

/** No method sends so many scripts. */
const MOST_CALLS = 60;

const METHODS: Record<string, (storage: RedisAdapter) => Promise<unknown>> = {
  "createSession()": (storage) =>
    storage.createSession(
      newSession({ id: "new", userId: "ada", expiresAt: new Date(1000) }),
    ),
  "createSession() of an id that left a hint": (storage) =>
    storage.createSession(newSession({ id: "again", userId: "ada" })),
  "updateSession()": (storage) =>
    storage.updateSession("old", {
      userId: "eve",
      expiresAt: new Date(2000),
    }),
  "addMessage()": (storage) =>
    storage.addMessage("old", newMessage("two", { id: "m2" })),
  "addMessages() in parts": (storage) =>
    storage.addMessages("old", bigMessages("m3", "m4")),
  "touchSession()": (storage) => storage.touchSession("old"),
  "deleteSession()": (storage) => storage.deleteSession("old"),
  "deleteAllMessages()": (storage) => storage.deleteAllMessages("old"),
  "listSessions()": (storage) => storage.listSessions({ userId: "bob" }),
};

describe("a process that ends on a cluster", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(options = {}): Promise<ClusterStore> {
    return await openOnCluster(bed, await sharedRedisCluster(), options);
  }

  for (const [name, call] of Object.entries(METHODS)) {
    it(`leaves nothing wrong wherever it ends in ${name}`, async () => {
      let isComplete = false;
      for (let calls = 0; !isComplete; calls++) {
        assert(calls < MOST_CALLS);
        const store = await open({ ttlSeconds: 600 });
        const { storage } = store;
        await fillStore(storage);
        const hint = { value: "again", score: 1 };
        await store.client.zAdd(`${store.prefix}sessions:by-created`, hint);
        let left = calls;
        const crashing = store.another({
          // So that each write starts a later deadline for all messages.
          ttlSeconds: 6000,
          client: interceptScripts(store.client, async (send) => {
            if (left-- <= 0) throw new Error("the process has ended");
            return await send();
          }),
        });
        isComplete = await call(crashing).then(() => true, () => false);
        // Before lists correct what they find in the wrong place.
        assertEquals((await checkIndexes(store)).filter(isMissed), []);
        // All that is not an index is one thing or the other.
        const sessions = ["other", "old", "new", "again"];
        const reads = await Promise.all(
          sessions.map((id) => storage.getSession(id)),
        );
        const stored = reads.flatMap((session) => session ?? []);
        assert(reads[0] !== null);
        const history = (await storage.getMessages("old")).map(({ id }) => id);
        assert(
          ["", "m1", "m1,m2", "m1,m3,m4"].includes(history.join()),
          String(history),
        );
        if (reads[1] === null) assertEquals(history, []);
        const listed = await storage.listSessions();
        for (const session of listed) {
          assertEquals(
            stored.find(({ id }) => id === session.id)?.userId,
            session.userId,
          );
        }
        assertEquals((await checkIndexes(store)).filter(isMissed), []);
        for (const { id, userId } of stored) {
          const [left, listedFor] = await Promise.all([
            store.client.pTTL(`${store.prefix}session:{${id}}`),
            store.client.pTTL(`${store.prefix}user:${userId}:sessions`),
          ]);
          assert(listedFor >= left, `${id}: ${left} ms, ${listedFor} ms`);
        }
        assertEquals((await storage.reindex()).isComplete, true);
        await storage.listSessions({ userId: "bob" });
        await storage.getExpiredSessions(new Date());
        await storage.listSessions({ sortBy: "lastActivityAt" });
        const wrong = await checkIndexes(store);
        assertEquals(wrong.filter(({ wanted }) => wanted !== undefined), []);
        assertEquals(
          (await storage.listSessions()).map(({ id }) => id).sort(),
          stored.map(({ id }) => id).sort(),
        );
      }
    });
  }
});

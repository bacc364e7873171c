import { assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { openOnCluster } from "../support/cluster_store.ts";
import { interceptScripts } from "../support/intercepted_client.ts";
import { newMessage, newSession } from "../support/records.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";
import { TestBed } from "../support/test_bed.ts";
import { TripCounter } from "../support/trip_counter.ts";

/** Keys lie on other nodes in each run, so that this is plenty. */
const RUNS = 100;

/** The round trips of each method, as docs/operations.md has them. */
const TRIPS: [string, number, (storage: RedisAdapter) => Promise<unknown>][] = [
  [
    "createSession()",
    3,
    (storage) =>
      storage.createSession(newSession({ id: "new", userId: "ada" })),
  ],
  [
    "createSession() of an id that was left in the lists",
    7,
    (storage) => storage.createSession(newSession({ id: "left" })),
  ],
  [
    "getExpiredSessions()",
    2,
    (storage) => storage.getExpiredSessions(new Date()),
  ],
  ["getSession()", 1, (storage) => storage.getSession("s")],
  [
    "updateSession()",
    2,
    (storage) => storage.updateSession("s", { tokenCount: 1 }),
  ],
  [
    "updateSession() of userId or expiresAt",
    3,
    (storage) =>
      storage.updateSession("s", { userId: "bob", expiresAt: new Date() }),
  ],
  ["touchSession()", 2, (storage) => storage.touchSession("s")],
  ["addMessage()", 2, (storage) => storage.addMessage("s", newMessage())],
  [
    "addMessages()",
    2,
    (storage) => storage.addMessages("s", [newMessage(), newMessage()]),
  ],
  ["getMessages()", 1, (storage) => storage.getMessages("s")],
  [
    "getMessages() with a filter",
    1,
    (storage) => storage.getMessages("s", { roles: ["user"] }),
  ],
  ["getMessage()", 1, (storage) => storage.getMessage("s", "m1")],
  ["countMessages()", 1, (storage) => storage.countMessages("s")],
  [
    "updateMessage()",
    1,
    (storage) => storage.updateMessage("s", "m1", { tokenCount: 1 }),
  ],
  ["deleteMessage()", 1, (storage) => storage.deleteMessage("s", "m1")],
  [
    "listSessions() of a page",
    2,
    (storage) => storage.listSessions({ limit: 10 }),
  ],
  ["deleteAllMessages()", 2, (storage) => storage.deleteAllMessages("s")],
  [
    "deleteSession() without messages",
    3,
    (storage) => storage.deleteSession("s"),
  ],
  [
    "deleteSession() with messages",
    4,
    (storage) => storage.deleteSession("other"),
  ],
];

describe("round trips on a cluster", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("are as many as documented", async () => {
    const cluster = await sharedRedisCluster();
    const { client, another } = await openOnCluster(bed, cluster);
    const run = async () => {
      const counter = new TripCounter();
      // Whether a node had to be told a script's text.
      let isFirst = false;
      const counted = interceptScripts(client, (send, by) => {
        isFirst ||= by === "eval";
        return counter.during(send);
      });
      const keyPrefix = bed.prefix();
      const storage = another({
        client: counted,
        keyPrefix,
        ttlSeconds: 600,
      });
      for (const id of ["s", "other"]) {
        await storage.createSession(
          newSession({ id, userId: "ada", expiresAt: new Date(1000) }),
        );
        await storage.addMessage(id, newMessage("one", { id: "m1" }));
      }
      const left = { value: "left", score: 1 };
      await client.zAdd(`${keyPrefix}sessions:by-created`, left);
      const counts: [string, number][] = [];
      for (const [name, , call] of TRIPS) {
        counter.take();
        await call(storage);
        counts.push([name, counter.take()]);
      }
      return isFirst ? undefined : counts;
    };
    // All nodes have to know the scripts before the calls are counted.
    let counts: [string, number][] | undefined;
    for (let i = 0; counts === undefined && i < RUNS; i++) counts = await run();
    assertEquals(counts, TRIPS.map(([name, trips]) => [name, trips]));
  });
});

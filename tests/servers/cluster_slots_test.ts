import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import {
  type ClusterStore,
  countErrors,
  openOnCluster,
} from "../support/cluster_store.ts";
import { newMessage, newSession } from "../support/records.ts";
import type { RedisCluster } from "../support/redis_cluster.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";
import { TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const PATIENCE_MS = 20_000;
const IDS = ["m1", "m2", "m3"];

/** Which keys of a session are on the new primary, and which on the old one. */
const SPLITS: Record<string, (id: string) => string[]> = {
  "its hash": (id) => [`session:{${id}}`],
  "its order": (id) => [`session:{${id}}:messages`],
  "a message": (id) => [`message:{${id}}:m2`],
  "all but a message": (
    id,
  ) => [
    `session:{${id}}`,
    `session:{${id}}:messages`,
    `message:{${id}}:m2`,
    `message:{${id}}:m3`,
  ],
  "all its messages": (id) => IDS.map((each) => `message:{${id}}:${each}`),
};

/** Opens the slot of a session, and moves some of its keys to another primary. */
async function split(
  cluster: RedisCluster,
  { prefix }: ClusterStore,
  id: string,
  names: readonly string[],
) {
  const slot = await cluster.slotOf(`${prefix}session:{${id}}`);
  const from = await cluster.primaryOfSlot(slot);
  const to = (await cluster.primaries()).find(({ port }) =>
    port !== from.port
  )!;
  const migration = await cluster.beginMigration(slot, to);
  await migration.migrateKeys(names.map((name) => prefix + name));
  return migration;
}

/** Makes a session of three messages. */
async function fill(storage: RedisAdapter): Promise<string> {
  const { id } = await storage.createSession(newSession({ userId: "ada" }));
  await storage.addMessages(
    id,
    IDS.map((each) => newMessage(each, { id: each })),
  );
  return id;
}

describe("a cluster", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("has sessions on all primaries, each with its keys in one slot", async () => {
    const cluster = await sharedRedisCluster();
    const { storage, keys, prefix } = await openOnCluster(bed, cluster);
    const ids = await Promise.all(
      Array.from({ length: 60 }, () => fill(storage)),
    );
    const slots = new Map<string, Set<number>>();
    for (const name of await keys()) {
      const id = /\{(.*?)\}/.exec(name)?.[1];
      if (id === undefined) continue;
      const of = slots.get(id) ?? new Set();
      slots.set(id, of.add(await cluster.slotOf(prefix + name)));
    }
    assertEquals([...slots.keys()].sort(), [...ids].sort());
    assert([...slots.values()].every(({ size }) => size === 1));
    const holders = new Set<number>();
    for (const [slot] of [...slots.values()].map((each) => [...each])) {
      holders.add((await cluster.primaryOfSlot(slot!)).port);
    }
    assertEquals(holders.size, 3);
    assertEquals(
      (await storage.listSessions()).map(({ id }) => id),
      ids.sort(),
    );
  });

  for (const [what, namesOf] of Object.entries(SPLITS)) {
    it(`waits while a slot moves, and ${what} of a session has moved`, async () => {
      const cluster = await sharedRedisCluster();
      const store = await openOnCluster(bed, cluster, {
        ttlSeconds: 600,
        timeoutMs: PATIENCE_MS,
      });
      const { storage } = store;
      const reader = store.another({
        ttlSeconds: 60,
        refreshTtlOnRead: true,
        timeoutMs: PATIENCE_MS,
      });
      const id = await fill(storage);
      const migration = await split(cluster, store, id, namesOf(id));
      const before = await countErrors(cluster, "TRYAGAIN");
      const reads = Promise.all([
        storage.getSession(id),
        reader.getSession(id),
        storage.listSessions({ userId: "ada" }).then(([first]) => first),
      ]);
      const histories = Promise.all([
        storage.getMessages(id),
        storage.getMessages(id, { order: "desc" }).then((all) => all.reverse()),
        storage.getMessages(id, { roles: ["user"] }),
        reader.getMessages(id),
      ]);
      const writes = Promise.all([
        storage.addMessage(id, newMessage("m4", { id: "m4" })),
        reader.addMessage(id, newMessage("m4", { id: "m4" })),
        storage.updateMessage(id, "m2", { tokenCount: 7 }),
        storage.updateSession(id, { activeAgentId: "a" }),
        storage.touchSession(id),
        storage.countMessages(id),
        storage.getMessage(id, "m1"),
      ]);
      const asked = async () => await countErrors(cluster, "TRYAGAIN") > before;
      assert(await until(asked, PATIENCE_MS));
      await migration.end();
      for (const session of await reads) assertEquals(session?.id, id);
      for (const messages of await histories) {
        const ids = messages.map((message) => message.id);
        assertEquals(ids.slice(0, 3), IDS);
        assert(ids.length < 5, String(ids));
      }
      const [added, same, updated, , touched, count, first] = await writes;
      assertEquals(added, same);
      assertEquals([updated.tokenCount, touched, first?.content], [
        7,
        true,
        "m1",
      ]);
      assert(count === 3 || count === 4);
      assertEquals(
        (await storage.getMessages(id)).map((
          { id, sequence },
        ) => [id, sequence]),
        [["m1", 1], ["m2", 2], ["m3", 3], ["m4", 4]],
      );
    });

    it(`deletes while a slot moves, and ${what} of a session has moved`, async () => {
      const cluster = await sharedRedisCluster();
      const store = await openOnCluster(bed, cluster, {
        timeoutMs: PATIENCE_MS,
      });
      const { storage } = store;
      const id = await fill(storage);
      const migration = await split(cluster, store, id, namesOf(id));
      const before = await countErrors(cluster, "TRYAGAIN");
      const deleted = storage.deleteSession(id);
      const asked = async () => await countErrors(cluster, "TRYAGAIN") > before;
      assert(await until(asked, PATIENCE_MS));
      await migration.end();
      await deleted;
      assertEquals(await store.keys(), []);
    });
  }

  it("loses nothing while slots are resharded under load", async () => {
    const cluster = await sharedRedisCluster();
    const { storage } = await openOnCluster(bed, cluster, {
      ttlSeconds: 600,
      timeoutMs: PATIENCE_MS,
    });
    const ids = await Promise.all(
      Array.from({ length: 40 }, () => fill(storage)),
    );
    const [from, to] = await cluster.primaries();
    let isMoving = true;
    let appended = 0;
    const load = Promise.all(ids.map(async (id) => {
      const added: string[] = [];
      while (isMoving || added.length < 5) {
        const text = `${id} ${added.length}`;
        added.push((await storage.addMessage(id, newMessage(text))).id);
        const messages = await storage.getMessages(id);
        assertEquals(messages.map((each) => each.id), [...IDS, ...added]);
        appended++;
      }
      await storage.updateSession(id, { tokenCount: added.length });
    }));
    const moved = cluster.reshard(from!, to!, 300)
      .finally(() => isMoving = false);
    await Promise.all([load, moved]);
    assert(appended >= 200);
    const sessions = await storage.listSessions({ userId: "ada" });
    assertEquals(sessions.map(({ id }) => id).sort(), ids.sort());
  });
});

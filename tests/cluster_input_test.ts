import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { createCluster } from "redis";
import {
  RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { connectCluster, openOnCluster } from "./support/cluster_store.ts";
import { onCluster } from "./support/places.ts";
import { newMessage, newSession } from "./support/records.ts";
import { startRedisCluster } from "./support/redis_cluster.ts";
import { sharedRedisCluster } from "./support/shared_cluster.ts";
import { TestBed } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

const PATIENCE_MS = 20_000;

describe("RedisAdapter on a cluster client", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("refuses options that would part a session's keys", async () => {
    const client = await connectCluster(bed, await sharedRedisCluster());
    for (
      const [name, options] of [
        ["hashTags", { hashTags: false }],
        ["keyPrefix", { keyPrefix: "{app}:" }],
        ["keyPrefix", { keyPrefix: "a{b" }],
      ] as const
    ) {
      const error = assertThrows(
        () => new RedisAdapter({ client, ...options }),
        TypeError,
      );
      assert(error.message.includes(`"${name}"`), error.message);
    }
  });

  it("refuses ids that would end the hash tag, and writes nothing", async () => {
    const { storage, keys } = await openOnCluster(
      bed,
      await sharedRedisCluster(),
    );
    for (const id of ["a}b", "}", "{a}", ""]) {
      for (
        const call of [
          () => storage.createSession(newSession({ id })),
          () => storage.getSession(id),
          () => storage.addMessage(id, newMessage()),
          () => storage.deleteSession(id),
        ]
      ) {
        const error = await assertRejects(call, StorageError);
        assertEquals(error.reason, "invalid-argument");
      }
    }
    assertEquals(await keys(), []);
  });

  for (const keyPrefix of ["", "a}b:", "}"]) {
    it(`keeps odd ids in their slot, keyPrefix ${JSON.stringify(keyPrefix)}`, async () => {
      const cluster = await sharedRedisCluster();
      const prefix = keyPrefix + bed.prefix();
      const { storage, keys } = await openOnCluster(bed, cluster, {
        keyPrefix: prefix,
        hashTags: true,
      });
      const ids = ["{", "a{b", "{{", "é\0*", "a:messages", "b:seq", "{a"];
      for (const id of ids) {
        await storage.createSession(newSession({ id, userId: `{${id}}` }));
        await storage.addMessages(id, [
          newMessage("one", { id: "{x}" }),
          newMessage("two", { id: "}y{" }),
        ]);
        const slots = new Set<number>();
        for (const name of await keys()) {
          if (!name.includes(`{${id}}`) || name.startsWith("user:")) continue;
          slots.add(await cluster.slotOf(prefix + name));
        }
        assertEquals(slots.size, 1, id);
        const history = await storage.getMessages(id);
        assertEquals(history.map(({ content }) => content), ["one", "two"]);
        const listed = await storage.listSessions({ userId: `{${id}}` });
        assertEquals(listed.map((session) => session.id), [id]);
        assertEquals(
          (await storage.getMessages(id, { order: "desc", limit: 1 }))[0]?.id,
          "}y{",
        );
      }
      for (const id of ids) await storage.deleteSession(id);
      assertEquals(await keys(), []);
    });
  }

  it("cleans up after ids that begin with a BOM", async () => {
    const store = await onCluster(bed, { ttlSeconds: 60 });
    for (const [id, userId] of [["\ufeffs", "u"], ["t", "\ufeffu"]] as const) {
      await store.storage.createSession(newSession({ id, userId }));
    }
    await store.pass(10 * 60_000);
    assertEquals(await store.storage.listSessions(), []);
    assertEquals(await store.keys(), []);
  });

  it("reads what was written, where the client reads from replicas", async () => {
    const cluster = await sharedRedisCluster();
    const client = createCluster({
      rootNodes: cluster.rootNodes,
      useReplicas: true,
    });
    client.on("error", () => {});
    await client.connect();
    bed.defer(() => client.destroy());
    const storage = new RedisAdapter({ client, keyPrefix: bed.prefix() });
    const { id } = await storage.createSession(newSession());
    for (let i = 0; i < 100; i++) {
      await storage.addMessage(id, newMessage(`${i}`));
      assertEquals((await storage.getMessages(id)).length, i + 1);
      await storage.updateSession(id, { tokenCount: i });
      assertEquals((await storage.getSession(id))?.tokenCount, i);
    }
  });

  it("health() is degraded while a primary is frozen, unhealthy when closed", async () => {
    const cluster = await startRedisCluster();
    bed.defer(() => cluster[Symbol.asyncDispose]());
    const client = await connectCluster(bed, cluster);
    const storage = new RedisAdapter({ client, timeoutMs: 300 });
    const health = await storage.health();
    assertEquals(health.status, "healthy");
    assert(typeof health.latency === "number");
    const [frozen] = await cluster.primaries();
    await frozen!.kill("SIGSTOP");
    const ill = await storage.health();
    assertEquals(ill.status, "degraded");
    assert(String(ill.details?.["error"]).includes(`${frozen!.port}`));
    await frozen!.kill("SIGCONT");
    const isWell = async () => (await storage.health()).status === "healthy";
    assert(await until(isWell, PATIENCE_MS));
    for (const node of cluster.nodes) await node.kill("SIGSTOP");
    assertEquals((await storage.health()).status, "unhealthy");
    for (const node of cluster.nodes) await node.kill("SIGCONT");
    assert(await until(isWell, PATIENCE_MS));
    await storage.close();
    assertEquals((await storage.health()).status, "unhealthy");
    await storage.close();
    assertEquals(client.isOpen, false);
  });
});

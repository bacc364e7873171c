import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { createCluster } from "redis";
import { isAlive } from "../support/is_alive.ts";
import { answersPing } from "../support/ports.ts";
import { ask } from "../support/redis_cli.ts";
import {
  type RedisCluster,
  startRedisCluster,
} from "../support/redis_cluster.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";

async function connect(cluster: RedisCluster) {
  const client = createCluster({ rootNodes: cluster.rootNodes });
  client.on("error", () => {});
  await client.connect();
  return client;
}

describe("sharedRedisCluster()", () => {
  let cluster: RedisCluster;
  let client: Awaited<ReturnType<typeof connect>>;

  beforeAll(async () => {
    cluster = await sharedRedisCluster();
    client = await connect(cluster);
  });
  afterAll(() => client.destroy());

  it("returns the same cluster every time", async () => {
    assertEquals((await sharedRedisCluster()).rootNodes, cluster.rootNodes);
  });

  it("has three primaries with a replica each", async () => {
    const primaries = await cluster.primaries();
    const replicas = await Promise.all(
      primaries.map((primary) => cluster.replicaOf(primary)),
    );
    assertEquals(primaries.length, 3);
    assertEquals(new Set([...primaries, ...replicas]).size, 6);
  });

  it("keeps each key at the primary of its slot", async () => {
    for (const key of ["a", "b", "c", "d"]) {
      await client.set(key, `value of ${key}`);
      assertEquals(await client.get(key), `value of ${key}`);
      const [value] = await ask(await cluster.primaryOf(key), ["GET", key]);
      assertEquals(value, `value of ${key}`);
    }
  });

  it("moves one slot step by step", async () => {
    const [moved, left] = ["{step}:moved", "{step}:left"] as const;
    await client.set(moved, "1");
    await client.set(left, "2");
    const from = await cluster.primaryOf(moved);
    const to = (await cluster.primaries()).find((node) => node !== from)!;
    const migration = await cluster.beginMigration(
      await cluster.slotOf(moved),
      to,
    );
    await migration.migrateKeys([moved]);

    await assertRejects(() => ask(from, ["GET", moved]), Error, "ASK");
    await assertRejects(() => ask(to, ["GET", left]), Error, "MOVED");
    assertEquals(await client.get(moved), "1");
    assertEquals(await client.get(left), "2");
    assertEquals(await cluster.primaryOf(moved), from);
    await assertRejects(
      () => migration.migrateKeys([moved]),
      Error,
      "NOKEY",
    );

    await migration.end();
    assertEquals(await cluster.primaryOf(moved), to);
    assertEquals(await ask(to, ["MGET", moved, left]), [["1", "2"]]);
    assertEquals(await client.get(left), "2");
  });

  it("moves many slots at once", async () => {
    const [from, to] = await cluster.primaries();
    const before = await countSlots(cluster);
    await cluster.reshard(from!, to!, 100);
    const after = await countSlots(cluster);
    assertEquals(after.get(from!.port), before.get(from!.port)! - 100);
    assertEquals(after.get(to!.port), before.get(to!.port)! + 100);
  });
});

describe("startRedisCluster()", () => {
  it("lets replicas take over from primaries that are gone, and stops all", async () => {
    const cluster = await startRedisCluster();
    const { nodes } = cluster;
    const pids = nodes.map(({ pid }) => pid);
    try {
      const killed = await cluster.primaryOf("key");
      const replica = await cluster.replicaOf(killed);
      await killed.kill("SIGKILL");
      await cluster.waitUntilHealthy();
      assertEquals(await cluster.primaryOf("key"), replica);

      await killed.restart();
      await cluster.waitUntilHealthy();
      assertEquals(await cluster.replicaOf(replica), killed);
      const client = await connect(cluster);
      await client.set("key", "value");
      assertEquals(await client.get("key"), "value");
      client.destroy();
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
    for (const pid of [...pids, ...nodes.map(({ pid }) => pid)]) {
      assert(!isAlive(pid));
    }
    for (const { port } of nodes) assert(!await answersPing(port));
  });

  it("rejects with a log when the nodes do not start", async () => {
    await assertRejects(
      () => startRedisCluster({ args: ["--no-such-option", "yes"] }),
      Error,
      "no-such-option",
    );
  });
});

/** Counts the slots of each primary, by its port. */
async function countSlots(
  cluster: RedisCluster,
): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  const [ranges] = await ask(cluster.nodes[0]!, ["CLUSTER", "SLOTS"]);
  for (
    const [first, last, [, port]] of ranges as [
      number,
      number,
      [string, number],
    ][]
  ) {
    counts.set(port, (counts.get(port) ?? 0) + last - first + 1);
  }
  return counts;
}

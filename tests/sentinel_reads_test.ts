import { assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { createSentinel } from "redis";
import { createSentinel as createSentinel5 } from "redis5";
import type { RedisClient } from "@reaatech/session-continuity-storage-redis";
import { countCommands } from "./support/command_stats.ts";
import { newMessage, newSession } from "./support/records.ts";
import { sharedRedisSentinel } from "./support/shared_sentinel.ts";
import { TestBed } from "./support/test_bed.ts";

const READS = ["hgetall", "sort_ro", "evalsha", "eval"];

describe("RedisAdapter on a sentinel that reads from replicas", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("reads from the primary all the same", async () => {
    const client = createSentinel(await replicaOptions());
    client.on("error", () => {});
    await client.connect();
    bed.defer(() => client.destroy());
    assertEquals(client.getReplicaNodes().size, 2);
    await assertReadsFromPrimary(client);
  });

  it("reads from the primary all the same with node-redis 5", async () => {
    const client = createSentinel5(await replicaOptions());
    client.on("error", () => {});
    await client.connect();
    bed.defer(() => client.destroy());
    assertEquals(client.getReplicaNodes().size, 2);
    await assertReadsFromPrimary(client);
  });

  async function assertReadsFromPrimary(client: RedisClient): Promise<void> {
    const deployment = await sharedRedisSentinel();
    const primary = await deployment.primary();
    const { storage } = await bed.open({ client, url: primary.url });
    const id = "s1";
    const read = async () => {
      const session = await storage.createSession(newSession({ id }));
      assertEquals(await storage.getSession(id), session);
      assertEquals(await storage.listSessions(), [session]);
      const message = await storage.addMessage(id, newMessage());
      assertEquals(await storage.getMessages(id), [message]);
      assertEquals(await storage.getMessages(id, { limit: 1 }), [message]);
      assertEquals(await storage.getMessage(id, message.id), message);
      assertEquals(await storage.countMessages(id), 1);
      assertEquals((await storage.health()).status, "healthy");
      await storage.deleteSession(id);
    };
    for (const server of deployment.servers) {
      if (server === primary) continue;
      const counts = await countCommands(await bed.client(server.url), read);
      const reads = READS.filter((command) => counts[command] !== undefined);
      assertEquals(reads, [], server.url);
    }
  }
});

async function replicaOptions() {
  const { masterName, sentinelRootNodes } = await sharedRedisSentinel();
  return { name: masterName, sentinelRootNodes, replicaPoolSize: 1 };
}

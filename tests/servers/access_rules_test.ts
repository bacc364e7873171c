import { assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { createCluster, createSentinel } from "redis";
import {
  RedisAdapter,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import {
  readAccessLines,
  refusals,
  setRules,
  USER,
  withPrefix,
} from "../support/access_lines.ts";
import { connectCluster } from "../support/cluster_store.ts";
import { callEverything } from "../support/every_method.ts";
import { newSession } from "../support/records.ts";
import { startRedisCluster } from "../support/redis_cluster.ts";
import { startRedisSentinel } from "../support/redis_sentinel.ts";
import { namesOf, TestBed } from "../support/test_bed.ts";

const { server, cluster, sentinel } = await readAccessLines();

describe("the access rules of docs/operations.md, of several servers", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("suffice on a cluster", async () => {
    const own = await startRedisCluster();
    bed.defer(() => own[Symbol.asyncDispose]());
    const admin = await connectCluster(bed, own);
    const primaries = await own.primaries();
    const prefix = bed.prefix();
    const connect = async () => {
      const client = createCluster({
        rootNodes: own.rootNodes,
        defaults: { ...USER },
      });
      client.on("error", () => {});
      await client.connect();
      bed.defer(() => client.isOpen && client.destroy());
      return client;
    };
    const run = async (rules: readonly string[]) => {
      await setRules(own.nodes, withPrefix(rules, prefix));
      const client = await connect();
      const outcomes = await callEverything({
        ...{ client: client as RedisClient, redis: admin, prefix },
        hashTags: true,
        keys: async () => {
          const nodes = await Promise.all(
            primaries.map(({ url }) => bed.client(url)),
          );
          const names = nodes.map((node) => namesOf(node, prefix));
          return (await Promise.all(names)).flat().sort();
        },
      });
      client.destroy();
      return outcomes;
    };
    const free = await run(["~*", "+@all"]);
    assertEquals(await run([...server, ...cluster]), free);
    assertEquals(await refusals(own.nodes), 0);
  });

  it("suffice with sentinels, which refuse nothing", async () => {
    const own = await startRedisSentinel();
    bed.defer(() => own[Symbol.asyncDispose]());
    await setRules(own.servers, server);
    const use = async (rules: readonly string[]) => {
      await setRules(own.sentinels, rules);
      const client = createSentinel({
        name: own.masterName,
        sentinelRootNodes: own.sentinelRootNodes,
        nodeClientOptions: { ...USER },
        sentinelClientOptions: { ...USER },
      });
      client.on("error", () => {});
      await client.connect();
      const storage = new RedisAdapter({ client, closeClient: false });
      const { id } = await storage.createSession(newSession());
      assertEquals((await storage.getSession(id))?.id, id);
      client.destroy();
      return await refusals(own.sentinels);
    };
    assertEquals(await use(sentinel), 0);
  });
});

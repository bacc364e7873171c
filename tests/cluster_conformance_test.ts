import { createCluster } from "redis";
import { createCluster as createCluster4 } from "redis4";
import { createCluster as createCluster5 } from "redis5";
import { describeRedisAdapter } from "./support/redis_conformance.ts";
import { sharedRedisCluster } from "./support/shared_cluster.ts";

const capabilities = { messageIdsUniqueAcrossSessions: false };

describeRedisAdapter("RedisAdapter on a cluster", {
  capabilities,
  connect: async () => {
    const { rootNodes, primaries } = await startedCluster();
    const client = createCluster({ rootNodes });
    client.on("error", () => {});
    await client.connect();
    return { client, servers: primaries, end: () => client.destroy() };
  },
});

describeRedisAdapter("RedisAdapter on a cluster of node-redis 5", {
  capabilities,
  connect: async () => {
    const { rootNodes, primaries } = await startedCluster();
    const client = createCluster5({ rootNodes });
    client.on("error", () => {});
    await client.connect();
    return { client, servers: primaries, end: () => client.destroy() };
  },
});

describeRedisAdapter("RedisAdapter on a cluster of node-redis 4", {
  capabilities,
  connect: async () => {
    const { rootNodes, primaries } = await startedCluster();
    const client = createCluster4({ rootNodes });
    client.on("error", () => {});
    await client.connect();
    return { client, servers: primaries, end: () => client.disconnect() };
  },
});

async function startedCluster() {
  const cluster = await sharedRedisCluster();
  const primaries = await cluster.primaries();
  return {
    rootNodes: cluster.rootNodes,
    primaries: primaries.map(({ url }) => url),
  };
}

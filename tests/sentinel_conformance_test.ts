import { createSentinel } from "redis";
import { createSentinel as createSentinel5 } from "redis5";
import { describeRedisAdapter } from "./support/redis_conformance.ts";
import { sharedRedisSentinel } from "./support/shared_sentinel.ts";

describeRedisAdapter("RedisAdapter on a sentinel", {
  connect: async () => {
    const { options, primary } = await startedSentinel();
    const client = createSentinel(options);
    client.on("error", () => {});
    await client.connect();
    return { client, servers: [primary], end: () => client.destroy() };
  },
});

describeRedisAdapter("RedisAdapter on a sentinel that reads from replicas", {
  connect: async () => {
    const { options, primary } = await startedSentinel();
    const client = createSentinel({ ...options, replicaPoolSize: 1 });
    client.on("error", () => {});
    await client.connect();
    return { client, servers: [primary], end: () => client.destroy() };
  },
});

describeRedisAdapter("RedisAdapter on a sentinel of node-redis 5", {
  connect: async () => {
    const { options, primary } = await startedSentinel();
    const client = createSentinel5(options);
    client.on("error", () => {});
    await client.connect();
    return { client, servers: [primary], end: () => client.destroy() };
  },
});

async function startedSentinel() {
  const sentinel = await sharedRedisSentinel();
  const { masterName: name, sentinelRootNodes } = sentinel;
  const { url } = await sentinel.primary();
  return { options: { name, sentinelRootNodes }, primary: url };
}

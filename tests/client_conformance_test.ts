import { Buffer } from "node:buffer";
import { createClient, createClientPool, RESP_TYPES } from "redis";
import { createClient as createClient4 } from "redis4";
import {
  createClient as createClient5,
  createClientPool as createClientPool5,
} from "redis5";
import { describeRedisAdapter } from "./support/redis_conformance.ts";

describeRedisAdapter("RedisAdapter on node-redis 5", {
  connect: async (url) => {
    const client = createClient5({ url });
    client.on("error", () => {});
    await client.connect();
    return { client, end: () => client.destroy() };
  },
});

describeRedisAdapter("RedisAdapter on node-redis 4", {
  connect: async (url) => {
    const client = createClient4({ url });
    client.on("error", () => {});
    await client.connect();
    return { client, end: () => client.disconnect() };
  },
});

describeRedisAdapter("RedisAdapter over RESP 2", {
  connect: async (url) => {
    const client = createClient({ url, RESP: 2 });
    client.on("error", () => {});
    await client.connect();
    return { client, end: () => client.destroy() };
  },
});

describeRedisAdapter("RedisAdapter on a client that returns Buffers", {
  connect: async (url) => {
    const client = createClient({
      url,
      commandOptions: {
        typeMapping: {
          [RESP_TYPES.BLOB_STRING]: Buffer,
          [RESP_TYPES.MAP]: Map,
          [RESP_TYPES.NUMBER]: String,
        },
      },
    });
    client.on("error", () => {});
    await client.connect();
    return { client, end: () => client.destroy() };
  },
});

describeRedisAdapter("RedisAdapter on a client with a type mapping", {
  connect: async (url) => {
    const client = createClient5({ url, RESP: 3 });
    client.on("error", () => {});
    await client.connect();
    return {
      client: client.withTypeMapping({
        [RESP_TYPES.BLOB_STRING]: Buffer,
        [RESP_TYPES.MAP]: Array,
      }),
      end: () => client.destroy(),
    };
  },
});

describeRedisAdapter("RedisAdapter on a pool", {
  connect: async (url) => {
    const pool = createClientPool({ url }, { minimum: 2, maximum: 5 });
    pool.on("error", () => {});
    await pool.connect();
    return { client: pool, end: () => pool.destroy() };
  },
});

describeRedisAdapter("RedisAdapter on a pool of node-redis 5", {
  connect: async (url) => {
    const pool = createClientPool5({ url }, { minimum: 2, maximum: 5 });
    pool.on("error", () => {});
    await pool.connect();
    return { client: pool, end: () => pool.destroy() };
  },
});

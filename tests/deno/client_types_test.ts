// Proven by the type check that comes before the test: whatever node-redis
// makes is a client, and what only looks like one is none.

import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import {
  RedisAdapter,
  type RedisAdapterConfig,
} from "@reaatech/session-continuity-storage-redis";
import * as redis4 from "redis4";
import * as redis5 from "redis5";
import * as redis6 from "redis";
import type {
  RedisClientExtras,
  RedisSentinelExtras,
} from "../../src/redis_client.ts";

type Client = RedisAdapterConfig["client"];

/** What closes a client. */
type Ends = Pick<
  RedisClientExtras,
  "withTypeMapping" | "close" | "destroy" | "quit" | "disconnect"
>;

/** Takes what the option `client` takes. */
function accept(_client: Client): number {
  return 1;
}

const buffers6 = { [redis6.RESP_TYPES.BLOB_STRING]: Buffer } as const;
const buffers5 = { [redis5.RESP_TYPES.BLOB_STRING]: Buffer } as const;

const script = redis6.defineScript({
  SCRIPT: "return 1",
  NUMBER_OF_KEYS: 0,
  parseCommand() {},
  transformReply: undefined as unknown as () => number,
});

/** Never called: nothing here connects. */
function accepted(): number[] {
  const rootNodes = [{ url: "redis://localhost:7000" }];
  const sentinel = {
    name: "primary",
    sentinelRootNodes: [{ host: "localhost", port: 26379 }],
  };
  return [
    accept(redis6.createClient()),
    accept(redis6.createClient({ RESP: 2 })),
    accept(redis6.createClient({ RESP: 3 })),
    accept(redis6.createClient({ modules: {}, scripts: { script } })),
    accept(
      redis6.createClient({ commandOptions: { typeMapping: buffers6 } }),
    ),
    accept(redis6.createClient().withTypeMapping(buffers6)),
    accept(redis6.createClient().withCommandOptions({ timeout: 1000 })),
    accept(redis6.createClientPool()),
    accept(redis6.createClientPool({ RESP: 3 }, { maximum: 2 })),
    accept(redis6.createClientPool().withTypeMapping(buffers6)),
    accept(redis6.createCluster({ rootNodes })),
    accept(redis6.createCluster({ rootNodes, RESP: 3 })),
    accept(redis6.createCluster({ rootNodes }).withTypeMapping(buffers6)),
    accept(redis6.createSentinel(sentinel)),
    accept(redis6.createSentinel(sentinel).withTypeMapping(buffers6)),
    accept(redis6.createSentinel({ ...sentinel, RESP: 2 })),
    accept(redis6.createSentinel({ ...sentinel, replicaPoolSize: 1 })),
    accept(redis6.createSentinel({ ...sentinel, reserveClient: true })),
    accept(redis5.createClient()),
    accept(redis5.createClient({ RESP: 3 })),
    accept(redis5.createClient({ modules: {}, scripts: {} })),
    accept(redis5.createClient().withTypeMapping(buffers5)),
    accept(redis5.createClientPool()),
    accept(redis5.createClientPool().withTypeMapping(buffers5)),
    accept(redis5.createCluster({ rootNodes })),
    accept(redis5.createCluster({ rootNodes, RESP: 3 })),
    accept(redis5.createCluster({ rootNodes }).withTypeMapping(buffers5)),
    accept(redis5.createSentinel(sentinel)),
    accept(redis5.createSentinel({ ...sentinel, RESP: 3 })),
    accept(redis5.createSentinel(sentinel).withTypeMapping(buffers5)),
    accept(redis4.createClient()),
    accept(redis4.createClient({ modules: {} })),
    accept(redis4.createCluster({ rootNodes })),
    accept(redis4.createCluster({ rootNodes, useReplicas: true })),
  ];
}

/** Never called: what is looked for on a client is called as each of them has it. */
function ended(): number {
  const rootNodes = [{ url: "redis://localhost:7000" }];
  const sentinel = {
    name: "primary",
    sentinelRootNodes: [{ host: "localhost", port: 26379 }],
  };
  const ends: Ends[] = [
    redis6.createClient(),
    redis6.createClientPool(),
    redis6.createCluster({ rootNodes }),
    redis6.createSentinel(sentinel),
    redis6.createSentinel(sentinel).withTypeMapping(buffers6),
    redis5.createClient(),
    redis5.createClientPool(),
    redis5.createCluster({ rootNodes }),
    redis5.createSentinel(sentinel),
    redis5.createSentinel(sentinel).withTypeMapping(buffers5),
    redis4.createClient(),
    redis4.createCluster({ rootNodes }),
  ];
  const sentinels: RedisSentinelExtras[] = [
    redis6.createSentinel(sentinel),
    redis5.createSentinel(sentinel),
  ];
  return ends.length + sentinels.length;
}

/** A client of another library: its commands take other arguments. */
interface IoRedis {
  evalsha(sha1: string, keys: number, ...args: string[]): Promise<unknown>;
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
  hgetall(key: string): Promise<Record<string, string>>;
  quit(): Promise<"OK">;
}

/** Has the methods, with the arguments that ioredis has. */
interface LikeIoRedis {
  evalSha(sha1: string, keys: number, ...args: string[]): Promise<unknown>;
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
  sortRo(key: string, ...args: string[]): Promise<string[]>;
  hGetAll(key: string): Promise<Record<string, string>>;
}

/** Never called. */
function refused(io: IoRedis, like: LikeIoRedis): void {
  // @ts-expect-error: no client
  accept({});
  // @ts-expect-error: no client
  accept(null);
  // @ts-expect-error: no client
  accept(undefined);
  // @ts-expect-error: no client
  accept("redis://localhost:6379");
  // @ts-expect-error: no client
  accept(new Map<string, string>());
  // @ts-expect-error: the module, not a client
  accept(redis6);
  // @ts-expect-error: a promise of a client
  accept(redis6.createClient().connect());
  // @ts-expect-error: another library
  accept(io);
  // @ts-expect-error: another library's arguments
  accept(like);
  // @ts-expect-error: an option is missing
  new RedisAdapter({});
  // @ts-expect-error: a wrong type of an option
  new RedisAdapter({ client: redis6.createClient(), ttlSeconds: "60" });
}

Deno.test("RedisAdapterConfig accepts each client of node-redis, and nothing else", () => {
  for (const proof of [accepted, ended, refused]) {
    assertEquals(typeof proof, "function");
  }
});

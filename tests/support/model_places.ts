/**
 * The adapters that the model is held against, in all places where sessions
 * can lie.
 *
 * @module
 */

import {
  RedisAdapter,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import { connectCluster } from "./cluster_store.ts";
import type { Span } from "./model_moments.ts";
import type { Caller } from "./model_state.ts";
import { passTime, readKeys } from "./passing_time.ts";
import { sharedRedisCluster } from "./shared_cluster.ts";
import { sharedRedisUrl } from "./shared_redis.ts";
import { keysOf, type TestBed, type TestClient } from "./test_bed.ts";

/** The adapters, by the names that a counterexample calls them by. */
export const ADAPTERS = {
  "8 s": { ttlSeconds: 8 },
  // Too small for most histories, so that they take each other's room.
  "20 s": { ttlSeconds: 20, refreshTtlOnRead: true, cache: { maxMessages: 5 } },
  "100 s": {
    ttlSeconds: 100,
    summarizer: { summarize: () => Promise.resolve("in short") },
  },
  "no TTL": { cache: { maxMessages: 1000 } },
} as const satisfies Record<string, Caller>;

/** The name of an adapter. */
export type AdapterName = keyof typeof ADAPTERS;

/** The longest TTL of an adapter, in ms. */
export const LONGEST_TTL_MS = 100_000;

/** All keys that the adapters share, by their names, and when they end. */
export type Ends = ReadonlyMap<string, number>;

/** Adapters on the same data, each with a client of its own, and a look behind them. */
export interface ModelPlace {
  readonly adapters: Readonly<Record<AdapterName, RedisAdapter>>;
  /** Whether a message id can be in use in several sessions. */
  readonly idsPerSession: boolean;
  /** Whether a call that is refused can leave index entries, until a list meets them. */
  readonly leavesHints: boolean;
  /** Reads the server's clock, in whole ms around it. */
  clock(): Promise<Span>;
  /** Reads when the keys end, in ms since 1970; Infinity: never. */
  ends(): Promise<Ends>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** Removes all that is stored. */
  clear(): Promise<void>;
}

/** Opens adapters whose keys nobody else has. */
export type OpenPlace = (bed: TestBed) => Promise<ModelPlace>;

/** One server, plain keys. */
export const onServer: OpenPlace = (bed) => openServer(bed, false);

/** One server, keys with hash tags. */
export const onServerWithTags: OpenPlace = (bed) => openServer(bed, true);

/** A cluster of three primaries. */
export const onCluster: OpenPlace = async (bed) => {
  const cluster = await sharedRedisCluster();
  const primaries = await cluster.primaries();
  const nodes = await Promise.all(primaries.map(({ url }) => bed.client(url)));
  const connect = () => connectCluster(bed, cluster);
  return await open(nodes, bed.prefix(), connect, {});
};

async function openServer(
  bed: TestBed,
  hashTags: boolean,
): Promise<ModelPlace> {
  const url = await sharedRedisUrl();
  const connect = () => bed.connect(url);
  const nodes = [await bed.client(url)];
  return await open(nodes, bed.prefix(), connect, { hashTags });
}

async function open(
  nodes: readonly TestClient[],
  prefix: string,
  connect: () => Promise<RedisClient>,
  layout: { readonly hashTags?: boolean },
): Promise<ModelPlace> {
  const adapter = async (name: AdapterName) =>
    new RedisAdapter({
      client: await connect(),
      closeClient: false,
      keyPrefix: prefix,
      ...layout,
      ...ADAPTERS[name],
    });
  return {
    adapters: {
      "8 s": await adapter("8 s"),
      "20 s": await adapter("20 s"),
      "100 s": await adapter("100 s"),
      "no TTL": await adapter("no TTL"),
    },
    idsPerSession: layout.hashTags ?? true,
    leavesHints: layout.hashTags === undefined,
    clock: () => readClock(nodes[0]!), // There is one at least.
    ends: async () => {
      const ends = new Map<string, number>();
      for (const redis of nodes) {
        const { now, keys } = await readKeys({ redis, prefix });
        for (const [name, { left }] of keys) ends.set(name, now + left);
      }
      return ends;
    },
    pass: async (ms) => {
      for (const redis of nodes) await passTime({ redis, prefix }, ms);
    },
    clear: async () => {
      for (const redis of nodes) {
        for (const key of await keysOf(redis, prefix)) await redis.unlink(key);
      }
    },
  };
}

async function readClock(redis: TestClient): Promise<Span> {
  const [seconds, micros] = await redis.time() as unknown as string[];
  const ms = Number(seconds) * 1000 + Number(micros) / 1000;
  return { from: Math.floor(ms), to: Math.ceil(ms) };
}

/** Returns when each session ends, by its id. */
export function endsOfSessions(ends: Ends): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, end] of ends) {
    const id = /^session:\{?([^:{}]+)\}?$/.exec(name)?.[1];
    if (id !== undefined) found.set(id, end);
  }
  return found;
}

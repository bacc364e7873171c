/**
 * The places where sessions can lie: on one server, there with hash tags, and on
 * a cluster. The same tests run in each.
 *
 * @module
 */

import {
  RedisAdapter,
  type RedisAdapterConfig,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import { connectCluster } from "./cluster_store.ts";
import { passTime } from "./passing_time.ts";
import { sharedRedisCluster } from "./shared_cluster.ts";
import { keysOf, type TestBed } from "./test_bed.ts";

/** The commands that tests give by themselves, wherever the keys lie. */
export interface Commands {
  hSet(key: string, fields: Record<string, string>): Promise<unknown>;
  hGetAll(key: string): Promise<Record<string, string>>;
  zAdd(key: string, entry: { score: number; value: string }): Promise<unknown>;
  zRangeWithScores(
    key: string,
    first: number,
    last: number,
  ): Promise<{ value: string; score: number }[]>;
  zRem(key: string, member: string): Promise<unknown>;
  sAdd(key: string, member: string): Promise<unknown>;
  sMembers(key: string): Promise<string[]>;
  sRem(key: string, member: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  unlink(key: string): Promise<unknown>;
  expire(key: string, seconds: number): Promise<unknown>;
  exists(key: string): Promise<number>;
  pTTL(key: string): Promise<number>;
}

/** An adapter under test in some place, and a look behind it. */
export interface PlacedStore {
  readonly storage: RedisAdapter;
  readonly redis: Commands;
  /** What every key of the adapter begins with. */
  readonly prefix: string;
  /** Whether the keys of a session have a hash tag. */
  readonly isTagged: boolean;
  /** Whether the indexes lie in other slots than the sessions. */
  readonly isCluster: boolean;
  /** Opens another adapter on the same data. */
  reopen(options: PlacedOptions): RedisAdapter;
  /** Lists the adapter's keys without their prefix, sorted. */
  keys(): Promise<string[]>;
  /** Lets time pass for all of its keys. */
  pass(ms: number): Promise<void>;
}

/** The options of an adapter in a place. */
export type PlacedOptions = Pick<
  RedisAdapterConfig,
  "ttlSeconds" | "refreshTtlOnRead" | "onCorrupt"
>;

/** Opens an adapter whose keys nobody else has. */
export type Place = (
  bed: TestBed,
  options?: PlacedOptions,
) => Promise<PlacedStore>;

/** One server, plain keys. */
export const onServer: Place = (bed, options) => open(bed, false, options);

/** One server, keys with hash tags. */
export const onServerWithTags: Place = (bed, options) =>
  open(bed, true, options);

async function open(
  bed: TestBed,
  hashTags: boolean,
  options: PlacedOptions = {},
): Promise<PlacedStore> {
  const { redis, prefix, storage, keys } = await bed.open({
    hashTags,
    ...options,
  });
  return {
    ...{ storage, redis, prefix, keys },
    isTagged: hashTags,
    isCluster: false,
    reopen: (given) => adapter(redis, prefix, { hashTags, ...given }),
    pass: (ms) => passTime({ redis, prefix }, ms),
  };
}

/** A cluster of three primaries. */
export const onCluster: Place = async (bed, options = {}) => {
  const { client, servers } = await clusterOf(bed);
  const prefix = bed.prefix();
  return {
    storage: adapter(client, prefix, options),
    redis: client,
    prefix,
    isTagged: true,
    isCluster: true,
    reopen: (given) => adapter(client, prefix, given),
    keys: async () => {
      const found = servers.map((redis) => keysOf(redis, prefix));
      return (await Promise.all(found)).flat()
        .map((key) => key.slice(prefix.length)).sort();
    },
    pass: async (ms) => {
      for (const redis of servers) await passTime({ redis, prefix }, ms);
    },
  };
};

const clusters = new WeakMap<TestBed, ReturnType<typeof connect>>();

/** Returns a bed's client of the shared cluster, and clients of its primaries. */
function clusterOf(bed: TestBed): ReturnType<typeof connect> {
  const known = clusters.get(bed) ?? connect(bed);
  clusters.set(bed, known);
  return known;
}

async function connect(bed: TestBed) {
  const cluster = await sharedRedisCluster();
  const client = await connectCluster(bed, cluster);
  const primaries = await cluster.primaries();
  const servers = primaries.map(({ url }) => bed.client(url));
  return { client, servers: await Promise.all(servers) };
}

function adapter(
  client: RedisClient,
  keyPrefix: string,
  options: PlacedOptions & { readonly hashTags?: boolean },
): RedisAdapter {
  return new RedisAdapter({
    client,
    closeClient: false,
    keyPrefix,
    ...options,
  });
}

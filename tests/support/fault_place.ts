/**
 * Where calls are tried while connections break: on one server, and on a
 * cluster. Each place is looked at beside the faults.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { connectCluster } from "./cluster_store.ts";
import { FAULT_CONFIG } from "./fault_lane.ts";
import { checkIndexes, isMissed } from "./index_check.ts";
import { assertIndexed, type IndexedStore } from "./indexes.ts";
import { passTime } from "./passing_time.ts";
import { type Portrait, portray, textOf } from "./portrait.ts";
import type { RedisCluster } from "./redis_cluster.ts";
import { keysOf, type TestBed, type TestClient } from "./test_bed.ts";

const USERS = ["ada", "bob", "cy"];

/** What adapters on one prefix have stored, and what to do with it. */
export interface FaultStore extends IndexedStore {
  /** Reads all keys. */
  portray(): Promise<Portrait>;
  /** Returns what a call has to write as a whole or not at all. */
  textOf(portrait: Portrait): string;
  /** Fails unless no list can miss a session; does not ask the adapter. */
  assertNoneMissed(about: string): Promise<void>;
  /** Fails unless lists find all sessions; they clean up. */
  assertListed(): Promise<void>;
  /** Lets time pass for all keys. */
  pass(ms: number): Promise<void>;
  /** Removes all keys. */
  clear(): Promise<void>;
}

/** Opens an adapter beside the faults. */
export type FaultPlace = (keyPrefix: string) => Promise<FaultStore>;

/** One server: all that a call writes, it writes at once. */
export function faultServer(bed: TestBed, url: string): FaultPlace {
  return async (keyPrefix) => {
    const opened = await bed.open({ ...FAULT_CONFIG, url, keyPrefix });
    const { redis, prefix } = opened;
    const store = { ...opened, isTagged: false, isCluster: false };
    return {
      ...store,
      portray: () => portray(store),
      textOf,
      assertNoneMissed: async () => {},
      assertListed: () => assertIndexed(store, USERS),
      pass: (ms) => passTime(store, ms),
      clear: () => clear(redis, prefix),
    };
  };
}

/** A cluster: a call writes a session and its messages at once, and the indexes around them. */
export async function faultCluster(
  bed: TestBed,
  cluster: RedisCluster,
): Promise<FaultPlace> {
  const client = await connectCluster(bed, cluster);
  const primaries = await cluster.primaries();
  const servers = await Promise.all(
    primaries.map(({ url }) => bed.client(url)),
  );
  return (prefix) => {
    const store = {
      storage: new RedisAdapter({
        ...{ ...FAULT_CONFIG, client, keyPrefix: prefix, closeClient: false },
      }),
      ...{ redis: client, prefix, isTagged: true, isCluster: true },
      keys: async () => {
        const found = servers.map((redis) => keysOf(redis, prefix));
        return (await Promise.all(found)).flat()
          .map((key) => key.slice(prefix.length)).sort();
      },
    };
    return Promise.resolve({
      ...store,
      portray: async () => {
        const parts = servers.map((redis) => portray({ redis, prefix }));
        const keys = (await Promise.all(parts)).flatMap((part) => [...part]);
        return new Map(keys.sort(([a], [b]) => a < b ? -1 : 1));
      },
      textOf: (portrait) =>
        textOf(new Map([...portrait].filter(([name]) => isRecord(name)))),
      assertNoneMissed: async (about) => {
        const wrong = await checkIndexes({ ...store, client });
        assertEquals(wrong.filter(isMissed), [], about);
      },
      assertListed: () => assertIndexed(store, USERS),
      pass: async (ms) => {
        for (const redis of servers) await passTime({ redis, prefix }, ms);
      },
      clear: async () => {
        await Promise.all(servers.map((redis) => clear(redis, prefix)));
      },
    });
  };
}

/** Whether a key is a session's or a message's, and no index. */
function isRecord(name: string): boolean {
  return /^(?:session|message):/.test(name);
}

async function clear(redis: TestClient, prefix: string): Promise<void> {
  const keys = await keysOf(redis, prefix);
  // On a cluster they lie in several slots.
  await Promise.all(keys.map((key) => redis.unlink(key)));
}

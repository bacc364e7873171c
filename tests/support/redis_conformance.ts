/**
 * Holds the Redis adapter against the conformance suite, on any client.
 *
 * @module
 */

import { afterAll, describe, it } from "@std/testing/bdd";
import { setTimeout as sleep } from "node:timers/promises";
import {
  RedisAdapter,
  type RedisAdapterConfig,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import {
  type AdapterSettings,
  type Capabilities,
  describeStorageAdapter,
} from "@reaatech/session-continuity-storage-redis/conformance";
import { passTime } from "./passing_time.ts";
import { sharedRedisUrl } from "./shared_redis.ts";
import { keysOf, TestBed } from "./test_bed.ts";

/** A client that somebody made, and what ends it. */
export interface MadeClient {
  /** The connected client. */
  readonly client: RedisClient;
  /** The URLs of the servers that hold its keys; the given one, unless there are others. */
  readonly servers?: readonly string[];
  /** Closes it at once. */
  readonly end: () => unknown;
}

/** What a run of the suite is about. */
export interface RedisConformanceOptions {
  /** Makes a connected client; node-redis 6 with its defaults unless given. */
  readonly connect?: (url: string) => Promise<MadeClient>;
  /** Further options of the adapter. */
  readonly config?: Pick<RedisAdapterConfig, "hashTags" | "cache">;
  /** Stands at the end of every key prefix. */
  readonly prefixEnd?: string;
  /** What the adapter cannot do with these options. */
  readonly capabilities?: Partial<Capabilities>;
}

/** The dates of two calls differ when so much time is between them. */
const TICK_MS = 2;

/** Declares the suite's tests for one client and one set of options. */
export function describeRedisAdapter(
  name: string,
  options: RedisConformanceOptions = {},
): void {
  const { config = {}, prefixEnd = "", capabilities } = options;
  describe(name, () => {
    const bed = new TestBed();
    afterAll(() => bed.close());
    let made: ReturnType<typeof connect> | undefined;
    const connect = async () => {
      const url = await sharedRedisUrl();
      const one = await options.connect?.(url);
      if (one !== undefined) bed.defer(() => one.end());
      const servers = await Promise.all(
        (one?.servers ?? [url]).map((each) => bed.client(each)),
      );
      return { client: one?.client ?? await bed.client(url), servers };
    };
    describeStorageAdapter({
      describe,
      it,
      ...(capabilities === undefined ? {} : { capabilities }),
      createAdapter: async (settings: AdapterSettings = {}) => {
        const { client, servers } = await (made ??= connect());
        const keyPrefix = bed.prefix() + prefixEnd;
        const open = (given: AdapterSettings) =>
          new RedisAdapter({
            client,
            closeClient: false,
            ...config,
            ...given,
            keyPrefix,
          });
        const adapter = open(settings);
        return {
          adapter,
          reopen: (other = {}) => Promise.resolve(open(other)),
          elapse: async (ms: number) => {
            for (const redis of servers) {
              await passTime({ redis, prefix: keyPrefix }, ms);
            }
            await sleep(Math.min(ms, TICK_MS));
          },
          dispose: async () => {
            await adapter.close();
            // Few keys on the server: moving deadlines scans for them.
            for (const redis of servers) {
              const keys = await keysOf(redis, keyPrefix);
              await Promise.all(keys.map((key) => redis.unlink(key)));
            }
          },
        };
      },
    });
  });
}

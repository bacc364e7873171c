/**
 * Holds the Redis adapter against the conformance suite, on any client.
 *
 * @module
 */

import { afterAll, describe, it } from "@std/testing/bdd";
import { setTimeout as sleep } from "node:timers/promises";
import {
  RedisAdapter,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import {
  type AdapterSettings,
  type Capabilities,
  describeStorageAdapter,
} from "@reaatech/session-continuity-storage-redis/conformance";
import { passTime } from "./passing_time.ts";
import { sharedRedisUrl } from "./shared_redis.ts";
import { TestBed } from "./test_bed.ts";

/** A client that somebody made, and what ends it. */
export interface MadeClient {
  /** The connected client. */
  readonly client: RedisClient;
  /** Closes it at once. */
  readonly end: () => unknown;
}

/** What a run of the suite is about. */
export interface RedisConformanceOptions {
  /** Makes a connected client; node-redis 6 with its defaults unless given. */
  readonly connect?: (url: string) => Promise<MadeClient>;
  /** Further options of the adapter. */
  readonly config?: { hashTags?: boolean };
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
    let made: Promise<MadeClient> | undefined;
    const connect = async () => {
      const url = await sharedRedisUrl();
      const one = await options.connect?.(url);
      if (one !== undefined) bed.defer(() => one.end());
      return one ?? { client: await bed.client(url), end: () => {} };
    };
    describeStorageAdapter({
      describe,
      it,
      ...(capabilities === undefined ? {} : { capabilities }),
      createAdapter: async (settings: AdapterSettings = {}) => {
        const { client } = await (made ??= connect());
        const place = await bed.open({ client });
        const keyPrefix = place.prefix + prefixEnd;
        const open = (given: AdapterSettings) =>
          new RedisAdapter({
            client,
            closeClient: false,
            ...config,
            ...given,
            keyPrefix,
          });
        const store = { ...place, storage: open(settings), prefix: keyPrefix };
        return {
          adapter: store.storage,
          reopen: (other = {}) => Promise.resolve(open(other)),
          elapse: async (ms: number) => {
            await passTime(store, ms);
            await sleep(Math.min(ms, TICK_MS));
          },
          dispose: async () => {
            await store.storage.close();
            // Few keys on the server: moving deadlines scans for them.
            const names = await place.keys();
            const keys = names.map((name) => place.prefix + name);
            if (keys.length > 0) await place.redis.unlink(keys);
          },
        };
      },
    });
  });
}

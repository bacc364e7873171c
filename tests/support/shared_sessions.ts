/**
 * Sessions that several adapters with different TTLs write to.
 *
 * @module
 */

import type { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { passTime, type Reading, readKeys } from "./passing_time.ts";
import type { TestBed, TestStore, TestStoreOptions } from "./test_bed.ts";
import {
  type AdapterName,
  ADAPTERS,
  makeCall,
  type Step,
} from "./ttl_steps.ts";

/** What the adapters share: their data, and who wrote it last. */
export class SharedSessions {
  readonly store: TestStore;
  readonly #adapters: Readonly<Record<AdapterName, RedisAdapter>>;
  readonly #lastTtls = new Map<string, number>();
  readonly #lastWithoutTtl = new Set<string>();

  private constructor(
    store: TestStore,
    adapters: Readonly<Record<AdapterName, RedisAdapter>>,
  ) {
    this.store = store;
    this.#adapters = adapters;
  }

  /** Opens the adapters. */
  static async open(bed: TestBed): Promise<SharedSessions> {
    const store = await bed.open();
    const open = async (name: AdapterName) => {
      const options = { keyPrefix: store.prefix, ...ADAPTERS[name] };
      return (await bed.open(options)).storage;
    };
    return new SharedSessions(store, {
      "8 s": await open("8 s"),
      "20 s": await open("20 s"),
      "100 s": await open("100 s"),
      "no TTL": await open("no TTL"),
    });
  }

  /**
   * Returns the TTL of the adapter with one that wrote to a session last, in
   * ms; undefined where only an adapter without a TTL did.
   */
  lastTtl(session: string): number | undefined {
    return this.#lastTtls.get(session);
  }

  /**
   * Returns how much later than a session its sorted set may end, in ms. An
   * adapter without a TTL gives a new set the session's end: it asks how long
   * the session has left, then for the time, and a millisecond can begin between.
   */
  setSlack(session: string): number {
    return this.#lastWithoutTtl.has(session) ? 1 : 0;
  }

  /** Removes all data. */
  async clear(): Promise<void> {
    const { redis, prefix } = this.store;
    const names = await this.store.keys();
    if (names.length > 0) {
      await redis.unlink(names.map((name) => prefix + name));
    }
    this.#lastTtls.clear();
    this.#lastWithoutTtl.clear();
  }

  /**
   * Takes a step.
   *
   * @returns the session whose TTL the step started again, if it did, and its TTL in ms
   */
  async take(
    step: Step,
    before: Reading,
  ): Promise<{ session: string; ttlMs: number } | undefined> {
    if ("passMs" in step) {
      await passTime(this.store, step.passMs);
      return undefined;
    }
    const { by, session } = step;
    if (!await makeCall(this.#adapters[by], step, before)) return undefined;
    const adapter: TestStoreOptions = ADAPTERS[by];
    if (adapter.ttlSeconds === undefined) {
      this.#lastWithoutTtl.add(session);
      // Its writes leave a TTL alone, but the session it creates has none.
      if (step.call === "createSession()") this.#lastTtls.delete(session);
      return undefined;
    }
    const ttlMs = adapter.ttlSeconds * 1000;
    this.#lastTtls.set(session, ttlMs);
    this.#lastWithoutTtl.delete(session);
    return { session, ttlMs };
  }

  /** Reads how long the keys have left. */
  read(): Promise<Reading> {
    return readKeys(this.store);
  }
}

/**
 * An application's way to its servers on which faults happen, one after the other.
 *
 * @module
 */

import { assert } from "@std/assert";
import {
  RedisAdapter,
  type RedisAdapterConfig,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import { CuttingProxy, type Direction, Fuse } from "./cutting_proxy.ts";
import { connectClient } from "./fault_clients.ts";
import type { TestBed } from "./test_bed.ts";
import { until } from "./until.ts";

const PATIENCE_MS = 20_000;

/** The options that all adapters of these tests share. */
export const FAULT_CONFIG = { ttlSeconds: 3600 } as const;

/** The options of one adapter. */
export type LaneOptions = Pick<
  RedisAdapterConfig,
  "timeoutMs" | "refreshTtlOnRead" | "closeClient" | "cache" | "retries"
>;

/** A connected client, as a lane needs it. */
export interface LaneClient {
  /** What adapters call. */
  readonly client: RedisClient;
  /** Asks every server that it talks to whether it answers. */
  readonly isReady: () => Promise<boolean>;
  /** Closes it when what it was asked is answered. */
  readonly close: () => Promise<unknown>;
  /** Closes it at once. */
  readonly end: () => unknown;
}

/** Connects a client by these ways, which are in the order of the servers. */
export type LaneConnect = (
  proxies: readonly CuttingProxy[],
) => Promise<LaneClient>;

/** A client that connects by way of proxies, and adapters on it. */
export class FaultLane implements AsyncDisposable {
  /** What says where a connection breaks, whichever server it leads to. */
  readonly fuse: Fuse;
  /** The ways, in the order of the servers. */
  readonly proxies: readonly CuttingProxy[];
  #client: LaneClient | undefined;
  #isDisposed = false;

  private constructor(fuse: Fuse, proxies: readonly CuttingProxy[]) {
    this.fuse = fuse;
    this.proxies = proxies;
  }

  /**
   * Connects to servers.
   *
   * @param connect makes the client; node-redis 6 with its defaults unless given
   */
  static async open(
    bed: TestBed,
    urls: readonly string[],
    connect: LaneConnect = connectClient,
  ): Promise<FaultLane> {
    const fuse = new Fuse();
    const proxies = await Promise.all(
      urls.map((url) => CuttingProxy.open(url, fuse)),
    );
    const lane = new FaultLane(fuse, proxies);
    bed.defer(() => lane[Symbol.asyncDispose]());
    lane.#client = await connect(proxies);
    return lane;
  }

  /** Returns an adapter; those with one prefix share their data. */
  adapter(keyPrefix: string, options: LaneOptions): RedisAdapter {
    const { client } = this.#client!;
    const config = { ...FAULT_CONFIG, closeClient: false, ...options };
    return new RedisAdapter({ client, keyPrefix, ...config });
  }

  /** Holds back what goes one way from now on, by so many milliseconds. */
  delay(direction: Direction, ms: number): void {
    for (const proxy of this.proxies) proxy.delay(direction, ms);
  }

  /** Waits until the client is connected, and all that it ever sent has been carried out. */
  async calm(): Promise<void> {
    for (const proxy of this.proxies) proxy.hangUp();
    const isCalm = async () =>
      this.proxies.every((proxy) => proxy.isCalm) &&
      await this.#client!.isReady();
    assert(await until(isCalm, PATIENCE_MS), "no connection again");
  }

  /** Ends the client and its ways. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#client?.end();
    for (const proxy of this.proxies) await proxy[Symbol.asyncDispose]();
  }
}

/**
 * An application's way to a server on which faults happen, one after the other.
 *
 * @module
 */

import { assert } from "@std/assert";
import { createClient } from "redis";
import {
  RedisAdapter,
  type RedisAdapterConfig,
} from "@reaatech/session-continuity-storage-redis";
import { CuttingProxy } from "./cutting_proxy.ts";
import type { TestBed } from "./test_bed.ts";
import { until } from "./until.ts";

const PATIENCE_MS = 20_000;
const RECONNECT_MS = 3;

/** The options that all adapters of these tests share. */
export const FAULT_CONFIG = { ttlSeconds: 3600 } as const;

/** The options of one adapter. */
export type LaneOptions = Pick<
  RedisAdapterConfig,
  "timeoutMs" | "refreshTtlOnRead" | "closeClient"
>;

/** A client that connects by way of a proxy, and adapters on it. */
export class FaultLane implements AsyncDisposable {
  /** What cuts the client's connection. */
  readonly proxy: CuttingProxy;
  readonly #client: ReturnType<typeof connectBy>;
  #isDisposed = false;

  private constructor(
    proxy: CuttingProxy,
    client: ReturnType<typeof connectBy>,
  ) {
    this.proxy = proxy;
    this.#client = client;
  }

  /** Connects to a server. */
  static async open(bed: TestBed, url: string): Promise<FaultLane> {
    const proxy = await CuttingProxy.open(url);
    const client = connectBy(proxy.url);
    client.on("error", () => {});
    const lane = new FaultLane(proxy, client);
    bed.defer(() => lane[Symbol.asyncDispose]());
    await client.connect();
    return lane;
  }

  /** Returns an adapter; those with one prefix share their data. */
  adapter(keyPrefix: string, options: LaneOptions): RedisAdapter {
    const config = { ...FAULT_CONFIG, closeClient: false, ...options };
    return new RedisAdapter({ client: this.#client, keyPrefix, ...config });
  }

  /** Waits until the client is connected, and all that it ever sent has been carried out. */
  async calm(): Promise<void> {
    this.proxy.hangUp();
    const isCalm = () => this.#client.isReady && this.proxy.isCalm;
    assert(await until(isCalm, PATIENCE_MS), "no connection again");
    await this.#client.ping();
  }

  /** Ends the client and its way. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    if (this.#client.isOpen) this.#client.destroy();
    await this.proxy[Symbol.asyncDispose]();
  }
}

function connectBy(url: string) {
  return createClient({
    url,
    socket: { reconnectStrategy: () => RECONNECT_MS },
  });
}

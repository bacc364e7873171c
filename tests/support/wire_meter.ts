/**
 * Measures what a call costs: commands, round trips, bytes, and the work of
 * the server.
 *
 * @module
 */

import type { RedisSortOptions } from "@reaatech/session-continuity-storage-redis";
import { CommandLog } from "./command_log.ts";
import { countCommands } from "./command_stats.ts";
import { CountingClient } from "./counting_client.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { serverTime } from "./passing_time.ts";
import type { TestBed, TestClient } from "./test_bed.ts";
import { TripCounter } from "./trip_counter.ts";
import { until } from "./until.ts";

/** What a call cost. */
export interface WireCost {
  /** The names of the commands that crossed the wire, in their order. */
  readonly commands: readonly string[];
  /** Round trips; what is sent before a reply is awaited is one. */
  readonly trips: number;
  /** Bytes to the server. */
  readonly sent: number;
  /** Bytes from the server. */
  readonly received: number;
  /** How often scripts ran each command on the server, by names in lower case. */
  readonly runs: Readonly<Record<string, number>>;
}

/** A client whose round trips are counted. */
class MeteredClient extends CountingClient {
  readonly trips = new TripCounter();
  /** Whether to refuse SORT_RO, in the words of a server before Redis 7.0. */
  refusesSort = false;

  override sortRo(key: string, options?: RedisSortOptions): Promise<unknown> {
    return this.refusesSort
      ? Promise.reject(new Error("ERR unknown command 'SORT_RO'"))
      : super.sortRo(key, options);
  }

  protected override send(
    name: string,
    command: () => Promise<unknown>,
  ): Promise<unknown> {
    return this.trips.during(() => super.send(name, command));
  }
}

/** Stands between a client and a server of one's own. */
export class WireMeter {
  /** What adapters call. */
  readonly client: MeteredClient;
  /** A client of the same server that is not measured. */
  readonly redis: TestClient;
  readonly #proxy: CuttingProxy;
  readonly #log: CommandLog;

  private constructor(
    metered: TestClient,
    redis: TestClient,
    proxy: CuttingProxy,
    log: CommandLog,
  ) {
    this.client = new MeteredClient(metered);
    this.redis = redis;
    this.#proxy = proxy;
    this.#log = log;
  }

  /** Connects a client to a server that nobody else uses. */
  static async open(bed: TestBed, url: string): Promise<WireMeter> {
    const proxy = await CuttingProxy.open(url);
    bed.defer(() => proxy[Symbol.asyncDispose]());
    return new WireMeter(
      await bed.connect(proxy.url),
      await bed.client(url),
      proxy,
      await CommandLog.open(bed, url),
    );
  }

  /** Measures a call; nothing else may be under way. */
  async measure(call: () => Promise<unknown>): Promise<WireCost> {
    await this.#nextMillisecond();
    const { client, redis } = this;
    const { fuse } = this.#proxy;
    const commands: string[] = [];
    // The log finds its place by an ECHO.
    const { echo: _, ...counts } = await countCommands(redis, async () => {
      await this.#log.take();
      client.trips.take();
      fuse.arm();
      await call();
      for (const { name, isFromScript } of await this.#log.take()) {
        if (!isFromScript) commands.push(name);
      }
    });
    for (const name of commands) {
      const key = name.toLowerCase();
      counts[key] = (counts[key] ?? 0) - 1;
      if (counts[key] === 0) delete counts[key];
    }
    const { request: sent, reply: received } = fuse.carried;
    return {
      ...{ commands, trips: client.trips.take(), sent, received },
      runs: counts,
    };
  }

  /** Within one millisecond, an append takes more commands to come last. */
  async #nextMillisecond(): Promise<void> {
    const before = Math.floor(await serverTime(this));
    const isLater = async () => await serverTime(this) >= before + 1;
    if (!await until(isLater, 10_000)) {
      throw new Error("Cannot measure: the clock of the server stands still");
    }
  }
}

/**
 * Makes what the tests of one group need, and takes it away in the end.
 *
 * @module
 */

import { createClient } from "redis";
import {
  RedisAdapter,
  type RedisAdapterConfig,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import { type RedisServer, startRedisServer } from "./redis_server.ts";
import { sharedRedisUrl } from "./shared_redis.ts";

/** How a client introduces itself to the server. */
export interface TestClientOptions {
  /** The user of the server's access rules. */
  readonly username?: string;
  /** That user's password. */
  readonly password?: string;
  /** The version of the protocol. */
  readonly RESP?: 2 | 3;
}

function makeClient(url: string, options: TestClientOptions) {
  return createClient({ url, ...options });
}

/** A client of node-redis 6 with its defaults. */
export type TestClient = ReturnType<typeof makeClient>;

/** The options of an adapter under test; it gets a fresh key prefix. */
export interface TestStoreOptions
  extends Omit<RedisAdapterConfig, "client" | "closeClient"> {
  /** The server; the shared one unless given. */
  readonly url?: string;
  /** What the adapter calls; a client of its own unless given. */
  readonly client?: RedisClient;
}

/** An adapter under test, and a look behind it. */
export interface TestStore {
  /** The adapter. */
  readonly storage: RedisAdapter;
  /** A connected client of the same server. */
  readonly redis: TestClient;
  /** What every key of the adapter begins with. */
  readonly prefix: string;
  /** Lists the adapter's keys without their prefix, sorted. */
  keys(): Promise<string[]>;
}

/** Adapters, clients and servers of a group of tests; `close` goes into `afterAll`. */
export class TestBed {
  readonly #prefix = `test:${crypto.randomUUID()}:`;
  readonly #clients = new Map<string, TestClient>();
  readonly #ends: (() => unknown)[] = [];
  #shared: TestClient | undefined;
  #stores = 0;

  /** Opens an adapter whose keys nobody else has. */
  async open(options: TestStoreOptions = {}): Promise<TestStore> {
    const { url, client, ...config } = options;
    const redis = await this.client(url ?? await sharedRedisUrl());
    if (url === undefined) this.#shared = redis;
    const prefix = config.keyPrefix ?? this.prefix();
    const storage = new RedisAdapter({
      client: client ?? redis,
      closeClient: false,
      ...config,
      keyPrefix: prefix,
    });
    return {
      storage,
      redis,
      prefix,
      keys: () => namesOf(redis, prefix),
    };
  }

  /** Returns a key prefix that nobody else has. */
  prefix(): string {
    return `${this.#prefix}${this.#stores++}:`;
  }

  /** Returns a connected client; the same one for the same server. */
  async client(url: string): Promise<TestClient> {
    const known = this.#clients.get(url);
    if (known !== undefined) return known;
    const client = await this.connect(url);
    this.#clients.set(url, client);
    return client;
  }

  /** Connects another client. */
  async connect(
    url: string,
    options: TestClientOptions = {},
  ): Promise<TestClient> {
    const client = makeClient(url, options);
    client.on("error", ignore);
    await client.connect();
    this.defer(() => client.isOpen && client.destroy());
    return client;
  }

  /** Starts a server of one's own with further arguments. */
  async server(...args: string[]): Promise<RedisServer> {
    const server = await startRedisServer({ args });
    this.defer(() => server[Symbol.asyncDispose]());
    return server;
  }

  /** Does something in the end; the last one first. */
  defer(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Removes the keys on the shared server, closes all clients and stops all servers. */
  async close(): Promise<void> {
    if (this.#shared !== undefined) {
      const keys = await keysOf(this.#shared, this.#prefix);
      if (keys.length > 0) await this.#shared.unlink(keys);
    }
    for (const end of this.#ends.reverse()) await end();
  }
}

/** A client without a listener of errors would end the process with its first one. */
function ignore(): void {}

/** Lists the keys of a server that begin with a prefix. */
export async function keysOf(
  redis: TestClient,
  prefix: string,
): Promise<string[]> {
  const keys: string[] = [];
  const pattern = `${prefix.replace(/[\\*?[\]]/g, "\\$&")}*`;
  for await (
    const batch of redis.scanIterator({ MATCH: pattern, COUNT: 1000 })
  ) {
    keys.push(...batch);
  }
  return keys;
}

/** Lists them without the prefix, sorted. */
export async function namesOf(
  redis: TestClient,
  prefix: string,
): Promise<string[]> {
  const keys = await keysOf(redis, prefix);
  return keys.map((key) => key.slice(prefix.length)).sort();
}

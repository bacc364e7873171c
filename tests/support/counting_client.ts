/**
 * Counts what the adapter sends. It has the methods of `RedisClient`, `ping`
 * and no others, so that an adapter that called another one would fail.
 *
 * @module
 */

import type {
  RedisClient,
  RedisScriptOptions,
  RedisSortOptions,
} from "@reaatech/session-continuity-storage-redis";

/** Sends what it is told by another client, and keeps the names. */
export class CountingClient implements RedisClient {
  /** The names of the commands that were sent, in their order. */
  readonly sent: string[] = [];
  readonly #client: RedisClient & { ping(): Promise<unknown> };

  constructor(client: RedisClient & { ping(): Promise<unknown> }) {
    this.#client = client;
  }

  /** Returns the names of what was sent since the last call. */
  take(): string[] {
    return this.sent.splice(0);
  }

  evalSha(sha1: string, options?: RedisScriptOptions): Promise<unknown> {
    return this.send("EVALSHA", () => this.#client.evalSha(sha1, options));
  }

  eval(script: string, options?: RedisScriptOptions): Promise<unknown> {
    return this.send("EVAL", () => this.#client.eval(script, options));
  }

  sortRo(key: string, options?: RedisSortOptions): Promise<unknown> {
    return this.send("SORT_RO", () => this.#client.sortRo(key, options));
  }

  hGetAll(key: string): Promise<unknown> {
    return this.send("HGETALL", () => this.#client.hGetAll(key));
  }

  ping(): Promise<unknown> {
    return this.send("PING", () => this.#client.ping());
  }

  /** Every command comes by here. */
  protected send(
    name: string,
    command: () => Promise<unknown>,
  ): Promise<unknown> {
    this.sent.push(name);
    return command();
  }
}

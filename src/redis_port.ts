/**
 * The slice of a node-redis client that the adapter uses.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { corrupt } from "./failure.ts";
import type { RedisClient, RedisClientExtras } from "./redis_client.ts";
import { redisFailure } from "./redis_failure.ts";

/** A Lua script and the digest that the server knows it by. */
export interface Script {
  readonly source: string;
  readonly sha1: string;
}

/** Puts the pieces of a script together. */
export function defineScript(...pieces: readonly string[]): Script {
  const source = pieces.join("");
  return { source, sha1: createHash("sha1").update(source).digest("hex") };
}

/** How many elements of a sorted set to read, and the hash fields that belong to each. */
export interface SortedRead {
  readonly get: readonly string[];
  readonly descending: boolean;
  /** Elements read at most; all of them unless given. */
  readonly limit?: number | undefined;
}

/**
 * Sends commands and scripts. Every fault comes out as a `Failure`; replies
 * are strings, numbers, nulls and lists of them, whatever type mapping the
 * client was made with.
 */
export class RedisPort {
  readonly #client: RedisClient & RedisClientExtras;
  readonly #owned: RedisClient & RedisClientExtras;
  #sortRefused = false;

  constructor(client: RedisClient) {
    this.#owned = client;
    this.#client = (client as RedisClientExtras).withTypeMapping?.({}) ??
      client;
  }

  /** Runs a script by its digest, and by its text where the server does not know it yet. */
  async run(
    script: Script,
    keys: string[],
    args: string[],
  ): Promise<unknown> {
    const options = { keys, arguments: args };
    try {
      return await this.#client.evalSha(script.sha1, options);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) {
        throw redisFailure(error);
      }
    }
    try {
      return await this.#client.eval(script.source, options);
    } catch (error) {
      throw redisFailure(error);
    }
  }

  /** Reads a hash; one without fields does not exist. */
  async readHash(key: string): Promise<Record<string, string>> {
    try {
      // The reply of HGETALL without a type mapping, in node-redis 4, 5 and 6.
      return await this.#client.hGetAll(key) as Record<string, string>;
    } catch (error) {
      throw atKey(key, error);
    }
  }

  /**
   * Reads elements of a sorted set in its order, with hash fields of each, in
   * one `SORT_RO`. Returns undefined where the server refuses that command:
   * before Redis 7.0, on a cluster, or by its access rules.
   */
  async readSorted(
    key: string,
    read: SortedRead,
  ): Promise<(string | null)[] | undefined> {
    if (this.#sortRefused) return undefined;
    try {
      const reply = await this.#client.sortRo(key, {
        BY: "nosort",
        GET: [...read.get],
        ...(read.descending ? { DIRECTION: "DESC" } : {}),
        ...(read.limit === undefined
          ? {}
          : { LIMIT: { offset: 0, count: read.limit } }),
      });
      // Fields that are not there come as null, although node-redis says string.
      return reply as (string | null)[];
    } catch (error) {
      if (
        /unknown command|NOPERM|no permissions|denied/i.test(String(error))
      ) {
        this.#sortRefused = true;
        return undefined;
      }
      throw atKey(key, error);
    }
  }

  /** Waits for one answer of the server. */
  async ping(): Promise<void> {
    try {
      // A hand-made client may have no ping: a script that does nothing asks the same.
      await (this.#client.ping?.() ?? this.#client.eval("return 1"));
    } catch (error) {
      throw redisFailure(error);
    }
  }

  /** Closes the client when what it was asked is answered; one that is closed already is no error. */
  async close(): Promise<void> {
    await unlessClosed(async () => {
      if (this.#owned.close !== undefined) return await this.#owned.close();
      // quit() of node-redis 4 counts as closed before it is answered: while it
      // hangs, the connection could not be dropped any more. The PING is
      // answered after all that was asked before.
      await this.#owned.ping?.();
      await this.#owned.quit?.();
    });
  }

  /** Drops the connection at once; what the client was asked is refused. */
  async destroy(): Promise<void> {
    await unlessClosed(async () => {
      if (this.#owned.destroy !== undefined) return await this.#owned.destroy();
      await this.#owned.disconnect?.();
    });
  }
}

/** Runs what ends a client; that it has ended already is no error. */
async function unlessClosed(end: () => Promise<unknown>): Promise<void> {
  try {
    await end();
  } catch (error) {
    if (!/client is closed/i.test(String(error))) throw redisFailure(error);
  }
}

/** Names the key of a command that found another type than it reads. */
function atKey(key: string, error: unknown): Error {
  const failure = redisFailure(error);
  return failure.reason === "corrupt-data"
    ? corrupt(key, "holds another type than the adapter writes", error)
    : failure;
}

/**
 * The slice of a node-redis client that the adapter uses.
 *
 * @module
 */

import { createHash } from "node:crypto";
import pRetry from "p-retry";
import { type ScriptRunner, scriptRunner } from "./cluster_scripts.ts";
import { corrupt } from "./failure.ts";
import type {
  RedisClient,
  RedisClientExtras,
  RedisClusterNode,
} from "./redis_client.ts";
import {
  afterLostAttempt,
  isConnectionLost,
  redisFailure,
} from "./redis_failure.ts";
import { type ReadRunner, readRunner } from "./sentinel_reads.ts";
import { onceRunner } from "./sentinel_scripts.ts";

/**
 * What a cluster says of a slot that is moving, or whose primary is being
 * replaced. Nothing was written: scripts declare all keys that they write.
 */
const ON_THE_MOVE = /\bTRYAGAIN\b|\bCLUSTERDOWN\b|non local key/;
const SHORTEST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/** How long to keep asking, and how often. */
export interface Patience {
  /** How long to ask again, in milliseconds. */
  readonly timeoutMs: number;
  /** How often to ask again when the connection was lost. */
  readonly retries: number;
}

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

/** How many elements of a sorted set to read, and the hash field that belongs to each. */
export interface SortedRead {
  readonly get: string;
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
  readonly #scripts: ScriptRunner;
  readonly #scriptsOnce: ScriptRunner;
  readonly #reads: ReadRunner;
  readonly #patience: Patience;
  #maySort = true;

  /**
   * Constructs a port.
   *
   * @param client the client
   * @param patience how long to ask again for a slot that is on the move, and how often after a lost connection
   */
  constructor(client: RedisClient, patience: Patience) {
    this.#owned = client;
    this.#patience = patience;
    this.#client = (client as RedisClientExtras).withTypeMapping?.({}) ??
      client;
    this.#scripts = scriptRunner(this.#client);
    this.#scriptsOnce = onceRunner(
      this.#client as RedisClient,
      this.#scripts,
    );
    this.#reads = readRunner(this.#client as RedisClient);
  }

  /**
   * Runs a script by its digest, and by its text where the server does not know
   * it yet.
   *
   * @param repeats whether it may be sent again when the connection was lost
   */
  async run(
    script: Script,
    keys: string[],
    args: string[],
    repeats = true,
  ): Promise<unknown> {
    const startedAt = performance.now();
    const options = { keys, arguments: args };
    const runner = repeats ? this.#scripts : this.#scriptsOnce;
    const byText = () => runner.eval(script.source, options);
    try {
      return await runner.evalSha(script.sha1, options);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) {
        return await this.#sendAgain(byText, error, { startedAt, repeats });
      }
    }
    try {
      return await byText();
    } catch (error) {
      return await this.#sendAgain(byText, error, { startedAt, repeats });
    }
  }

  /** Whether a call that failed is to be made again, if that is safe. */
  canRepeat(error: unknown): boolean {
    return this.#patience.retries > 0 && isConnectionLost(error);
  }

  /**
   * Sends again what failed, after growing pauses, where that is safe and may
   * help; never when so much time has passed that nobody waits any more.
   */
  async #sendAgain<T>(
    send: () => Promise<T>,
    error: unknown,
    { startedAt, repeats }: { startedAt: number; repeats: boolean },
  ): Promise<T> {
    const { retries, timeoutMs } = this.#patience;
    let lost = 0;
    let isFirst = true;
    try {
      return await pRetry(async () => {
        if (!isFirst) return await send();
        isFirst = false;
        throw error;
      }, {
        // Slots move for as long as they take; connections are lost so often at most.
        retries: Infinity,
        maxRetryTime: Math.max(0, startedAt + timeoutMs - performance.now()),
        minTimeout: SHORTEST_PAUSE_MS,
        maxTimeout: LONGEST_PAUSE_MS,
        randomize: true,
        shouldRetry: ({ error }) =>
          ON_THE_MOVE.test(error.message) ||
          (repeats && isConnectionLost(error) && lost++ < retries),
      });
    } catch (fault) {
      throw lost > 0 ? afterLostAttempt(fault) : redisFailure(fault);
    }
  }

  /** Returns a port to each primary of a cluster; of one server, this one. */
  async primaries(): Promise<RedisPort[]> {
    const { masters } = this.#owned;
    if (masters === undefined) return [this];
    return await Promise.all(masters.map((node) => this.#portTo(node)));
  }

  /** Returns the nodes of a cluster that the client knows, by name; one server has one. */
  nodes(): { readonly name: string; readonly ping: () => Promise<void> }[] {
    const { masters = [], replicas = [] } = this.#owned;
    const nodes = [...masters, ...replicas].map((node) => ({
      name: `node ${node.address}`,
      ping: async () => (await this.#portTo(node)).ping(),
    }));
    // A cluster client that is closed knows none: its PING says so.
    return nodes.length > 0
      ? nodes
      : [{ name: "the store", ping: () => this.ping() }];
  }

  async #portTo(node: RedisClusterNode): Promise<RedisPort> {
    try {
      // Every client that lists nodes has this.
      const client = await this.#owned.nodeClient!(node);
      return new RedisPort(client, this.#patience);
    } catch (error) {
      throw redisFailure(error);
    }
  }

  /** Reads a hash; one without fields does not exist. */
  async readHash(key: string): Promise<Record<string, string>> {
    // The reply of HGETALL without a type mapping, in node-redis 4, 5 and 6.
    const startedAt = performance.now();
    const send = () =>
      this.#reads.hGetAll(key) as Promise<Record<string, string>>;
    try {
      return await send();
    } catch (error) {
      return await this.#sendAgain(send, error, { startedAt, repeats: true })
        .catch((fault) => {
          throw atKey(key, fault);
        });
    }
  }

  /** Whether the server has refused no `SORT_RO` yet. */
  get maySort(): boolean {
    return this.#maySort;
  }

  /** Notes that the server has refused `SORT_RO`, so that it is asked no more. */
  sortIsRefused(): void {
    this.#maySort = false;
  }

  /**
   * Reads elements of a sorted set in its order, with a hash field of each, in
   * one `SORT_RO`. Returns undefined where the server refuses that command:
   * before Redis 7.0, on a cluster, or by its access rules.
   */
  async readSorted(
    key: string,
    read: SortedRead,
  ): Promise<(string | null)[] | undefined> {
    if (!this.#maySort) return undefined;
    const startedAt = performance.now();
    const options: Parameters<ReadRunner["sortRo"]>[1] = {
      BY: "nosort",
      GET: [read.get],
    };
    if (read.descending) options.DIRECTION = "DESC";
    if (read.limit !== undefined) {
      options.LIMIT = { offset: 0, count: read.limit };
    }
    // Fields that are not there come as null, although node-redis says string.
    const send = () =>
      this.#reads.sortRo(key, options) as Promise<(string | null)[]>;
    try {
      return await send();
    } catch (error) {
      if (/unknown command|NOPERM|no permissions|denied/i.test(String(error))) {
        this.sortIsRefused();
        return undefined;
      }
      return await this.#sendAgain(send, error, { startedAt, repeats: true })
        .catch((fault) => {
          throw atKey(key, fault);
        });
    }
  }

  /** Waits for one answer of the server. */
  async ping(): Promise<void> {
    try {
      // A hand-made client may have no ping: a script that does nothing asks the same.
      await (this.#reads.ping?.() ?? this.#client.eval("return 1"));
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

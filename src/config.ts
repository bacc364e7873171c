/**
 * The adapter's options and their rules.
 *
 * @module
 */

import { ConcurrencyError, StorageError } from "./errors.ts";
import { show } from "./failure.ts";
import type { KeyLayout } from "./keys.ts";
import type { RedisClient, RedisClientExtras } from "./redis_client.ts";
import type { SummarizerService } from "./types.ts";

/** The classes of errors that an adapter throws. */
export interface ErrorClasses {
  /** Thrown when a call fails. */
  readonly StorageError: new (
    message: string,
    adapter: string,
    cause?: unknown,
  ) => Error;
  /** Thrown when an update expected another version. */
  readonly ConcurrencyError: new (
    sessionId: string,
    expectedVersion: number,
    actualVersion: number,
  ) => Error;
}

/** How much of what was read to keep in this process. */
export interface CacheOptions {
  /** How many messages, of all sessions together; those not read for longest go first. */
  readonly maxMessages: number;
}

/** The options of a `RedisAdapter`. Options that it does not know are ignored. */
export interface RedisAdapterConfig {
  /**
   * A connected node-redis client, of version 4, 5 or 6, a pool, a sentinel or
   * a cluster; one without a `keyPrefix` of its own.
   */
  readonly client: RedisClient;
  /**
   * The native TTL of a session and all that belongs to it, in seconds: it
   * starts again with each write.
   *
   * @default {undefined} sessions stay until they are deleted
   */
  readonly ttlSeconds?: number;
  /**
   * Put before every key.
   *
   * @default {""}
   */
  readonly keyPrefix?: string;
  /**
   * Whether the keys of a session share one hash tag, and so one slot of a
   * Redis Cluster. All adapters on the same data need the same choice.
   *
   * @default {false} true for a cluster client, where it cannot be off
   */
  readonly hashTags?: boolean;
  /**
   * How long a call waits for Redis before it rejects, in milliseconds.
   *
   * @default {5000}
   */
  readonly timeoutMs?: number;
  /**
   * How often a call is sent again when the connection is lost, within
   * `timeoutMs` and after growing pauses; an update only where it can be told
   * whether it was carried out.
   *
   * @default {2}
   */
  readonly retries?: number;
  /**
   * Whether `getSession` and `getMessages` start the TTL again too.
   *
   * @default {false}
   */
  readonly refreshTtlOnRead?: boolean;
  /**
   * Keeps what was last read of histories, so many messages at most: reading a
   * history again fetches only what is new, after asking the server whether
   * the rest still stands. docs/caching.md says what it can be relied on for.
   *
   * @default {undefined} nothing is kept
   */
  readonly cache?: CacheOptions;
  /**
   * Whether `close` closes the client too.
   *
   * @default {true}
   */
  readonly closeClient?: boolean;
  /**
   * Put back into `compression.summarizer` of every session that is read; it
   * is never stored.
   *
   * @default {undefined} the property stays absent
   */
  readonly summarizer?: SummarizerService;
  /**
   * Classes to throw instead of this package's own, such as the toolkit's.
   *
   * @default {undefined} `StorageError` and `ConcurrencyError` of this package
   */
  readonly errors?: ErrorClasses;
  /**
   * Takes each corrupt record that a list or a history then leaves out. Such a
   * record keeps its place in offset and limit.
   *
   * @default {undefined} lists and histories throw
   */
  readonly onCorrupt?: (error: StorageError) => void;
}

/** The longest TTL: beyond it, milliseconds would not be exact. */
const MAX_TTL_SECONDS = 1e11;

/** The longest time that a timer can wait. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** More is no bound at all. */
const MAX_CACHED = Number.MAX_SAFE_INTEGER;

/** More would all lie within the longest pause. */
const MAX_RETRIES = 1000;

/** The options with their defaults. */
export interface ResolvedConfig {
  readonly client: RedisClient;
  readonly ttlMs: number;
  readonly keyPrefix: string;
  readonly keyLayout: KeyLayout;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly refreshTtlOnRead: boolean;
  readonly cache: CacheOptions | undefined;
  readonly closeClient: boolean;
  readonly summarizer: SummarizerService | undefined;
  readonly errors: ErrorClasses;
  readonly onCorrupt: ((error: StorageError) => void) | undefined;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} when an option has the wrong type
 * @throws {RangeError} when a number is out of its range
 */
export function resolveConfig(config: RedisAdapterConfig): ResolvedConfig {
  if (typeof config !== "object" || config === null) {
    throw new TypeError(
      `Cannot use the options: must be an object, got ${show(config)}`,
    );
  }
  const { summarizer, errors, onCorrupt } = config;
  checkClient(config.client);
  checkType(config, "keyPrefix", "string");
  if (config.keyPrefix?.isWellFormed() === false) {
    throw wrongType("keyPrefix", "a well-formed string", config.keyPrefix);
  }
  for (
    const name of ["hashTags", "refreshTtlOnRead", "closeClient"] as const
  ) checkType(config, name, "boolean");
  const { ttlSeconds, timeoutMs, retries, cache } = config;
  if (ttlSeconds !== undefined) {
    checkInteger("ttlSeconds", ttlSeconds, MAX_TTL_SECONDS);
  }
  if (timeoutMs !== undefined) {
    checkInteger("timeoutMs", timeoutMs, MAX_TIMEOUT_MS);
  }
  if (retries !== undefined) checkInteger("retries", retries, MAX_RETRIES, 0);
  checkType(config, "onCorrupt", "function");
  if (cache !== undefined) {
    if (typeof cache !== "object" || cache === null) {
      throw wrongType("cache", "an object with maxMessages", cache);
    }
    checkInteger("cache.maxMessages", cache.maxMessages, MAX_CACHED);
  }
  if (summarizer !== undefined && typeof summarizer?.summarize !== "function") {
    throw wrongType(
      "summarizer",
      "an object with a summarize method",
      summarizer,
      kindOf(summarizer),
    );
  }
  if (
    errors !== undefined &&
    !(isClass(errors?.StorageError) && isClass(errors?.ConcurrencyError))
  ) {
    throw wrongType(
      "errors",
      "an object with the classes StorageError and ConcurrencyError",
      errors,
    );
  }
  return {
    client: config.client,
    ttlMs: (config.ttlSeconds ?? 0) * 1000,
    keyPrefix: config.keyPrefix ?? "",
    keyLayout: checkLayout(config),
    timeoutMs: config.timeoutMs ?? 5000,
    retries: config.retries ?? 2,
    refreshTtlOnRead: config.refreshTtlOnRead ?? false,
    cache,
    closeClient: config.closeClient ?? true,
    summarizer,
    errors: errors ?? { StorageError, ConcurrencyError },
    onCorrupt,
  };
}

/** Whether `new` takes the value; nothing is constructed to find out. */
function isClass(value: unknown): boolean {
  try {
    Reflect.construct(Object, [], value as new () => unknown);
    return true;
  } catch {
    return false;
  }
}

function checkClient(client: RedisClient & RedisClientExtras): void {
  for (const method of ["evalSha", "eval", "sortRo", "hGetAll"] as const) {
    if (typeof client?.[method] !== "function") {
      throw wrongType("client", "a node-redis client", client, kindOf(client));
    }
  }
  const keyPrefix = client._keyPrefix ?? client.options?.keyPrefix;
  if (keyPrefix !== undefined && String(keyPrefix) !== "") {
    throw wrongType(
      "client",
      "a client without a keyPrefix: use the adapter's own keyPrefix instead",
      keyPrefix,
    );
  }
}

/** Returns how the keys lie, which on a cluster must leave each session in one slot. */
function checkLayout(
  { client, keyPrefix = "", hashTags }: RedisAdapterConfig,
): KeyLayout {
  const isCluster = (client as RedisClientExtras).masters !== undefined;
  if (isCluster && hashTags === false) {
    throw wrongType(
      "hashTags",
      "true, or left out, for a cluster client: a session has to lie in one slot",
      hashTags,
    );
  }
  if (!isCluster && hashTags !== true) return "plain";
  // Redis takes what is between the first "{" of a key and the next "}" for its tag.
  if (keyPrefix.includes("{")) {
    throw wrongType(
      "keyPrefix",
      'without "{" when hashTags is on: it would begin another hash tag',
      keyPrefix,
    );
  }
  return isCluster ? "cluster" : "tagged";
}

function checkType(
  config: RedisAdapterConfig,
  name: keyof RedisAdapterConfig,
  type: "string" | "boolean" | "function",
): void {
  const value: unknown = config[name];
  if (value !== undefined && typeof value !== type) {
    throw wrongType(name, `a ${type}`, value);
  }
}

function checkInteger(
  name: string,
  value: unknown,
  max: number,
  min: 0 | 1 = 1,
): void {
  const allowed = `a ${min === 0 ? "non-negative" : "positive"} integer`;
  if (typeof value !== "number") throw wrongType(name, allowed, value);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(
      `Cannot use option "${name}": must be ${allowed} up to ${max}, got ${value}`,
    );
  }
}

/** Shows what is no object; a text can be an URL with a password, or an API key. */
function kindOf(value: unknown): string {
  return typeof value === "string" ? "a string" : show(value);
}

function wrongType(
  name: string,
  allowed: string,
  value: unknown,
  got: string = show(value),
): TypeError {
  return new TypeError(
    `Cannot use option "${name}": must be ${allowed}, got ${got}`,
  );
}

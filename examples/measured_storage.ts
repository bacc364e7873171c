/**
 * Opens an adapter whose calls are measured: how long each takes, and how many
 * round trips it makes, counted where the adapter meets its client.
 *
 * @module
 */

import { createClient } from "redis";
import {
  RedisAdapter,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";

const CONNECT_TIMEOUT_MS = 4_000;
const TTL_SECONDS = 3600;

/** One call of a method. */
export interface Call {
  readonly method: string;
  readonly roundTrips: number;
  readonly durationMs: number;
}

/** Where the conversations are kept. */
export interface Place {
  readonly url: string;
  readonly keyPrefix: string;
}

type Client = ReturnType<typeof createClient>;

/** An adapter, the client that it uses, and the calls that were made so far. */
export interface MeasuredStorage {
  readonly client: Client;
  readonly storage: RedisAdapter;
  readonly calls: readonly Call[];
}

/**
 * Connects to Redis, and resolves when it answers.
 *
 * @throws {Error} when it does not answer in a few seconds, saying where and why
 */
export async function openStorage(place: Place): Promise<MeasuredStorage> {
  const client = await connect(place.url);
  let roundTrips = 0;
  const storage = new RedisAdapter({
    client: countCommands(client, () => roundTrips++),
    keyPrefix: place.keyPrefix,
    ttlSeconds: TTL_SECONDS,
  });
  const calls: Call[] = [];
  const measured = measureCalls(storage, async (method, call) => {
    const before = roundTrips;
    const start = performance.now();
    try {
      return await call();
    } finally {
      const durationMs = performance.now() - start;
      calls.push({ method, roundTrips: roundTrips - before, durationMs });
    }
  });
  return { client, storage: measured, calls };
}

/** Returns a server's address without the password that a URL can hold. */
export function addressOf(url: string): string {
  return new URL(url).host;
}

async function connect(url: string): Promise<Client> {
  // The client's own error would show the text, and a password in it.
  if (!/^rediss?:\/\/./.test(url) || !URL.canParse(url)) {
    throw new Error(
      "Cannot use REDIS_URL: must be like redis://localhost:6379",
    );
  }
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new Error("no answer")),
    CONNECT_TIMEOUT_MS,
  );
  let client: Client | undefined;
  try {
    client = createClient({
      url,
      // A demonstration ends when its server is gone; a service would go on trying.
      socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
    });
    // Without a listener the process would end; whoever waits for an answer is told.
    client.on("error", () => {});
    await Promise.race([client.connect(), timeout.promise]);
    return client;
  } catch (error) {
    if (client?.isOpen) client.destroy();
    const { message, code } = error as NodeJS.ErrnoException;
    throw new Error(
      `Cannot reach Redis at ${addressOf(url)}: ${message || code}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the client as the adapter needs it: each command is one round trip. */
function countCommands(client: Client, onCommand: () => void): RedisClient {
  const counted =
    <Args extends unknown[]>(command: (...args: Args) => Promise<unknown>) =>
    (...args: Args) => {
      onCommand();
      return command(...args);
    };
  const commands = {
    evalSha: counted((sha1, options) => client.evalSha(sha1, options)),
    eval: counted((script, options) => client.eval(script, options)),
    sortRo: counted((key, options) => client.sortRo(key, options)),
    hGetAll: counted((key) => client.hGetAll(key)),
    close: () => client.close(),
    destroy: () => client.destroy(),
  } satisfies RedisClient & Record<string, unknown>;
  return commands;
}

/** Returns an adapter whose methods go through `measure`; one call at a time. */
function measureCalls(
  storage: RedisAdapter,
  measure: <T>(method: string, call: () => Promise<T>) => Promise<T>,
): RedisAdapter {
  return new Proxy(storage, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) =>
        // Bound to the adapter itself: a proxy has no private fields.
        measure(String(name), () => method.apply(target, args));
    },
  });
}

/**
 * Starts, awaits and stops servers that belong together.
 *
 * @module
 */

import {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from "./redis_server.ts";
import { until } from "./until.ts";

const TIMEOUT_MS = 60_000;
const SHOWN_LOG_LINES = 40;

/**
 * Starts servers at the same time.
 *
 * @throws {Error} when one does not start; then the others are stopped
 */
export async function startRedisServers(
  options: readonly RedisServerOptions[],
): Promise<RedisServer[]> {
  const starts = await Promise.allSettled(options.map(startRedisServer));
  const servers = starts.flatMap((start) =>
    start.status === "fulfilled" ? [start.value] : []
  );
  const failure = starts.find((start) => start.status === "rejected");
  if (failure === undefined) return servers;
  await disposeOf(servers);
  throw failure.reason;
}

/** Stops servers at the same time and removes their data. */
export async function disposeOf(
  servers: readonly RedisServer[],
): Promise<void> {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
}

/**
 * Waits until servers are in the state that is wanted.
 *
 * @param servers whose logs are shown if they do not get there
 * @param problem returns what is amiss still, or undefined
 * @throws {Error} when something is amiss after a minute, saying what it is
 */
export async function waitUntilFine(
  servers: readonly RedisServer[],
  problem: () => Promise<string | undefined>,
): Promise<void> {
  let last: string | undefined;
  const isFine = async () => {
    last = await problem().catch(String);
    return last === undefined;
  };
  if (await until(isFine, TIMEOUT_MS)) return;
  const logs = servers.map((server) => {
    const lines = server.log().trimEnd().split("\n");
    return [`${server.url}:`, ...lines.slice(-SHOWN_LOG_LINES)].join("\n");
  });
  throw new Error(`Cannot wait any longer: ${last}\n${logs.join("\n")}`);
}

/**
 * Lends a Redis server to tests that do not need one of their own.
 *
 * @module
 */

import process from "node:process";
import { type RedisServer, startRedisServer } from "./redis_server.ts";

let server: Promise<RedisServer> | undefined;

/**
 * Returns the URL of a running server: the one in REDIS_URL, else one that is
 * started at the first call and ends with the process. It can hold what others
 * wrote: use a key prefix of your own, and no FLUSHALL.
 */
export async function sharedRedisUrl(): Promise<string> {
  const { REDIS_URL } = process.env;
  if (REDIS_URL) return REDIS_URL;
  server ??= startRedisServer();
  return (await server).url;
}

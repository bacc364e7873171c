/**
 * Lends a deployment with sentinels to tests that do not need one of their own.
 *
 * @module
 */

import { type RedisSentinel, startRedisSentinel } from "./redis_sentinel.ts";

let deployment: Promise<RedisSentinel> | undefined;

/**
 * Returns a running deployment, which is started at the first call. Use a key
 * prefix of your own, and stop no server. Each file of tests has its own, as
 * with `sharedRedisCluster()`.
 */
export function sharedRedisSentinel(): Promise<RedisSentinel> {
  return deployment ??= startRedisSentinel();
}

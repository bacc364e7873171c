/**
 * Lends a cluster to tests that do not need one of their own.
 *
 * @module
 */

import { type RedisCluster, startRedisCluster } from "./redis_cluster.ts";

let cluster: Promise<RedisCluster> | undefined;

/**
 * Returns a running cluster, which is started at the first call. It can hold
 * what others wrote: use a key prefix of your own, kill no node, and leave every
 * slot closed.
 *
 * Each file of tests has its own, which ends with it: Deno loads modules anew
 * for each, and so do the bundles for Node and Bun.
 */
export function sharedRedisCluster(): Promise<RedisCluster> {
  return cluster ??= startRedisCluster();
}

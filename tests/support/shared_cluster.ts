/**
 * Lends a cluster to tests that do not need one of their own.
 *
 * @module
 */

import { type RedisCluster, startRedisCluster } from "./redis_cluster.ts";

let cluster: Promise<RedisCluster> | undefined;

/**
 * Returns a running cluster, which is started at the first call and ends with
 * the process. It can hold what others wrote: use a key prefix of your own, kill
 * no node, and leave every slot closed.
 *
 * Each file of tests has its own: Deno loads modules anew for each, and so do
 * the bundles for Node and Bun. On Deno all run until the last file is done.
 */
export function sharedRedisCluster(): Promise<RedisCluster> {
  return cluster ??= startRedisCluster();
}

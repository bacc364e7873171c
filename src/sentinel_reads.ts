/**
 * Reads from the primary through a sentinel client, whatever its options.
 *
 * @module
 */

import type {
  RedisClient,
  RedisClientExtras,
  RedisSentinelExtras,
  RedisSortOptions,
} from "./redis_client.ts";
import { fieldsOf } from "./store.ts";

/** Runs commands that only read. */
export type ReadRunner =
  & Pick<RedisClient, "sortRo" | "hGetAll">
  & Pick<RedisClientExtras, "ping">;

/**
 * Returns what reads: the client itself, but not a sentinel client. One that
 * was made with a `replicaPoolSize` sends reads to replicas, which may not know
 * the last writes, and fails where there is no replica. A command that it is
 * not told to be a read goes to the primary, at the same cost.
 */
export function readRunner(
  client: RedisClient & RedisSentinelExtras,
): ReadRunner {
  if (client.getMasterNode === undefined) return client;
  // Version 5 forgets the client's own type mapping here.
  const send = (...args: string[]) =>
    client.sendCommand!(false, args, { typeMapping: {} });
  return {
    sortRo: (key, options = {}) =>
      send("SORT_RO", key, ...sortArguments(options)),
    ping: () => send("PING"),
    hGetAll: async (key) => {
      const reply = await send("HGETALL", key);
      // A flat list over RESP 2, an object over RESP 3.
      return Array.isArray(reply) ? fieldsOf(reply) : reply;
    },
  };
}

function sortArguments(
  { BY, LIMIT, GET = [], DIRECTION }: RedisSortOptions,
): string[] {
  return [
    ...(BY === undefined ? [] : ["BY", BY]),
    ...(LIMIT === undefined
      ? []
      : ["LIMIT", String(LIMIT.offset), String(LIMIT.count)]),
    ...GET.flatMap((pattern) => ["GET", pattern]),
    ...(DIRECTION === undefined ? [] : [DIRECTION]),
  ];
}

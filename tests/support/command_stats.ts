/**
 * Counts the commands that a server carries out, those of scripts too.
 *
 * @module
 */

import type { TestClient } from "./test_bed.ts";

/** The commands that the counting itself takes; before Redis 7.0 without a `|`. */
const OWN_COMMANDS = ["config", "config|resetstat", "info"];

/**
 * Returns how often a server of one's own carried out each command during an
 * action, by INFO commandstats: the names are in lower case.
 */
export async function countCommands(
  redis: TestClient,
  action: () => Promise<unknown>,
): Promise<Record<string, number>> {
  await redis.configResetStat();
  await action();
  const counts: Record<string, number> = {};
  // A line reads `cmdstat_zadd:calls=2,usec=9,usec_per_call=4.50,...`.
  const lines = (await redis.info("commandstats")).matchAll(
    /^cmdstat_([^:]+):calls=(\d+)/gm,
  );
  for (const [, name, calls] of lines) {
    if (!OWN_COMMANDS.includes(name!)) counts[name!] = Number(calls);
  }
  return counts;
}

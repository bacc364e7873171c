/**
 * What differs between the servers that the adapter supports.
 *
 * @module
 */

import type { TestClient } from "./test_bed.ts";

/** Tells whether the server has SORT_RO: Redis since 7.0, and Valkey. */
export async function hasSortRo(redis: TestClient): Promise<boolean> {
  const reply = await redis.sendCommand(["COMMAND", "INFO", "SORT_RO"]);
  return Array.isArray(reply) && reply[0] != null;
}

/**
 * Waits for what happens elsewhere, without guessing how long it takes.
 *
 * @module
 */

import { setTimeout as delay } from "node:timers/promises";

const INTERVAL_MS = 10;

/**
 * Polls a condition, and resolves to whether it came true in time.
 *
 * @param condition what is waited for
 * @param timeoutMs how long, in milliseconds
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!await condition()) {
    if (performance.now() > deadline) return false;
    await delay(INTERVAL_MS);
  }
  return true;
}

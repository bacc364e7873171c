/**
 * Tells whether a process runs.
 *
 * @module
 */

import process from "node:process";

/** Tells whether there is a process with an id. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

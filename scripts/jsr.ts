/**
 * Tells what of the JSR registry is at hand.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const TIMEOUT_MS = 15_000;

/** Tells whether the modules are cached or can be fetched. */
export async function canFetch(...specifiers: string[]): Promise<boolean> {
  // Without deno.json, or all of its imports would be fetched, too.
  const options = ["cache", "--quiet", "--no-config", "--no-lock"];
  try {
    await run(Deno.execPath(), [...options, ...specifiers], {
      timeout: TIMEOUT_MS,
    });
    return true;
  } catch {
    return false;
  }
}

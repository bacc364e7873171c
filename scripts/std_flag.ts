/**
 * Prints the flags that `deno test` needs on this machine.
 *
 * Where the JSR registry cannot be reached, `@std/assert` and `@std/testing`
 * come from stand-ins in tests/support/, by way of import_map.offline.json.
 * With TEST_REPORT_DIR set, a JUnit report goes there.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import config from "../deno.json" with { type: "json" };
import { canFetch } from "./jsr.ts";

/** The import map that replaces what only the JSR registry has. */
export const OFFLINE_IMPORT_MAP = "import_map.offline.json";

/** Returns the flags with which modules that import the tests' libraries load. */
export async function stdFlags(): Promise<string[]> {
  const assert = config.imports["@std/assert"];
  const testing = config.imports["@std/testing"];
  if (await canFetch(assert, `${testing}/bdd`)) return [];
  return ["--import-map", OFFLINE_IMPORT_MAP];
}

if (import.meta.main) {
  const flags = await stdFlags();
  if (flags.includes(OFFLINE_IMPORT_MAP)) {
    console.error(`JSR cannot be reached, using ${OFFLINE_IMPORT_MAP}`);
  }
  const reports = process.env["TEST_REPORT_DIR"];
  if (reports !== undefined) {
    flags.push("--junit-path", join(reports, "deno.xml"));
  }
  console.log(flags.join(" "));
}

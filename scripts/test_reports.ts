/**
 * Sums the JUnit reports that the test runners of Deno, Node and Bun write:
 * `deno run -A scripts/test_reports.ts FOLDER` ends with a line such as
 * "12 passed, 0 failed", and fails if a test or a whole report is missing.
 *
 * @module
 */

import { XMLParser } from "fast-xml-parser";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** The runtimes that the tests run on; each writes `{runtime}.xml`. */
export const RUNTIMES = ["deno", "node", "bun"] as const;

/** One of the runtimes. */
export type Runtime = typeof RUNTIMES[number];

/** How many tests passed and failed; those skipped do not count. */
export interface Counts {
  /** Tests that passed. */
  readonly passed: number;
  /** Tests that failed. */
  readonly failed: number;
}

interface Suite {
  readonly testsuite?: readonly Suite[];
  readonly testcase?: readonly Case[];
}

interface Case {
  readonly "@name": string;
  readonly failure?: unknown;
  readonly error?: unknown;
  readonly skipped?: unknown;
}

/** Stands between the names of a test and its step, escaped as in the report. */
const STEP = " &gt; ";

const parser = new XMLParser({
  attributeNamePrefix: "@",
  ignoreAttributes: false,
  isArray: (name) => name === "testsuite" || name === "testcase",
  processEntities: false,
});

/** Returns the counts of one report; of none, if there is no such file. */
export function readReport(folder: string, runtime: Runtime): Counts {
  const file = join(folder, `${runtime}.xml`);
  if (!existsSync(file)) return { passed: 0, failed: 0 };
  const { testsuites } = parser.parse(readFileSync(file, "utf8"));
  return count(testCases(testsuites));
}

/** Says in a line how many tests passed and failed. */
export function describeCounts({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`;
}

/**
 * Prints the counts of each runtime, then their sum.
 *
 * @returns whether there were tests on all runtimes and none failed
 */
export function printReports(folder: string): boolean {
  const all = RUNTIMES.map((runtime) => ({
    runtime,
    ...readReport(folder, runtime),
  }));
  for (const one of all) console.log(`${one.runtime}: ${describeCounts(one)}`);
  console.log(describeCounts({
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  }));
  return all.every(({ passed, failed }) => passed > 0 && failed === 0);
}

function testCases(suite: Suite | undefined): Case[] {
  const inner = (suite?.testsuite ?? []).flatMap(testCases);
  return [...suite?.testcase ?? [], ...inner];
}

/**
 * Counts tests without those that only group steps. A group counts as failed
 * if it failed by itself, as in a hook, and none of its steps did.
 */
function count(cases: readonly Case[]): Counts {
  const failedNames = cases.filter(hasFailed).map((one) => one["@name"]);
  const names = cases.map((one) => one["@name"]);
  const hasSteps = (of: string[], name: string) =>
    of.some((other) => other.startsWith(name + STEP));
  const ran = cases.filter((one) => one.skipped === undefined);
  const failed = ran.filter((one) =>
    hasFailed(one) && !hasSteps(failedNames, one["@name"])
  );
  const passed = ran.filter((one) =>
    !hasFailed(one) && !hasSteps(names, one["@name"])
  );
  return { passed: passed.length, failed: failed.length };
}

function hasFailed(one: Case): boolean {
  return one.failure !== undefined || one.error !== undefined;
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new TypeError("Expected a folder of reports");
  if (!printReports(folder)) process.exitCode = 1;
}

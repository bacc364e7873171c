/**
 * Runs the tests on Node and Bun, or on the one that is named, against the npm
 * package as users install it: `deno task test:runtimes [node] [bun]`. Both run
 * side by side: much of their time they wait, and no file of tests shares a
 * server with another, unless REDIS_URL names one for all. Lines of output
 * begin with the name of the runtime that they are from.
 *
 * The package is built, packed and installed into a scratch folder, unless
 * --tarball names one. Beside it go tests/*_test.ts, bundled with what they
 * import from tests/support/ but not with the package, and tests/package/.
 * What is in tests/deno/ is about the repository: only Deno runs it. With
 * TEST_REPORT_DIR set, JUnit reports go there.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { findRedisPrograms } from "../tests/support/redis_programs.ts";
import { buildNpm, TARBALL } from "./build_npm.ts";
import {
  bundle,
  type ImportName,
  installPackages,
  type NodeOrBun,
  pathOf,
  ROOT,
  RUNTIMES,
} from "./scratch_package.ts";
import { describeCounts, readReport } from "./test_reports.ts";

const TESTS = join(ROOT, "tests");
const TIMEOUT_MS = 20 * 60_000;

/** What the tests import beside the package. */
const IMPORTS: readonly ImportName[] = [
  "redis",
  "redis4",
  "redis5",
  "fast-check",
];

/** Writes the tests into the scratch folder. */
async function bundleTests(scratch: string): Promise<void> {
  await bundle(scratch, await testsIn(TESTS, "_test.ts"));
  const folder = join(TESTS, "package");
  for (const name of await readdir(folder)) {
    await copyFile(join(folder, name), join(scratch, name));
  }
}

async function testsIn(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

/** What runs all tests on a runtime, and writes a report. */
interface Run {
  readonly runtime: NodeOrBun;
  readonly command: readonly string[];
}

/** Gets the runtime, and removes an older report. */
async function prepare(
  runtime: NodeOrBun,
  scratch: string,
  reports: string,
): Promise<Run> {
  const report = join(reports, `${runtime}.xml`);
  await rm(report, { force: true });
  return { runtime, command: await testCommand(runtime, scratch, report) };
}

async function testCommand(
  runtime: NodeOrBun,
  scratch: string,
  report: string,
): Promise<string[]> {
  if (runtime === "node") {
    return [
      ...[await pathOf("node"), "--enable-source-maps", "--test"],
      // By itself it leaves one processor idle when Bun is done.
      `--test-concurrency=${availableParallelism()}`,
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
      ...await testsIn(scratch, "_test.js"),
      ...await testsIn(scratch, "_test.cjs"),
    ];
  }
  return [
    await pathOf("bun"),
    ...["test", "--timeout=60000", "--reporter=junit"],
    ...[`--reporter-outfile=${report}`, `${scratch}/`],
  ];
}

/** Prints lines as they come, each behind the name of where it is from. */
async function printLines(name: string, stream: Readable): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    console.log(`${name}: ${line}`);
  }
}

/** Runs the tests and tells whether there were some and all passed. */
async function test(
  { runtime, command: [file, ...args] }: Run,
  reports: string,
): Promise<boolean> {
  // From the project's folder: its cache has the Redis server.
  const child = spawn(file!, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timer = setTimeout(() => child.kill("SIGTERM"), TIMEOUT_MS);
  const [[code]] = await Promise.all([
    once(child, "exit"),
    printLines(runtime, child.stdout),
    printLines(runtime, child.stderr),
  ]);
  clearTimeout(timer);
  const counts = readReport(reports, runtime);
  console.log(`${runtime}: ${describeCounts(counts)}`);
  return code === 0 && counts.passed > 0 && counts.failed === 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tarball: { type: "string" } },
});
const scratch = await mkdtemp(join(tmpdir(), "test-runtimes-"));
try {
  if (values.tarball === undefined) await buildNpm();
  await installPackages(scratch, values.tarball ?? TARBALL, IMPORTS);
  await bundleTests(scratch);
  await findRedisPrograms();
  const reports = process.env["TEST_REPORT_DIR"] ?? scratch;
  const runs: Run[] = [];
  for (const runtime of RUNTIMES) {
    if (positionals.length > 0 && !positionals.includes(runtime)) continue;
    runs.push(await prepare(runtime, scratch, reports));
  }
  const results = await Promise.all(runs.map((each) => test(each, reports)));
  if (results.includes(false)) process.exitCode = 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/**
 * Runs the tests on Node and Bun, or on the one that is named, against the npm
 * package as users install it: `deno task test:runtimes [node] [bun]`.
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
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
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

/** Returns the command that runs all tests of the folder and writes a report. */
async function testCommand(
  runtime: NodeOrBun,
  scratch: string,
  report: string,
): Promise<string[]> {
  if (runtime === "node") {
    return [
      ...[await pathOf("node"), "--enable-source-maps", "--test"],
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

/** Runs the tests and tells whether there were some and all passed. */
async function test(
  runtime: NodeOrBun,
  scratch: string,
  reports: string,
): Promise<boolean> {
  const report = join(reports, `${runtime}.xml`);
  await rm(report, { force: true });
  const [file, ...args] = await testCommand(runtime, scratch, report);
  // From the project's folder: its cache has the Redis server.
  const child = spawn(file!, args, { cwd: ROOT, stdio: "inherit" });
  const timer = setTimeout(() => child.kill("SIGTERM"), TIMEOUT_MS);
  const [code] = await once(child, "exit");
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
  for (const runtime of RUNTIMES) {
    if (positionals.length > 0 && !positionals.includes(runtime)) continue;
    const reports = process.env["TEST_REPORT_DIR"] ?? scratch;
    if (!await test(runtime, scratch, reports)) process.exitCode = 1;
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

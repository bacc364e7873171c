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

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import config from "../deno.json" with { type: "json" };
import offline from "../import_map.offline.json" with { type: "json" };
import { findRedisPrograms } from "../tests/support/redis_programs.ts";
import { buildNpm, TARBALL } from "./build_npm.ts";
import { describeCounts, readReport } from "./test_reports.ts";

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TESTS = join(ROOT, "tests");
const TIMEOUT_MS = 20 * 60_000;
const ESBUILD = "esbuild@0.28.2";
const BUN = "bun@1.4.5";
/** The oldest Node that the package supports. */
const BUNDLE_TARGET = "node20";

type NodeOrBun = "node" | "bun";

/** Installs the package and what the tests import beside it. */
async function install(scratch: string, tarball: string): Promise<void> {
  const { redis, redis4, redis5, "fast-check": fastCheck } = config.imports;
  const manifest = JSON.stringify({ private: true, type: "module" });
  await writeFile(join(scratch, "package.json"), manifest);
  await run("npm", [
    ...["install", "--no-audit", "--no-fund", tarball],
    ...[redis, fastCheck].map((source) => source.replace("npm:", "")),
    ...[`redis4@${redis4}`, `redis5@${redis5}`],
  ], { cwd: scratch });
}

/** Writes the tests into the scratch folder as JavaScript that Node 20 runs. */
async function bundleTests(scratch: string): Promise<void> {
  const standIns = Object.entries(offline.imports)
    .filter(([, path]) => path.startsWith("./tests/"))
    .map(([name, path]) => `--alias:${name}=${path}`);
  await run("npx", [
    ...["--yes", `--package=${ESBUILD}`, "--", "esbuild"],
    ...await testsIn(TESTS, "_test.ts"),
    ...["--bundle", "--format=esm", "--platform=node", "--packages=external"],
    ...[`--target=${BUNDLE_TARGET}`, "--sourcemap=inline", ...standIns],
    ...["--log-level=warning", `--outdir=${scratch}`],
  ], { cwd: ROOT });
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
      ...["node", "--enable-source-maps", "--test"],
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
      ...await testsIn(scratch, "_test.js"),
      ...await testsIn(scratch, "_test.cjs"),
    ];
  }
  return [
    await bunPath(),
    ...["test", "--timeout=60000", "--reporter=junit"],
    ...[`--reporter-outfile=${report}`, `${scratch}/`],
  ];
}

/** Returns the path of Bun: of the installed one, else of one that npx fetches. */
async function bunPath(): Promise<string> {
  const print = ["--eval", "console.log(process.execPath)"];
  const { stdout } = await run("bun", print).catch(() =>
    run("npx", ["--yes", `--package=${BUN}`, "--", "bun", ...print])
  );
  return stdout.trim();
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
  await install(scratch, values.tarball ?? TARBALL);
  await bundleTests(scratch);
  await findRedisPrograms();
  for (const runtime of ["node", "bun"] as const) {
    if (positionals.length > 0 && !positionals.includes(runtime)) continue;
    const reports = process.env["TEST_REPORT_DIR"] ?? scratch;
    if (!await test(runtime, scratch, reports)) process.exitCode = 1;
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

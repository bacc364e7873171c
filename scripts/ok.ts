/**
 * Runs every check that a change has to pass, one line each, and ends with how
 * many tests passed and failed on Deno, Node and Bun together. What a failing
 * check printed is shown whole.
 *
 * --skip-tests leaves out the tests on Deno, and so the sum: for a caller that
 * ran them before, with the same TEST_REPORT_DIR.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import config from "../deno.json" with { type: "json" };
import { TARBALL } from "./build_npm.ts";
import { stdFlags } from "./std_flag.ts";
import { printReports } from "./test_reports.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STEP_TIMEOUT_MS = 15 * 60_000;
const PROGRESS_INTERVAL_MS = 5_000;
const PUBLINT = "publint@0.3.25";
const ATTW = "@arethetypeswrong/cli@0.18.5";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

function deno(name: string, ...args: string[]): Step {
  return { name, command: [Deno.execPath(), ...args] };
}

function npx(name: string, source: string, ...args: string[]): Step {
  const command = ["npx", "--yes", `--package=${source}`, "--", name, ...args];
  return { name, command };
}

async function listSteps(skipTests: boolean): Promise<Step[]> {
  const script = ["run", "--allow-all"];
  return [
    deno("formatting", "fmt", "--check"),
    deno("lint", "lint"),
    deno("types", "check", "--quiet", ...await stdFlags()),
    deno("documentation", "doc", "--lint", ...Object.values(config.exports)),
    // Their types are checked above, with all others.
    ...skipTests ? [] : [deno("tests on Deno", "task", "test", "--no-check")],
    deno("JSR package", "publish", "--dry-run", "--allow-dirty"),
    deno("npm package", ...script, "scripts/build_npm.ts"),
    deno("agreement", ...script, "scripts/agreement.ts"),
    npx("publint", PUBLINT, "--strict", TARBALL),
    npx("attw", ATTW, "--profile", "esm-only", TARBALL),
    deno(
      "tests on Node and Bun",
      ...[...script, "scripts/test_runtimes.ts", "--tarball", TARBALL],
    ),
  ];
}

/** Runs a step, prints its line, and tells whether it succeeded. */
async function runStep({ name, command }: Step): Promise<boolean> {
  const [file, ...args] = command;
  const start = performance.now();
  process.stdout.write(`${name} `);
  const progress = setInterval(
    () => process.stdout.write("."),
    PROGRESS_INTERVAL_MS,
  );
  const child = spawn(file!, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timeout = setTimeout(() => child.kill("SIGTERM"), STEP_TIMEOUT_MS);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => output += text);
  child.stderr.setEncoding("utf8").on("data", (text) => output += text);
  const [code] = await once(child, "close");
  clearTimeout(timeout);
  clearInterval(progress);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const result = code === 0 ? "ok" : "FAILED";
  console.log(`${result} (${seconds} s)`);
  if (code !== 0) console.log(output);
  return code === 0;
}

const { values } = parseArgs({
  options: { "skip-tests": { type: "boolean" } },
});
const skipTests = values["skip-tests"] ?? false;
const given = process.env["TEST_REPORT_DIR"];
const reports = given ?? await mkdtemp(join(tmpdir(), "test-reports-"));
process.env["TEST_REPORT_DIR"] = reports;

const failed: string[] = [];
for (const step of await listSteps(skipTests)) {
  if (!await runStep(step)) failed.push(step.name);
}
if (failed.length > 0) {
  console.log(`Failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
if (!skipTests && !printReports(reports)) process.exitCode = 1;
if (given === undefined) await rm(reports, { recursive: true });

/**
 * Seeds defects into the sources, one at a time, and sees whether the tests
 * catch them: `deno task test:mutants [--quick] [part of a name or path ...]`.
 *
 * --quick takes one defect of each file. The sources stay as they are: the
 * tests run in copies, first without a defect. One counts as caught when a test
 * fails, or when the tests have not ended after TIMEOUT_MS, which is said.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cp,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findRedisPrograms } from "../tests/support/redis_programs.ts";
import { MUTATED_FILES } from "./mutants/all.ts";
import { type Mutant, mutate } from "./mutants/mutant.ts";
import { stdFlags } from "./std_flag.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LANES = 2;
const TIMEOUT_MS = 300_000;
/** Which suite to run of a file that has the same one several times. */
const SUITES: Readonly<Record<string, string>> = {
  redis_conformance: "RedisAdapter",
  cluster_conformance: "RedisAdapter on a cluster",
};
/** What the copies do without. */
const LEFT_OUT = [".git", ".cache", "npm", "node_modules"];
/** How TAP tells of a test that failed, and why. */
const FAILED_TEST = /^ *not ok .*\n +---\n[^]*?^ +\.\.\.$/m;
/** What a defect says that is no program: it would be caught whatever the tests are. */
const NO_PROGRAM =
  /Error compiling script|nonexistent global variable|source code could not be parsed|does not provide an export/;

/** A defect that is to be tried. */
interface Trial {
  readonly file: string;
  readonly mutant: Mutant;
  readonly tests: readonly string[];
}

/** What the tests said of a defect; one that is no program says nothing of them. */
type Verdict =
  | "caught"
  | "caught by the time limit"
  | "SURVIVED"
  | "NO PROGRAM";

/** How the tests went. */
interface Outcome {
  readonly result: "passed" | "failed" | "timed out";
  readonly output: string;
}

function choose(quick: boolean, parts: readonly string[]): Trial[] {
  const trials = MUTATED_FILES.flatMap(({ file, tests, mutants }) =>
    (quick ? mutants.slice(0, 1) : mutants).map((mutant) => ({
      file,
      mutant,
      tests: mutant.tests ?? tests,
    }))
  );
  if (parts.length === 0) return trials;
  return trials.filter(({ file, mutant: { name } }) =>
    parts.some((part) => file.includes(part) || name.includes(part))
  );
}

/** Copies the project, with the cache that has the Redis server. */
async function copyProject(folder: string): Promise<void> {
  await cp(ROOT, folder, {
    recursive: true,
    filter: (path) => !LEFT_OUT.includes(relative(ROOT, path)),
  });
  await symlink(join(ROOT, ".cache"), join(folder, ".cache"));
}

/** Runs files of tests in a copy of the project, until the first one that fails. */
async function test(
  folder: string,
  tests: readonly string[],
  flags: readonly string[],
): Promise<Outcome> {
  for (const name of tests) {
    const outcome = await testFile(folder, name, flags);
    if (outcome.result !== "passed") return outcome;
  }
  return { result: "passed", output: "" };
}

async function testFile(
  folder: string,
  name: string,
  flags: readonly string[],
): Promise<Outcome> {
  // A defect must not reach a server of somebody else's.
  const { REDIS_URL: _, ...env } = process.env;
  const suite = SUITES[name];
  const child = spawn(Deno.execPath(), [
    ...["test", "--allow-all", "--quiet", "--no-check", "--reporter=tap"],
    ...(suite === undefined ? [] : ["--filter", `/^${suite}$/`]),
    ...[...flags, `tests/${name}_test.ts`],
  ], {
    cwd: folder,
    env: { ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const take = (text: string) => {
    output += text;
    // The servers that it started end with it.
    if (FAILED_TEST.test(output)) child.kill("SIGKILL");
  };
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, TIMEOUT_MS);
  const [code] = await once(child, "close");
  clearTimeout(timer);
  if (code === 0) return { result: "passed", output };
  return { result: isLate ? "timed out" : "failed", output };
}

/** Tries a defect; returns how the tests went with it. */
async function attempt(
  folder: string,
  { file, mutant, tests }: Trial,
  flags: readonly string[],
): Promise<Verdict> {
  const path = join(folder, file);
  const source = await readFile(path, "utf8");
  await writeFile(path, mutate(source, mutant));
  try {
    const { result, output } = await test(folder, tests, flags);
    if (result === "passed") return "SURVIVED";
    if (NO_PROGRAM.test(output)) return "NO PROGRAM";
    if (result === "timed out") return "caught by the time limit";
    return FAILED_TEST.test(output) ? "caught" : "NO PROGRAM";
  } finally {
    await writeFile(path, source);
  }
}

/** Does the work in all lanes, each with a copy of its own. */
async function inLanes<T>(
  folders: readonly string[],
  work: readonly T[],
  act: (folder: string, item: T) => Promise<void>,
): Promise<void> {
  const left = [...work];
  await Promise.all(folders.map(async (folder) => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await act(folder, item);
    }
  }));
}

/** Runs the trials; returns whether all defects were caught. */
async function run(scratch: string, trials: Trial[]): Promise<boolean> {
  const flags = await stdFlags();
  await findRedisPrograms();
  const folders = Array.from(
    { length: LANES },
    (_, lane) => join(scratch, String(lane)),
  );
  for (const folder of folders) await copyProject(folder);

  const needed = [...new Set(trials.flatMap(({ tests }) => tests))];
  console.log(`${needed.length} files of tests, without a defect`);
  await inLanes(folders, needed, async (folder, name) => {
    const { result, output } = await test(folder, [name], flags);
    if (result === "passed") return;
    throw new Error(`${name} ${result} without a defect\n${output}`);
  });

  const counts = new Map<Verdict, number>();
  const missed: string[] = [];
  let done = 0;
  await inLanes(folders, trials, async (folder, trial) => {
    const start = performance.now();
    const verdict = await attempt(folder, trial, flags);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const what = `${trial.file}: ${trial.mutant.name}`;
    if (!verdict.startsWith("caught")) missed.push(`${verdict} ${what}`);
    console.log(
      `${++done}/${trials.length} ${verdict} (${seconds} s) ${what}`,
    );
  });
  for (const each of missed) console.log(each);
  const late = counts.get("caught by the time limit") ?? 0;
  const broken = counts.get("NO PROGRAM") ?? 0;
  const caught = (counts.get("caught") ?? 0) + late;
  console.log(
    `${trials.length} mutants: ${caught} caught` +
      (late > 0 ? ` (${late} by the time limit)` : "") +
      `, ${counts.get("SURVIVED") ?? 0} survived` +
      (broken > 0 ? `, ${broken} no program` : ""),
  );
  return missed.length === 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean" } },
});
const trials = choose(values.quick ?? false, positionals);
if (trials.length === 0) throw new Error("No mutant has such a name or path");
// A stale one fails at once, not after minutes.
for (const { file, mutant } of trials) {
  mutate(await readFile(join(ROOT, file), "utf8"), mutant);
}
const scratch = await mkdtemp(join(tmpdir(), "mutants-"));
try {
  if (!await run(scratch, trials)) process.exitCode = 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}

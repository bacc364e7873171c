/**
 * Makes docs/performance.md: measures on loopback, over a link with a delay, on
 * Node and on Bun, and as sessions grow in number, each in a process of its own;
 * then puts the tables into the page and draws docs/charts/.
 *
 * Options: `--rounds N`, `--delay-rounds N`, `--runtime-rounds N`,
 * `--scale-rounds N`; `--only RUN`, as often as needed, of loopback, delay, node,
 * bun and scale; `--keep`, which measures nothing, and makes the page from the
 * figures of the runs before.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { drawCharts } from "./charts/all.ts";
import { insertTables } from "./output.ts";
import { toMarkdown } from "./report.ts";
import type { Results } from "./results.ts";
import { toRuntimeMarkdown } from "./runtime_report.ts";
import { type ScaleResults, toScaleMarkdown } from "./scale_report.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = join(ROOT, "docs", "performance.md");
const CHARTS = join(ROOT, "docs", "charts");
/** Where the figures stay. */
const FIGURES = join(ROOT, ".cache", "bench");

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "60" },
    "delay-rounds": { type: "string", default: "10" },
    "runtime-rounds": { type: "string", default: "20" },
    "scale-rounds": { type: "string", default: "30" },
    only: { type: "string", multiple: true },
    keep: { type: "boolean", default: false },
  },
});

const BENCH = join("bench", "bench.ts");
const RUNTIMES = join("scripts", "bench_runtimes.ts");

/** What each run is started with. */
const RUNS = {
  loopback: [BENCH, "--rounds", values.rounds],
  delay: [BENCH, "--delay-ms", "1", "--rounds", values["delay-rounds"]],
  node: [RUNTIMES, "node", "--rounds", values["runtime-rounds"]],
  bun: [RUNTIMES, "bun", "--rounds", values["runtime-rounds"]],
  scale: [
    ...[join("bench", "scale.ts"), "--scan-rounds", "1", "--rounds"],
    values["scale-rounds"],
  ],
} as const;
type RunName = keyof typeof RUNS;

const wanted = (values.only ?? Object.keys(RUNS)).map((name) => {
  if (name in RUNS) return name as RunName;
  throw new RangeError(
    `Cannot use --only ${name}: must be one of ${Object.keys(RUNS).join(", ")}`,
  );
});
await mkdir(FIGURES, { recursive: true });
await mkdir(CHARTS, { recursive: true });
if (!values.keep) { for (const name of wanted) await measure(name); }

const loopback = await figuresOf<Results>("loopback");
const delay = await figuresOf<Results>("delay");
const node = await figuresOf<Results>("node");
const bun = await figuresOf<Results>("bun");
const scale = await figuresOf<ScaleResults>("scale");
if (loopback) await insertTables(PAGE, "bench", toMarkdown(loopback));
if (delay) await insertTables(PAGE, "bench with a delay", toMarkdown(delay));
if (loopback && node && bun) {
  const text = toRuntimeMarkdown([loopback, node, bun]);
  await insertTables(PAGE, "bench on runtimes", text);
}
if (scale) await insertTables(PAGE, "scale", toScaleMarkdown(scale));
for (const [name, svg] of drawCharts({ loopback, delay, scale })) {
  await writeFile(join(CHARTS, name), svg);
}
await run([process.execPath, "fmt", "--quiet", PAGE]);

async function measure(name: RunName): Promise<void> {
  const [file, ...args] = RUNS[name];
  console.error(`\n${name}: ${args.join(" ")}`);
  await run([
    ...[process.execPath, "run", "-A", join(ROOT, file), ...args],
    ...["--json", fileOf(name)],
  ]);
}

/** Runs a command; what it prints is in the page later. */
async function run([file, ...args]: string[]): Promise<void> {
  const stdio: ("ignore" | "inherit")[] = ["ignore", "ignore", "inherit"];
  const child = spawn(file!, args, { cwd: ROOT, stdio });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`Cannot go on: ${args[0]} failed`);
}

/** Returns what a run has written, undefined where it is not wanted. */
async function figuresOf<T>(name: RunName): Promise<T | undefined> {
  if (!wanted.includes(name)) return undefined;
  return JSON.parse(await readFile(fileOf(name), "utf8"));
}

function fileOf(name: RunName): string {
  return join(FIGURES, `${name}.json`);
}

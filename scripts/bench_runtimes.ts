/**
 * Runs the benchmark on Node and Bun, or on the ones that are named first,
 * against the npm package as users install it:
 * `deno task bench:runtimes [node] [bun] [options of bench/bench.ts]`.
 *
 * `--json FILE` and the like would be written by both: name one runtime then.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
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

/** What the benchmark imports beside the package. */
const CONTENDERS: readonly ImportName[] = [
  "redis",
  "redis4",
  "redis5",
  "@langchain/core",
  "@langchain/redis",
  "@chat-adapter/state-redis",
];

/** Runs the benchmark, and tells whether it succeeded. */
async function bench(
  runtime: NodeOrBun,
  scratch: string,
  options: readonly string[],
): Promise<boolean> {
  const args = [join(scratch, "bench.js"), ...options];
  // From the project's folder: its cache has the Redis server.
  const child = spawn(await pathOf(runtime), args, {
    cwd: ROOT,
    stdio: "inherit",
  });
  const [code] = await once(child, "exit");
  return code === 0;
}

const named: NodeOrBun[] = [];
const options = process.argv.slice(2);
while (RUNTIMES.some((runtime) => runtime === options[0])) {
  named.push(options.shift() as NodeOrBun);
}
const scratch = await mkdtemp(join(tmpdir(), "bench-runtimes-"));
try {
  await buildNpm();
  await installPackages(scratch, TARBALL, CONTENDERS);
  await bundle(scratch, [join(ROOT, "bench", "bench.ts")]);
  await findRedisPrograms();
  for (const runtime of named.length > 0 ? named : RUNTIMES) {
    if (!await bench(runtime, scratch, options)) process.exitCode = 1;
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

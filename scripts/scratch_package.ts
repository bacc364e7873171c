/**
 * Makes a folder in which Node and Bun run programs of this repository against
 * the npm package, as users install it.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import config from "../deno.json" with { type: "json" };
import offline from "../import_map.offline.json" with { type: "json" };

const run = promisify(execFile);

/** The project's folder: what runs from here finds its cache. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

const ESBUILD = "esbuild@0.28.2";
const BUN = "bun@1.4.5";
/** The oldest Node that the package supports. */
const BUNDLE_TARGET = "node20.19";

/** The runtimes beside Deno. */
export const RUNTIMES = ["node", "bun"] as const;
export type NodeOrBun = typeof RUNTIMES[number];

/** A package that deno.json knows by this name. */
export type ImportName = keyof typeof config.imports;

/** Installs the package from its tarball, and what else is imported. */
export async function installPackages(
  scratch: string,
  tarball: string,
  names: readonly ImportName[],
): Promise<void> {
  const manifest = JSON.stringify({ private: true, type: "module" });
  await writeFile(join(scratch, "package.json"), manifest);
  const packages = names.map((name) => {
    const source = config.imports[name];
    // One whose name here is not its own is an alias in npm's terms too.
    const isAlias = !source.startsWith(`npm:${name}@`);
    return isAlias ? `${name}@${source}` : source.replace("npm:", "");
  });
  await run(
    "npm",
    ["install", "--no-audit", "--no-fund", tarball, ...packages],
    { cwd: scratch },
  );
}

/** Writes modules into the scratch folder as JavaScript that Node 20 runs. */
export async function bundle(
  scratch: string,
  modules: readonly string[],
): Promise<void> {
  const standIns = Object.entries(offline.imports)
    .filter(([, path]) => path.startsWith("./tests/"))
    .map(([name, path]) => `--alias:${name}=${path}`);
  await run("npx", [
    ...["--yes", `--package=${ESBUILD}`, "--", "esbuild", ...modules],
    ...["--bundle", "--format=esm", "--platform=node", "--packages=external"],
    ...[`--target=${BUNDLE_TARGET}`, "--sourcemap=inline", ...standIns],
    ...["--log-level=warning", `--outdir=${scratch}`],
  ], { cwd: ROOT });
}

/** Returns the path of a runtime: of the installed one, else of one that npx fetches. */
export async function pathOf(runtime: NodeOrBun): Promise<string> {
  if (runtime === "node") return "node";
  const print = ["--eval", "console.log(process.execPath)"];
  const { stdout } = await run("bun", print).catch(() =>
    run("npx", ["--yes", `--package=${BUN}`, "--", "bun", ...print])
  );
  return stdout.trim();
}

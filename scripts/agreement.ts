/**
 * Holds against each other what is written down more than once: the version
 * and the exports in deno.json, CHANGELOG.md and the npm package that was
 * built, and the imports in deno.json and import_map.offline.json.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import process from "node:process";
import config from "../deno.json" with { type: "json" };
import offline from "../import_map.offline.json" with { type: "json" };

function read(path: string): Promise<string> {
  return readFile(new URL(`../${path}`, import.meta.url), "utf8");
}

async function changelogFaults(): Promise<string[]> {
  const changelog = await read("CHANGELOG.md");
  const version = changelog.match(/^## \[?(\d+\.\d+\.\d+[^\s\]]*)/m)?.[1];
  if (version === config.version) return [];
  return [`CHANGELOG.md: the newest version is ${version}`];
}

async function npmFaults(): Promise<string[]> {
  const manifest = JSON.parse(await read("npm/package.json"));
  const faults: string[] = [];
  for (const field of ["name", "version", "license"] as const) {
    if (manifest[field] === config[field]) continue;
    faults.push(`npm/package.json: ${field} is ${manifest[field]}`);
  }
  const actual = Object.keys(manifest.exports).sort().join();
  if (actual !== Object.keys(config.exports).sort().join()) {
    faults.push(`npm/package.json: it exports ${actual}`);
  }
  if ("redis" in (manifest.dependencies ?? {})) {
    faults.push("npm/package.json: redis is a dependency, not only a peer");
  }
  return faults;
}

/** The map gives npm packages, their modules and this package as deno.json does. */
function importMapFaults(): string[] {
  const expected = Object.entries(config.imports)
    .filter(([, target]) => target.startsWith("npm:"))
    .flatMap(([name, target]) => [
      [name, target],
      [`${name}/`, `${target.replace("npm:", "npm:/")}/`],
    ]);
  for (const [name, path] of Object.entries(config.exports)) {
    expected.push([config.name + name.slice(1), path]);
  }
  const imports = new Map(Object.entries(offline.imports));
  return expected
    .filter(([name, target]) => imports.get(name!) !== target)
    .map(([name]) =>
      `import_map.offline.json: "${name}" is ${imports.get(name!)}`
    );
}

const faults = [
  ...await changelogFaults(),
  ...await npmFaults(),
  ...importMapFaults(),
];
for (const fault of faults) console.error(`${fault}, unlike deno.json`);
if (faults.length > 0) process.exitCode = 1;

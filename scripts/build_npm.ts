/**
 * Builds the npm package into npm/, and packs it into a tarball in .cache/.
 *
 * dnt builds it. Where the JSR registry, and so dnt, cannot be reached,
 * `deno pack` emits the code instead, unless --dnt forbids it.
 *
 * @module
 */

import { execFile } from "node:child_process";
import {
  copyFile,
  mkdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { canFetch } from "./jsr.ts";

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CACHE = join(ROOT, ".cache");
const NPM = join(ROOT, "npm");
const ESM = join(NPM, "esm");
const DOCUMENTS = ["README.md", "CHANGELOG.md", "LICENSE"];
const REPOSITORY =
  "https://github.com/reaatech/session-continuity-storage-redis";

/** What package.json says, whatever emitted the code. */
const MANIFEST = {
  name: config.name,
  version: config.version,
  description:
    "Keeps the conversation sessions of LLM agents and their messages in " +
    "Redis, on Deno, Node and Bun",
  keywords: ["agent", "chat", "conversation", "llm", "redis", "session"],
  license: config.license,
  homepage: `${REPOSITORY}#readme`,
  repository: { type: "git", url: `git+${REPOSITORY}.git` },
  bugs: { url: `${REPOSITORY}/issues` },
  type: "module",
  sideEffects: false,
  engines: { node: ">=20.19" },
  files: ["esm/**/*.js", "esm/**/*.d.ts", "/CHANGELOG.md"],
  exports: Object.fromEntries(
    Object.entries(config.exports).map(([name, path]) => {
      const file = path.replace(/^\.\/(.+)\.ts$/, "./esm/$1");
      return [name, { types: `${file}.d.ts`, default: `${file}.js` }];
    }),
  ),
  dependencies: Object.fromEntries(
    (["p-retry", "uuidv7"] as const).map((name) => [
      name,
      config.imports[name].replace(`npm:${name}@`, ""),
    ]),
  ),
  peerDependencies: { redis: ">=4" },
  peerDependenciesMeta: { redis: { optional: true } },
};

/** The path of the tarball. */
export const TARBALL: string = join(
  CACHE,
  `${config.name.replace("@", "").replace("/", "-")}-${config.version}.tgz`,
);

/** What is used of dnt, which cannot be imported everywhere. */
interface Dnt {
  build(options: Record<string, unknown>): Promise<void>;
}

/** How to build the package. */
export interface BuildOptions {
  /**
   * Whether it is an error if dnt cannot be fetched.
   *
   * @default false
   */
  readonly mustUseDnt?: boolean;
}

/** Builds the package and its tarball. */
export async function buildNpm(options: BuildOptions = {}): Promise<void> {
  await rm(NPM, { recursive: true, force: true });
  await mkdir(ESM, { recursive: true });
  await mkdir(CACHE, { recursive: true });
  const dnt = await importDnt(options.mustUseDnt ?? false);
  await (dnt === undefined ? emitWithPack() : emitWithDnt(dnt));
  await checkDependencies();
  const manifest = `${JSON.stringify(MANIFEST, null, 2)}\n`;
  await writeFile(join(NPM, "package.json"), manifest);
  for (const document of DOCUMENTS) {
    await copyFile(join(ROOT, document), join(NPM, document));
  }
  await run("npm", ["pack", "--pack-destination", CACHE], { cwd: NPM });
}

async function importDnt(mustUseDnt: boolean): Promise<Dnt | undefined> {
  if (!mustUseDnt && !await canFetch(config.imports["@deno/dnt"])) {
    console.error("dnt cannot be fetched: deno pack emits the code");
    return undefined;
  }
  // In a variable, the name is looked up when this runs, not before.
  const specifier = "@deno/dnt";
  return await import(specifier);
}

async function emitWithDnt(dnt: Dnt): Promise<void> {
  await dnt.build({
    entryPoints: Object.entries(config.exports).map(([name, path]) => ({
      name,
      path: join(ROOT, path),
    })),
    outDir: NPM,
    importMap: join(ROOT, "deno.json"),
    shims: {},
    scriptModule: false,
    declaration: "inline",
    declarationMap: false,
    skipSourceOutput: true,
    test: false,
    typeCheck: "single",
    compilerOptions: { lib: ["ESNext", "DOM"], target: "ES2023" },
    package: {
      name: config.name,
      version: config.version,
      devDependencies: { "@types/node": "^20.19.0" },
    },
  });
}

async function emitWithPack(): Promise<void> {
  const tarball = join(CACHE, "deno-pack.tgz");
  await run(Deno.execPath(), [
    ...["pack", "--allow-dirty", "--no-source-maps", "--output", tarball],
  ], { cwd: ROOT });
  const options = ["--strip-components=1", "--directory", ESM];
  await run("tar", ["-xzf", tarball, ...options]);
  await rm(tarball);
  await rename(join(ESM, "package.json"), join(NPM, "package.json"));
}

/** Fails if the code needs packages that the manifest does not name. */
async function checkDependencies(): Promise<void> {
  const emitted = JSON.parse(await readFile(join(NPM, "package.json"), "utf8"));
  const known = { ...MANIFEST.dependencies, ...MANIFEST.peerDependencies };
  for (const name of Object.keys(emitted.dependencies ?? {})) {
    if (name in known) continue;
    throw new Error(
      `Cannot build the package: it does not depend on "${name}"`,
    );
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { dnt: { type: "boolean" } } });
  await buildNpm({ mustUseDnt: values.dnt ?? false });
  console.log(TARBALL);
}

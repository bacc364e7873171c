/**
 * Runs every example of the documentation as a reader would, on a real server.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { execFile } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { startRedisCluster } from "../support/redis_cluster.ts";
import { startRedisSentinel } from "../support/redis_sentinel.ts";
import { TestBed } from "../support/test_bed.ts";

const root = new URL("../../", import.meta.url);
const folder = await mkdtemp(join(tmpdir(), "readme-"));
const bed = new TestBed();

/** Returns the fenced blocks of a language, also those in doc comments. */
async function blocksOf(path: string, language: string): Promise<string[]> {
  const text = await readFile(new URL(path, root), "utf8");
  const plain = text.replaceAll(/^ {0,3}\*(?: |$)/gm, "");
  const blocks = [...plain.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)];
  for (const [, name] of blocks) {
    // One of another name would go unnoticed.
    assert(["ts", "sh", "conf"].includes(name!), `${path}: ${name}`);
  }
  return blocks.filter(([, name]) => name === language)
    .map(([, , code]) => code!);
}

/** The project's own imports, and a stand-in for the toolkit, for files elsewhere. */
async function writeImportMap(): Promise<string> {
  const offline = await readFile(
    new URL("import_map.offline.json", root),
    "utf8",
  );
  const { imports } = JSON.parse(offline) as {
    imports: Record<string, string>;
  };
  imports["@reaatech/session-continuity"] =
    "./tests/support/session_manager.ts";
  for (const [name, target] of Object.entries(imports)) {
    if (target.startsWith("./")) imports[name] = new URL(target, root).href;
  }
  const path = join(folder, "import_map.json");
  await writeFile(path, JSON.stringify({ imports }));
  return path;
}

/** Runs Deno as in the project's folder, but with the stand-in for the toolkit. */
async function deno(command: string, ...args: string[]): Promise<string> {
  const config = new URL("deno.json", root).pathname;
  const importMap = await writeImportMap();
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[command, "--config", config, "--import-map", importMap],
    ...args,
  ]);
  return stdout.trim();
}

/** Writes the examples of a file into files of their own, for a server of their own. */
async function writeExamples(path: string): Promise<string[]> {
  // They have no key prefix: nobody else's server should keep what they write.
  const { url } = await bed.server();
  const files: string[] = [];
  for (const [i, block] of (await blocksOf(path, "ts")).entries()) {
    const file = join(folder, `${path.replaceAll("/", "_")}_${i}.ts`);
    const closes = /\.close\(\)|await using/.test(block);
    await writeFile(
      file,
      block.replaceAll("redis://localhost:6379", url) +
        (closes ? "" : "\nawait storage.close();\n"),
    );
    files.push(pathToFileURL(file).href);
  }
  return files;
}

describe("the documentation", () => {
  afterAll(async () => {
    await bed.close();
    await rm(folder, { recursive: true });
  });

  // What each example of a file prints.
  const examples = {
    "README.md": [
      /user: Which trains[^]*assistant: There is/,
      /^$/,
      /^1$/,
      /^7$/,
    ],
    "docs/migrating.md": [
      /^0 keys met, 0 sessions indexed\nComplete: 0 sessions$/,
    ],
    "mod.ts": [/Which trains go to Lyon/],
    "src/redis_adapter.ts": [/^$/],
    "conformance.ts": [/ 0 failed/],
  };
  for (const [path, prints] of Object.entries(examples)) {
    it(`has examples that run: ${path}`, async () => {
      const files = await writeExamples(path);
      assertEquals(files.length, prints.length);
      const command = path === "conformance.ts" ? "test" : "run";
      for (const [i, file] of files.entries()) {
        assertMatch(await deno(command, "--no-check", "-A", file), prints[i]!);
      }
    });
  }

  it("has examples whose types are right", async () => {
    const files = await Promise.all(Object.keys(examples).map(writeExamples));
    await deno("check", "--quiet", ...files.flat());
  });

  it("has examples that run: docs/operations.md", async () => {
    const [sentinelExample, clusterExample] = await writeExamples(
      "docs/operations.md",
    );
    await using sentinel = await startRedisSentinel();
    await using cluster = await startRedisCluster();
    const places = {
      [sentinelExample!]: {
        "conversations": sentinel.masterName,
        ...Object.fromEntries(
          sentinel.sentinelRootNodes.map((
            { port },
            i,
          ) => [`port: ${26379 + i}`, `port: ${port}`]),
        ),
      },
      [clusterExample!]: Object.fromEntries(
        cluster.rootNodes.map((
          { url },
          i,
        ) => [`redis://127.0.0.1:${7001 + i}`, url]),
      ),
    };
    for (const [file, place] of Object.entries(places)) {
      let code = await readFile(new URL(file), "utf8");
      for (const [shown, real] of Object.entries(place)) {
        code = code.replaceAll(shown, real);
      }
      const use = `
        const { id } = await storage.createSession({
          status: "active", metadata: {}, participants: [], schemaVersion: 1 });
        await storage.addMessage(id, { role: "user", content: "Hello" });
        console.log((await storage.getMessages(id))[0]?.content,
          (await storage.listSessions()).length);
        await storage.close();`;
      await writeFile(
        new URL(file),
        code.replace("await storage.close();", use),
      );
      await deno("check", "--quiet", file);
      assertEquals(await deno("run", "--no-check", "-A", file), "Hello 1");
    }
  });

  it("gives settings that a server starts with", async () => {
    const blocks = await blocksOf("docs/operations.md", "conf");
    assertEquals(blocks.length, 2);
    const settings = blocks.join("\n");
    const redis = await bed.client((await bed.server()).url);
    const known = await redis.configGet("hash-max-listpack-value");
    const lines = Object.keys(known).length > 0
      ? settings
      : settings.replace("hash-max-listpack-value", "hash-max-ziplist-value");
    const args = lines.split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .flatMap((line) => {
        const [name, ...values] = line.split(" ");
        return [`--${name}`, ...values];
      });
    assert(args.includes("--maxmemory-policy"));
    const server = await bed.server(...args);
    assert(server.pid > 0);
  });

  for (
    const path of [
      "README.md",
      "CONTRIBUTING.md",
      "docs/migrating.md",
      "docs/operations.md",
      "docs/storage.md",
      "docs/security.md",
      "docs/performance.md",
      "examples/README.md",
    ]
  ) {
    it(`links to files that exist: ${path}`, async () => {
      const page = new URL(path, root);
      const text = await readFile(page, "utf8");
      const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)];
      for (const [, target] of targets) await access(new URL(target!, page));
    });
  }

  it("names the package as deno.json does", async () => {
    const { name } = JSON.parse(
      await readFile(new URL("deno.json", root), "utf8"),
    );
    const [, install] = await blocksOf("README.md", "sh");
    assertEquals(install!.split(name).length - 1, 3);
  });
});

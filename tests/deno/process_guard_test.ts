/**
 * Shows that a server ends with the process that started it. On Deno alone: it
 * runs a module of tests/support/, which is bundled elsewhere.
 *
 * @module
 */

import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { answersPing } from "../support/ports.ts";
import { until } from "../support/until.ts";

const support = new URL("../support/", import.meta.url);

/** Starts servers in a process of their own, kills it, and awaits their end. */
async function assertEndsWithItsProcess(
  module: string,
  ports: string,
): Promise<void> {
  const code = `
    import * as support from "${new URL(module, support)}";
    console.log((${ports}).join());
    setInterval(() => {}, 1_000);
  `;
  const child = spawn(process.execPath, ["eval", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  const listening = String(line).split(",").map(Number);
  for (const port of listening) assert(await answersPing(port));
  child.kill("SIGKILL");
  for (const port of listening) {
    assert(await until(async () => !await answersPing(port), 10_000));
  }
}

describe("ProcessGuard", () => {
  it("ends a server when its process is killed", async () => {
    await assertEndsWithItsProcess(
      "redis_server.ts",
      "[(await support.startRedisServer()).port]",
    );
  });

  it("ends all nodes of a cluster when their process is killed", async () => {
    await assertEndsWithItsProcess(
      "redis_cluster.ts",
      "(await support.startRedisCluster()).nodes.map(({ port }) => port)",
    );
  });
});

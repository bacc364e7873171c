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

const redisServer = new URL("../support/redis_server.ts", import.meta.url);

describe("ProcessGuard", () => {
  it("ends a server when its process is killed", async () => {
    const code = `
      import { startRedisServer } from "${redisServer}";
      console.log((await startRedisServer()).port);
      setInterval(() => {}, 1_000);
    `;
    const child = spawn(process.execPath, ["eval", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(child.stdout, "data");
    const port = Number(String(line));
    assert(await answersPing(port));
    child.kill("SIGKILL");
    assert(await until(async () => !await answersPing(port), 10_000));
  });
});

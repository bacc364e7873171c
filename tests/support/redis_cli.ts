/**
 * Talks to servers beside the client under test: by redis-cli, and by commands
 * over connections that are closed at once.
 *
 * @module
 */

import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { createClient } from "redis";
import { findRedisPrograms } from "./redis_programs.ts";
import type { RedisServer } from "./redis_server.ts";

const REPLY_TIMEOUT_MS = 10_000;
const CLI_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 64 << 20;

/**
 * Runs redis-cli to its end.
 *
 * @throws {Error} when it fails, with its output
 */
export async function runRedisCli(...args: string[]): Promise<void> {
  const { cli } = await findRedisPrograms();
  try {
    await promisify(execFile)(cli.file, [...cli.args, ...args], {
      env: { ...process.env, ...cli.env },
      timeout: CLI_TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
  } catch (cause) {
    // It writes the reason to its standard output.
    const { stdout = "" } = cause as { stdout?: string };
    const command = `redis-cli ${args.join(" ")}`;
    throw new Error(`Cannot run ${command}: ${cause}\n${stdout}`, { cause });
  }
}

/**
 * Sends commands to a server, one after the other, and returns their replies as
 * RESP 2 has them.
 *
 * @throws {Error} when it does not reply in time, or with an error
 */
export async function ask(
  server: RedisServer,
  ...commands: readonly string[][]
): Promise<unknown[]> {
  const client = createClient({
    url: server.url,
    RESP: 2,
    socket: { reconnectStrategy: false },
  });
  // Without a listener an error would end the process; the caller gets it too.
  client.on("error", () => {});
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    client.destroy();
  }, REPLY_TIMEOUT_MS);
  try {
    await client.connect();
    const replies: unknown[] = [];
    for (const command of commands) {
      replies.push(await client.sendCommand(command));
    }
    return replies;
  } catch (cause) {
    const text = commands.map((command) => command.join(" ")).join("; ");
    const reason = isLate ? "no reply" : cause;
    const message = `Cannot ask ${server.url} for "${text}": ${reason}`;
    throw new Error(message, { cause });
  } finally {
    clearTimeout(timer);
    if (client.isOpen) client.destroy();
  }
}

/**
 * Runs replay.ts in a process of its own, and kills it where it is told to.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Call, Place } from "./measured_storage.ts";
import type { ReplayEvent } from "./replay.ts";

/** What one process did. Lines of the file are counted from 0. */
export interface ReplayRun {
  readonly pid: number;
  /** The first line that it sent. */
  begunAt: number;
  /** The last line that it sent. */
  sentAt: number;
  /** The last line that Redis acknowledged to it. */
  storedAt: number;
  /** The signal that ended it; null when it ended by itself. */
  signal: string | null;
  readonly calls: Call[];
}

/** What to replay, and how. */
export interface ReplayOptions extends Place {
  readonly path: string;
  /** The line in flight when the process is killed; without it, nobody kills. */
  readonly killAt?: number;
  /** Told whenever a line was acknowledged. */
  readonly onStored: (run: ReplayRun) => void;
}

const SCRIPT = fileURLToPath(new URL("replay.ts", import.meta.url));

/** A process that replays a conversation. Disposing of it kills it. */
export class ReplayProcess implements AsyncDisposable {
  readonly #options: ReplayOptions;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;

  constructor(options: ReplayOptions) {
    const { path, url, keyPrefix, killAt } = options;
    this.#options = options;
    this.#child = spawn(process.execPath, [
      ...["run", "--quiet", "-A", SCRIPT, path, "--key-prefix", keyPrefix],
      ...(killAt === undefined ? [] : ["--stall-at", `${killAt}`]),
    ], {
      // Not an argument: a URL can hold a password.
      env: { ...process.env, REDIS_URL: url },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#exit = once(this.#child, "exit");
  }

  /**
   * Follows the process to its end, however it comes.
   *
   * @throws {Error} when it failed, with its reason
   */
  async follow(): Promise<ReplayRun> {
    const { killAt, onStored } = this.#options;
    const run: ReplayRun = {
      pid: this.#child.pid ?? 0,
      begunAt: 0,
      sentAt: -1,
      storedAt: -1,
      signal: null,
      calls: [],
    };
    for await (const line of createInterface(this.#child.stdout!)) {
      const event = JSON.parse(line) as ReplayEvent;
      if (event.event === "failed") throw new Error(event.message);
      if (event.event === "calls") run.calls.push(...event.calls);
      if (event.event === "begins") run.begunAt = event.at;
      if (event.event === "sends") {
        run.sentAt = event.at;
        if (event.at === killAt) this.#kill();
      }
      if (event.event === "stored") {
        run.storedAt = event.at;
        onStored(run);
      }
    }
    const [code, signal] = await this.#exit as [number | null, string | null];
    run.signal = signal;
    if (code !== 0 && killAt === undefined) {
      throw new Error(
        `Cannot replay: process ${run.pid} ended with ${signal ?? code}`,
      );
    }
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return;
    }
    this.#kill();
    await this.#exit;
  }

  #kill(): void {
    if (this.#child.pid !== undefined) process.kill(this.#child.pid, "SIGKILL");
  }
}

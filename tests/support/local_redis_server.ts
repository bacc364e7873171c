/**
 * One process of redis-server: starts it, signals it, and notices its end.
 *
 * @module
 */

import { execFile, spawn } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { answersPing } from "./ports.ts";
import { ProcessGuard } from "./process_guard.ts";
import type { RedisPrograms } from "./redis_programs.ts";
import type { RedisServer, ServerSignal } from "./redis_server.ts";
import { until } from "./until.ts";

const HOST = "127.0.0.1";
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
/** What a server logs when it has its port, and a sentinel. */
const STARTED = /Ready to accept connections|Sentinel ID is/;

interface Settings {
  readonly programs: RedisPrograms;
  readonly port: number;
  readonly args: readonly string[];
  readonly sentinelConfig: string | undefined;
}

/** A server with a folder of its own. */
export class LocalRedisServer implements RedisServer {
  readonly host = HOST;
  readonly #settings: Settings;
  readonly #folder: string;
  readonly #guard: ProcessGuard;
  #pid = 0;
  #isRunning = false;
  #isFrozen = false;
  #ending = "";
  #logStart = 0;
  #finalLog: string | undefined;

  private constructor(settings: Settings, folder: string, guard: ProcessGuard) {
    this.#settings = settings;
    this.#folder = folder;
    this.#guard = guard;
  }

  /** Makes the folder of a server, which {@linkcode restart} then starts. */
  static prepare(settings: Settings): LocalRedisServer {
    const folder = mkdtempSync(join(tmpdir(), "redis-server-"));
    const isContainer = settings.programs.image !== undefined;
    const kill = isContainer ? "docker kill" : "kill -KILL";
    const guard = ProcessGuard.start(kill, folder);
    const server = new LocalRedisServer(settings, folder, guard);
    const { sentinelConfig } = settings;
    if (sentinelConfig !== undefined) {
      writeFileSync(server.#sentinelFile, sentinelConfig);
    }
    return server;
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#settings.port;
  }

  /** Host and port as a URL. */
  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  /** The id of its process. */
  get pid(): number {
    return this.#pid;
  }

  /** Whether it runs and is not frozen. */
  get isUp(): boolean {
    return this.#isRunning && !this.#isFrozen;
  }

  /** Returns what it has logged. */
  log(): string {
    return this.#finalLog ?? readFileSync(this.#logFile, "utf8");
  }

  /** Sends it a signal; after SIGKILL, resolves when the process is gone. */
  async kill(signal: ServerSignal): Promise<void> {
    if (!this.#isRunning) {
      throw new Error(`Cannot send ${signal} to ${this.url}: not running`);
    }
    if (this.#settings.programs.image === undefined) {
      process.kill(this.#pid, signal);
    } else {
      const args = ["kill", "--signal", signal, this.#containerName];
      await promisify(execFile)("docker", args);
    }
    if (signal === "SIGSTOP") this.#isFrozen = true;
    if (signal === "SIGCONT") this.#isFrozen = false;
    if (signal === "SIGKILL") await this.#hasEnded();
  }

  /** Stops it, even if it is frozen. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    try {
      await this.kill("SIGCONT");
      await this.kill("SIGTERM");
    } catch (error) {
      // It can have ended by itself a moment ago.
      if (!await this.#hasEnded()) throw error;
    }
    if (!await this.#hasEnded()) await this.kill("SIGKILL");
  }

  /** Stops it if it runs, starts it, and resolves when it answers. */
  async restart(): Promise<void> {
    await this.stop();
    this.#launch();
    // The log comes first: on a port that was taken somebody else would answer.
    const answers = async () =>
      !this.#isRunning ||
      (STARTED.test(this.log().slice(this.#logStart)) &&
        await answersPing(this.port));
    const inTime = await until(answers, START_TIMEOUT_MS);
    if (inTime && this.#isRunning) return;
    const reason = this.#isRunning ? "no answer" : this.#ending;
    throw new Error(
      `Cannot start redis-server on port ${this.port}: ${reason}\n${this.log()}`,
    );
  }

  /** Stops it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#finalLog !== undefined) return;
    await this.stop();
    this.#finalLog = this.log();
    await this.#guard.close();
  }

  get #logFile(): string {
    return join(this.#folder, "log");
  }

  get #sentinelFile(): string {
    return join(this.#folder, "sentinel.conf");
  }

  get #containerName(): string {
    return basename(this.#folder);
  }

  #launch(): void {
    const { programs, args, sentinelConfig } = this.#settings;
    const isSentinel = sentinelConfig !== undefined;
    const command = programs.server(this.#containerName, this.#folder);
    const log = openSync(this.#logFile, "a");
    this.#logStart = this.log().length;
    const child = spawn(command.file, [
      ...command.args,
      ...(isSentinel ? [this.#sentinelFile, "--sentinel"] : []),
      ...["--port", `${this.port}`, "--bind", HOST, "--dir", this.#folder],
      ...["--save", "", "--appendonly", "no"],
      ...args,
    ], {
      env: { ...process.env, ...command.env },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    child.once("exit", (code, signal) => {
      this.#end(`ended with ${signal ?? `code ${code}`}`);
    });
    child.once("error", (error) => this.#end(error.message));
    this.#isRunning = true;
    this.#isFrozen = false;
    // Without an id there is no process, and "error" follows.
    if (child.pid === undefined) return;
    child.unref();
    this.#pid = child.pid;
    const isContainer = programs.image !== undefined;
    this.#guard.watch(isContainer ? this.#containerName : `${child.pid}`);
  }

  #end(ending: string): void {
    this.#ending = ending;
    this.#isRunning = false;
    this.#guard.watch(undefined);
  }

  #hasEnded(): Promise<boolean> {
    return until(() => !this.#isRunning, STOP_TIMEOUT_MS);
  }
}

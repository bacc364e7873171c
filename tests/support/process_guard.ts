/**
 * Ends a child process when this process ends, whatever ends it, or on Deno when
 * the file of tests does.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Reads ids of what runs, of which the last one counts, until nobody holds the
 * other end of the pipe; then kills what still runs and removes the folder.
 */
const SCRIPT = `
trap "" HUP INT TERM
while read -r line; do running=$line; done
[ -z "$running" ] || $1 "$running"
rm -rf -- "$2"
`;

/**
 * A shell that outlives this process for a moment: the operating system closes
 * its standard input even if this process crashes or is killed.
 */
export class ProcessGuard {
  readonly #shell: ChildProcess;

  private constructor(shell: ChildProcess) {
    this.#shell = shell;
    // Deno runs one file of tests after another in one process.
    globalThis.addEventListener?.("unload", () => this.#shell.stdin?.destroy());
  }

  /**
   * Starts a guard.
   *
   * @param killCommand what ends the child; gets its id as last argument
   * @param folder what is removed after that
   */
  static start(killCommand: string, folder: string): ProcessGuard {
    const args = ["-c", SCRIPT, "sh", killCommand, folder];
    const shell = spawn("sh", args, {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    shell.unref();
    return new ProcessGuard(shell);
  }

  /** Sets what is killed in the end; undefined: nothing. */
  watch(id: string | undefined): void {
    this.#shell.stdin?.write(`${id ?? ""}\n`);
  }

  /** Kills and removes now, and resolves when that is done. */
  async close(): Promise<void> {
    if (this.#shell.exitCode !== null) return;
    this.#shell.ref();
    this.#shell.stdin?.end();
    await once(this.#shell, "exit");
  }
}

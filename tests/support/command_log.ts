/**
 * Listens to what a server is asked, by MONITOR.
 *
 * @module
 */

import type { TestBed, TestClient } from "./test_bed.ts";
import { until } from "./until.ts";

/** A command that the server carried out. */
export interface LoggedCommand {
  /** Its name in upper case. */
  readonly name: string;
  /** What follows the name, as the log writes it. */
  readonly args: readonly string[];
  /** Whether a script called it, rather than a client. */
  readonly isFromScript: boolean;
}

/** What a server of one's own was asked. */
export class CommandLog {
  readonly #client: TestClient;
  readonly #lines: string[] = [];

  private constructor(client: TestClient) {
    this.#client = client;
  }

  /** Begins to listen to a server. */
  static async open(bed: TestBed, url: string): Promise<CommandLog> {
    const log = new CommandLog(await bed.client(url));
    const ear = await bed.connect(url);
    await ear.monitor((line: unknown) => log.#lines.push(String(line)));
    return log;
  }

  /** Returns what the server was asked since the last call. */
  async take(): Promise<LoggedCommand[]> {
    const mark = crypto.randomUUID();
    await this.#client.echo(mark);
    const isMark = (line: string) => line.includes(mark);
    if (!await until(() => this.#lines.some(isMark), 10_000)) {
      throw new Error("Cannot listen to the server: MONITOR does not answer");
    }
    const lines = this.#lines.splice(0, this.#lines.findIndex(isMark) + 1);
    return lines.slice(0, -1).map(parse);
  }
}

/** A line reads `1700000000.123456 [0 127.0.0.1:50000] "EVALSHA" "…" …`. */
function parse(line: string): LoggedCommand {
  const [, source, words] = /^\S+ \[\d+ (\S+)\] (".*")/.exec(line) ?? [];
  const [name, ...args] = Array.from(
    (words ?? "").matchAll(/"((?:[^"\\]|\\.)*)"/g),
    ([, word]) => word!,
  );
  if (name === undefined) throw new Error(`Cannot read "${line}"`);
  return { name: name.toUpperCase(), args, isFromScript: source === "lua" };
}

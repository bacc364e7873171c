/**
 * What calls cost the processors, on both ends of the connection.
 *
 * INFO commandstats would not do: it counts a command inside of a script twice,
 * for itself and for the script, and leaves out what it takes to read a request
 * and to write its reply.
 *
 * @module
 */

import process from "node:process";

/** Processor time, in microseconds. */
export interface Cpu {
  readonly serverUs: number;
  readonly clientUs: number;
}

/** A client that can ask the server about itself. */
export interface InfoClient {
  info(section: string): Promise<string>;
}

/** How often the meter measures nothing, to know what it takes itself. */
const EMPTY_WINDOWS = 21;

/** Measures what a server and this process spend while an action runs. */
export class CpuMeter {
  readonly #client: InfoClient;
  readonly #ownUs: number;

  private constructor(client: InfoClient, ownUs: number) {
    this.#client = client;
    this.#ownUs = ownUs;
  }

  /** Makes a meter on a connection of its own to the server. */
  static async open(client: InfoClient): Promise<CpuMeter> {
    const own: number[] = [];
    for (let i = 0; i < EMPTY_WINDOWS; i++) {
      const before = await serverUs(client);
      own.push(await serverUs(client) - before);
    }
    own.sort((a, b) => a - b);
    return new CpuMeter(client, own[(EMPTY_WINDOWS - 1) / 2]!);
  }

  /** Returns what an action took; what others do meanwhile counts too. */
  async measure(action: () => Promise<void>): Promise<Cpu> {
    const before = await serverUs(this.#client);
    const own = process.cpuUsage();
    await action();
    const { user, system } = process.cpuUsage(own);
    const taken = await serverUs(this.#client) - before - this.#ownUs;
    return { serverUs: Math.max(0, taken), clientUs: user + system };
  }
}

/** Returns what the server's thread of commands has spent, in microseconds. */
async function serverUs(client: InfoClient): Promise<number> {
  const info = await client.info("cpu");
  const seconds = ["user", "sys"].map((kind) => {
    // Before Redis 6.2 only the whole process is counted.
    const line = info.match(`used_cpu_${kind}_main_thread:([\\d.]+)`) ??
      info.match(`used_cpu_${kind}:([\\d.]+)`);
    return Number(line?.[1]);
  });
  return 1e6 * seconds.reduce((sum, each) => sum + each, 0);
}

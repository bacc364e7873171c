/**
 * Measures calls side by side: in rounds, and within a round in turn, so that
 * whatever happens to the machine happens to all of them.
 *
 * @module
 */

import type { Cpu, CpuMeter } from "./cpu.ts";
import { progress } from "./output.ts";
import { median, summarize, type Summary } from "./statistics.ts";
import type { Work } from "./work.ts";

/** Rounds that are not counted: the runtime compiles what is called often. */
const WARM_UP = 3;

/** What is said about many calls of one kind. */
export interface Figure extends Summary {
  /** Processor time of a call, the median of all rounds. */
  readonly cpu?: Cpu;
}

/** One place in a table. */
export interface Cell {
  readonly row: string;
  readonly column: string;
  /** Calls in one round. */
  readonly calls: number;
  /** Takes part in every so many rounds only. @default {1} */
  readonly every?: number | undefined;
  readonly work: Work;
}

/**
 * Measures cells, those of one row one after the other; each round another one
 * of them begins.
 *
 * @param meter measures processor time too, unless left out
 * @throws {Error} when a call did not do what it must
 */
export async function measureCells(
  cells: readonly Cell[],
  rounds: number,
  meter?: CpuMeter,
): Promise<Map<Cell, Figure>> {
  const samples = new Map(cells.map((cell) => [cell, new Samples()]));
  const names = [...new Set(cells.map(({ row }) => row))];
  for (let round = -Math.min(WARM_UP, rounds); round < rounds; round++) {
    for (const name of names) {
      const which = round < 0 ? "warm-up" : `round ${round + 1} of ${rounds}`;
      progress(which, name);
      const turn = cells.filter(({ row, every = 1 }) =>
        row === name && round % every === 0
      );
      const first = (round + WARM_UP) % turn.length;
      for (const cell of [...turn.slice(first), ...turn.slice(0, first)]) {
        const { durationsMs, cpu } = await measureRound(cell, meter);
        if (round >= 0) samples.get(cell)!.add(durationsMs, cpu);
      }
    }
  }
  progress("");
  return new Map(
    [...samples].map(([cell, each]) => [cell, each.figure()]),
  );
}

async function measureRound(cell: Cell, meter: CpuMeter | undefined) {
  const { row, column, calls, work } = cell;
  await work.prepare?.();
  const durationsMs: number[] = [];
  const results: unknown[] = [];
  const run = async () => {
    for (let i = 0; i < calls; i++) {
      await work.before?.(i);
      const start = performance.now();
      const result = await work.call(i);
      durationsMs.push(performance.now() - start);
      results.push(result);
    }
  };
  // What comes before each call would count as its own.
  const total = meter === undefined || work.before !== undefined
    ? await run()
    : await meter.measure(run);
  for (const [i, result] of results.entries()) {
    if (await work.check(result, i)) continue;
    throw new Error(`Cannot measure ${row} of ${column}: wrong result`);
  }
  const cpu = total && {
    serverUs: total.serverUs / calls,
    clientUs: total.clientUs / calls,
  };
  return { durationsMs, cpu };
}

/** What was measured of one cell. */
class Samples {
  readonly #durationsMs: number[] = [];
  readonly #cpus: Cpu[] = [];

  add(durationsMs: readonly number[], cpu: Cpu | undefined | void): void {
    this.#durationsMs.push(...durationsMs);
    if (cpu) this.#cpus.push(cpu);
  }

  figure(): Figure {
    return {
      ...summarize(this.#durationsMs),
      ...(this.#cpus.length === 0 ? {} : {
        cpu: {
          serverUs: median(this.#cpus.map(({ serverUs }) => serverUs)),
          clientUs: median(this.#cpus.map(({ clientUs }) => clientUs)),
        },
      }),
    };
  }
}

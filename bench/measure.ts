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
const WARM_UP = 5;

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

/** How to measure. */
export interface MeasureOptions {
  /** Measures processor time too, of cells that do not alternate. */
  readonly meter?: CpuMeter | undefined;
  /**
   * Whether the cells of a row take turns call by call, which tells of smaller
   * differences, instead of one after the other.
   *
   * @default {false}
   */
  readonly alternate?: boolean;
}

/**
 * Measures cells, those of one row beside each other; each time another one of
 * them begins.
 *
 * @throws {Error} when a call did not do what it must
 */
export async function measureCells(
  cells: readonly Cell[],
  rounds: number,
  { meter, alternate = false }: MeasureOptions = {},
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
      const order = [...turn.slice(first), ...turn.slice(0, first)];
      for (const group of alternate ? [order] : order.map((cell) => [cell])) {
        const { durationsMs, cpu } = await measureRound(group, meter);
        if (round < 0) continue;
        for (const [i, cell] of group.entries()) {
          samples.get(cell)!.add(durationsMs[i]!, cpu);
        }
      }
    }
  }
  progress("");
  return new Map(
    [...samples].map(([cell, each]) => [cell, each.figure()]),
  );
}

/** Measures a round of cells with as many calls each, which take turns. */
async function measureRound(
  cells: readonly Cell[],
  meter: CpuMeter | undefined,
) {
  for (const { work } of cells) await work.prepare?.();
  const durationsMs = cells.map((): number[] => []);
  const results = cells.map((): unknown[] => []);
  const { calls, work } = cells[0]!; // There is one at least.
  const run = async () => {
    for (let i = 0; i < calls; i++) {
      for (let j = 0; j < cells.length; j++) {
        const which = (i + j) % cells.length;
        const { work } = cells[which]!;
        await work.before?.(i);
        const start = performance.now();
        const result = await work.call(i);
        durationsMs[which]!.push(performance.now() - start);
        results[which]!.push(result);
      }
    }
  };
  // What comes before each call, or beside it, would count as its own.
  const total =
    meter === undefined || cells.length > 1 || work.before !== undefined
      ? await run()
      : await meter.measure(run);
  for (const [which, { row, column, work }] of cells.entries()) {
    for (const [i, result] of results[which]!.entries()) {
      if (await work.check(result, i)) continue;
      throw new Error(`Cannot measure ${row} of ${column}: wrong result`);
    }
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

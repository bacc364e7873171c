/**
 * What a run found, and what is asked of it.
 *
 * @module
 */

import type { Machine } from "./machine.ts";
import type { Figure } from "./measure.ts";

/** A row of the tables: a figure for each contender, null where it cannot make the call. */
export interface RowResult {
  readonly name: string;
  /** Turns of a chat in one call, where the row is about those. */
  readonly turns?: number;
  readonly figures: readonly (Figure | null)[];
}

/** The adapter beside another way to do the same. */
export interface PairResult {
  readonly name: string;
  readonly beside: string;
  readonly figures: readonly [Figure, Figure];
}

/** Bytes for each message of a session of so many, for each contender. */
export interface MemoryResult {
  readonly messages: number;
  readonly bytes: readonly number[];
}

/** All that a run found. The first entry is what the others are compared with. */
export interface Results {
  readonly machine: Machine;
  readonly rounds: number;
  readonly seed: number;
  /** How long the link between client and server holds back all it carries. */
  readonly delayMs: number;
  readonly entries: readonly {
    readonly name: string;
    readonly client: string;
  }[];
  readonly rows: readonly RowResult[];
  readonly pairs: readonly PairResult[];
  readonly memory: readonly MemoryResult[];
}

/** Something that a run is held against. */
export interface Bound {
  /** The row, or the pair. */
  readonly row: string;
  /** The contender, or what the pair sets beside. */
  readonly against: string;
  /** Where it holds; everywhere unless given. */
  readonly place?: "loopback" | "delay";
  /** How many times as long as the other the adapter may take. */
  readonly timeAtMost?: number;
  /** How many times as fast as the other the adapter has to be. */
  readonly speedAtLeast?: number;
}

/** What became of a bound. */
export interface Verdict {
  readonly bound: Bound;
  /** In the terms of the bound. */
  readonly measured: number;
  readonly isMet: boolean;
}

/** How many times as long as the first entry another one takes. */
export function ratio(
  figures: readonly (Figure | null)[],
  i: number,
): number | undefined {
  const [first, other] = [figures[0], figures[i]];
  return first && other ? other.medianMs / first.medianMs : undefined;
}

/** Holds a run against bounds; leaves out what was not measured. */
export function judge(
  results: Results,
  bounds: readonly Bound[],
): Verdict[] {
  const here = results.delayMs > 0 ? "delay" : "loopback";
  return bounds.flatMap((bound) => {
    const times = timesAsFast(results, bound);
    const { place = here, timeAtMost, speedAtLeast = 0 } = bound;
    if (times === undefined || place !== here) return [];
    return timeAtMost === undefined
      ? { bound, measured: times, isMet: times >= speedAtLeast }
      : { bound, measured: 1 / times, isMet: 1 / times <= timeAtMost };
  });
}

function timesAsFast(
  { rows, pairs, entries }: Results,
  { row, against }: Bound,
): number | undefined {
  const pair = pairs.find(({ name, beside }) =>
    name === row && beside === against
  );
  if (pair) return ratio(pair.figures, 1);
  const i = entries.findIndex(({ name }) => name === against);
  return ratio(rows.find(({ name }) => name === row)?.figures ?? [], i);
}

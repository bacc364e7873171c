/**
 * A run over several numbers of sessions as Markdown.
 *
 * @module
 */

import type { Machine } from "./machine.ts";
import type { Summary } from "./statistics.ts";
import { factorText, table } from "./table.ts";

/** All that a run found. */
export interface ScaleResults {
  readonly machine: Machine;
  readonly rounds: number;
  /** Rounds of the scans. */
  readonly scanRounds: number;
  /** The numbers of sessions. */
  readonly sizes: readonly number[];
  /** For each row and each number of sessions. */
  readonly rows: readonly {
    readonly name: string;
    readonly isPerLook: boolean;
    readonly most: number;
    /** Milliseconds of a call; for each session looked at where it counts so. */
    readonly calls: readonly Summary[];
    /** Sessions looked at, where it counts so; else 1. */
    readonly units: readonly number[];
    readonly scans: readonly (Summary | null)[];
  }[];
}

/** Returns the run as Markdown, as the project's formatter would write it. */
export function toScaleMarkdown(results: ScaleResults): string {
  const { machine, rounds, scanRounds, sizes, rows } = results;
  const numbers = sizes.map((size) => size.toLocaleString("en"));
  const calls = rows.map(({ name, isPerLook, most, calls, units, scans }) => {
    const factor = growth(calls);
    return [
      isPerLook ? `${name} (µs a session looked at)` : name,
      ...calls.map(({ medianMs }) =>
        isPerLook ? `${(medianMs * 1000).toFixed(2)} µs` : medianMs.toFixed(3)
      ),
      factorText(factor),
      `at most ${factorText(most)}`,
      factor <= most ? "yes" : "no",
      ...beside(calls, units, scans),
    ];
  });
  const scans = rows.flatMap(({ name, scans }) =>
    scans.some((scan) => scan === null) ? [] : [[
      name,
      ...scans.map((scan) => scan!.medianMs.toFixed(1)),
      factorText(growth(scans as readonly Summary[])),
    ]]
  );
  return [
    `${machine.date}, ${machine.server}, ${machine.runtime}, ${machine.cpus} CPUs, loopback; ${rounds} rounds, ${scanRounds} of the scans.`,
    "",
    ...table([
      "ms, median; sessions:",
      ...numbers,
      "growth",
      "expected",
      "met",
      "scan takes",
    ], calls),
    "",
    ...table(["SCAN and filter, ms, median", ...numbers, "growth"], scans),
  ].join("\n");
}

/** How many times as long the scan takes where there are most sessions. */
function beside(
  calls: readonly Summary[],
  units: readonly number[],
  scans: readonly (Summary | null)[],
): string[] {
  const scan = scans.at(-1);
  if (!scan) return ["-"];
  const whole = calls.at(-1)!.medianMs * units.at(-1)!;
  return [`${(scan.medianMs / whole).toFixed(0)}×`];
}

function growth(summaries: readonly Summary[]): number {
  return summaries.at(-1)!.medianMs / summaries[0]!.medianMs;
}

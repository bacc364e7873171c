/**
 * What the adapter is meant to reach, on one runtime beside the other.
 *
 * @module
 */

import { expectations } from "./expectations.ts";
import { judge, type Results } from "./results.ts";
import { verdictLine } from "./report.ts";
import { table } from "./table.ts";

/** Returns a table with a column for each runtime; "*" marks what was not reached. */
export function toRuntimeMarkdown(runs: readonly Results[]): string {
  const head = runs.map(({ machine }) => machine.runtime);
  const body = expectations.flatMap((bound) => {
    const verdicts = runs.map((run) => judge(run, [bound])[0]);
    const first = verdicts.find((verdict) => verdict !== undefined);
    if (first === undefined) return [];
    const [name, asked] = verdictLine(first);
    const cells = verdicts.map((verdict) => {
      if (verdict === undefined) return "-";
      const [, , measured] = verdictLine(verdict);
      return `${measured}${verdict.isMet ? "" : " *"}`;
    });
    return [[name!, asked!, ...cells]];
  });
  const rounds = [...new Set(runs.map((run) => run.rounds))].join(" and ");
  return [
    `Loopback; ${rounds} rounds, seed ${runs[0]?.seed}. * not reached.`,
    "",
    ...table(["expected of this adapter", "", ...head], body),
  ].join("\n");
}

/**
 * Tells whether the adapter has become slower: measures it beside the others,
 * and exits with 1 when a bound of bounds.ts is broken. Takes the options of
 * bench.ts; not a part of what every change has to pass, since a busy machine
 * breaks bounds too.
 *
 * @module
 */

import process from "node:process";
import { bounds } from "./bounds.ts";
import { readOptions } from "./options.ts";
import { verdictLine } from "./report.ts";
import { judge } from "./results.ts";
import { runBench } from "./run.ts";
import { table } from "./table.ts";

const options = readOptions(15);
const isBound = (name: string) =>
  bounds.some(({ row, against }) =>
    name === row || name === `${row} beside ${against}`
  );
const verdicts = judge(
  await runBench({
    ...options,
    isWanted: (name) => isBound(name) && options.isWanted(name),
  }),
  bounds,
);
console.log(
  table(["bound", "", "measured", "met"], verdicts.map(verdictLine)).join("\n"),
);
const broken = verdicts.filter(({ isMet }) => !isMet);
for (const verdict of broken) {
  const [what, asked, measured] = verdictLine(verdict);
  console.error(`Broken: ${what}: ${asked}, measured ${measured}`);
}
if (verdicts.length === 0) console.error("Cannot check: nothing was measured");
if (broken.length > 0 || verdicts.length === 0) process.exitCode = 1;

/**
 * Measures how calls grow with the number of sessions in a server, beside a
 * plain scan of all keys: servers of its own, one for each number, in turn.
 *
 * Options: `--rounds N`; `--scan-rounds N`, since a scan takes seconds; `--json
 * FILE`; and `--markdown FILE`, which puts the tables between the marks of
 * `scale` in that file.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { toInteger } from "./options.ts";
import { insertTables, progress } from "./output.ts";
import { type ScaleResults, toScaleMarkdown } from "./scale_report.ts";
import { type ScaleCall, scaleRows } from "./scale_rows.ts";
import {
  APPEND_SIZES,
  openScaleServer,
  type ScaleServer,
  SIZES,
} from "./scale_server.ts";
import { summarize } from "./statistics.ts";

/** Rounds that are not counted: the runtime compiles what is called often. */
const WARM_UP = 3;
/** Calls of a round, one after the other. */
const CALLS = 5;

const { rounds, scanRounds, json, markdown } = readOptions();
const results = await run();
const text = toScaleMarkdown(results);
console.log(text);
if (json) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
if (markdown) await insertTables(markdown, "scale", text);

async function run(): Promise<ScaleResults> {
  await using servers = new AsyncDisposableStack();
  const places: ScaleServer[] = [];
  for (const [i, size] of SIZES.entries()) {
    const isLast = i === SIZES.length - 1;
    const place = await openScaleServer(size, isLast ? APPEND_SIZES : []);
    places.push(servers.use(place));
  }
  const rows = scaleRows();
  const cells = rows.map((row) =>
    places.map((place, column) => ({
      call: row.open(row.isOfOneServer ? places.at(-1)! : place, column),
      unit: 1,
      durationsMs: [] as number[],
      scanMs: [] as number[],
    }))
  );
  for (const [i, row] of rows.entries()) {
    for (const [j, place] of places.entries()) {
      const cell = cells[i]![j]!;
      if (row.isPerLook) cell.unit = await place.countLooks(cell.call.measure);
    }
  }
  for (let round = -WARM_UP; round < rounds; round++) {
    progress(round < 0 ? "warm-up" : `round ${round + 1} of ${rounds}`);
    const all = cells.flat();
    // Forth and back, so that none always comes after the same one.
    for (const cell of round % 2 === 0 ? all : all.reverse()) {
      // The caches of the processor hold what the server before this one had.
      await cell.call.measure();
      const taken = await measure(cell.call.measure, CALLS);
      if (round >= 0) {
        cell.durationsMs.push(...taken.map((ms) => ms / cell.unit));
      }
    }
  }
  for (let round = 0; round < scanRounds; round++) {
    progress(`scans all keys, round ${round + 1} of ${scanRounds}`);
    for (const cell of cells.flat()) {
      const { scan }: ScaleCall = cell.call;
      if (scan) cell.scanMs.push(...await measure(scan, 1));
    }
  }
  progress("");
  return {
    machine: await describeMachine(places[0]!.client),
    rounds,
    scanRounds,
    sizes: SIZES,
    rows: rows.map(({ name, isPerLook, most }, i) => ({
      name,
      isPerLook,
      most,
      calls: cells[i]!.map(({ durationsMs }) => summarize(durationsMs)),
      units: cells[i]!.map(({ unit }) => unit),
      scans: cells[i]!.map(({ scanMs }) =>
        scanMs.length > 0 ? summarize(scanMs) : null
      ),
    })),
  };
}

async function measure(
  call: () => Promise<unknown>,
  times: number,
): Promise<number[]> {
  const durationsMs: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await call();
    durationsMs.push(performance.now() - start);
  }
  return durationsMs;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "30" },
      "scan-rounds": { type: "string", default: "3" },
      json: { type: "string" },
      markdown: { type: "string" },
    },
  });
  return {
    rounds: toInteger("rounds", values.rounds, 1),
    scanRounds: toInteger("scan-rounds", values["scan-rounds"], 1),
    json: values.json,
    markdown: values.markdown,
  };
}

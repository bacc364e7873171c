/**
 * A run as Markdown, as the project's formatter would write it.
 *
 * @module
 */

import { expectations, MOST_BYTES } from "./expectations.ts";
import type { Figure } from "./measure.ts";
import {
  type Bound,
  judge,
  ratio,
  type Results,
  type Verdict,
} from "./results.ts";
import { factorText, table } from "./table.ts";

/** Returns all tables; those for which nothing was measured are left out. */
export function toMarkdown(results: Results): string {
  const parts = [
    [headline(results)],
    durationTable(results),
    ratioTable(results),
    turnTable(results),
    cpuTable(results),
    memoryTable(results),
    pairTable(results),
    expectationTable(results),
  ];
  return parts.filter((part) => part.length > 0)
    .map((part) => part.join("\n")).join("\n\n");
}

function headline(results: Results): string {
  const { machine, rounds, seed, delayMs, entries } = results;
  const place = delayMs > 0
    ? `a link of at least ${delayMs} ms each way`
    : "loopback";
  const clients = entries.map(({ name, client }) => `${name}: ${client}`);
  return `${machine.date}, ${machine.server}, ${machine.runtime}, ${machine.cpus} CPUs, ${place}; ${rounds} rounds, seed ${seed}. ${
    clients.join("; ")
  }.`;
}

/** Returns a table with a column for each contender, and none without lines. */
function contenderTable(
  title: string,
  names: readonly string[],
  body: readonly (readonly string[])[],
): string[] {
  return body.length === 0 ? [] : table([title, ...names], body);
}

function durationTable({ entries, rows }: Results): string[] {
  const body = rows.filter(({ turns }) => turns === undefined)
    .map(({ name, figures }) => [name, ...figures.map(timeText)]);
  return contenderTable("ms, median (p95)", namesOf(entries), body);
}

function ratioTable({ entries, rows }: Results): string[] {
  const others = namesOf(entries).slice(1);
  const body = rows.map(({ name, figures }) => [
    name,
    ...others.map((_, i) => factorText(ratio(figures, i + 1))),
  ]);
  return contenderTable("× this adapter's time", others, body);
}

function turnTable({ entries, rows }: Results): string[] {
  const body = rows.flatMap(({ name, turns, figures }) =>
    turns === undefined ? [] : [[
      name,
      ...figures.map((figure) =>
        figure ? (1000 * turns / figure.medianMs).toFixed(0) : "-"
      ),
    ]]
  );
  return contenderTable("turns a second", namesOf(entries), body);
}

function cpuTable({ entries, rows }: Results): string[] {
  const body = rows
    .filter(({ figures }) => figures.some((figure) => figure?.cpu))
    .map(({ name, turns = 1, figures }) => [
      turns > 1 ? `${name}, a turn` : name,
      ...figures.map((figure) => {
        if (!figure?.cpu) return "-";
        const { serverUs, clientUs } = figure.cpu;
        const each = [serverUs, clientUs].map((us) => (us / turns).toFixed(0));
        return each.join(" + ");
      }),
    ]);
  return contenderTable(
    "µs of a CPU, server + client",
    namesOf(entries),
    body,
  );
}

function memoryTable({ entries, memory }: Results): string[] {
  const body = memory.map(({ messages, bytes }) => [
    `session of ${messages}`,
    ...bytes.map((each) => each.toFixed(0)),
  ]);
  return contenderTable("bytes a message", namesOf(entries), body);
}

function pairTable({ pairs }: Results): string[] {
  const body = pairs.map(({ name, beside, figures }) => [
    `${name}, beside ${beside}`,
    ...figures.map(timeText),
    factorText(ratio(figures, 1)),
  ]);
  const head = ["ms, median (p95)", "this adapter", "the other", "×"];
  return body.length === 0 ? [] : table(head, body);
}

function expectationTable(results: Results): string[] {
  const body = judge(results, expectations).map(verdictLine);
  for (const { messages, bytes } of results.memory) {
    const own = bytes[0] ?? NaN;
    body.push([
      `bytes a message, session of ${messages}`,
      `at most ${MOST_BYTES}`,
      own.toFixed(0),
      own <= MOST_BYTES ? "yes" : "no",
    ]);
  }
  const head = ["expected of this adapter", "", "measured", "met"];
  return body.length === 0 ? [] : table(head, body);
}

/** Returns what was asked, what was measured, and whether that is met. */
export function verdictLine({ bound, measured, isMet }: Verdict): string[] {
  return [
    `${bound.row}, beside ${bound.against}`,
    boundText(bound),
    factorText(measured),
    isMet ? "yes" : "no",
  ];
}

function boundText({ timeAtMost, speedAtLeast }: Bound): string {
  return timeAtMost === undefined
    ? `speed at least ${factorText(speedAtLeast)}`
    : `time at most ${factorText(timeAtMost)}`;
}

function timeText(figure: Figure | null): string {
  if (figure === null) return "-";
  return `${figure.medianMs.toFixed(3)} (${figure.p95Ms.toFixed(3)})`;
}

function namesOf(entries: Results["entries"]): string[] {
  return entries.map(({ name }) => name);
}

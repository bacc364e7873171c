/**
 * A run as Markdown.
 *
 * @module
 */

import type { Entry } from "./contenders/contender.ts";
import type { Machine } from "./machine.ts";
import type { Summary } from "./statistics.ts";
import { factorText, table } from "./table.ts";

/** All that a run found. The first entry is what the others are compared with. */
export interface Results {
  readonly machine: Machine;
  readonly rounds: number;
  readonly seed: number;
  /** How long the link between client and server holds back all it carries. */
  readonly delayMs: number;
  readonly entries: readonly Pick<Entry, "name" | "client">[];
  /** For each entry: its durations; null where it cannot make the call. */
  readonly durations: readonly {
    readonly name: string;
    readonly cells: readonly (Summary | null)[];
  }[];
  /** For each entry: bytes for each message of a session of so many. */
  readonly memory: readonly {
    readonly messages: number;
    readonly bytes: readonly number[];
  }[];
}

/** What this package is meant to reach; a run says whether it did. */
const EXPECTED: readonly {
  readonly row: string;
  readonly against: number;
  readonly factor: number;
}[] = [
  { row: "addMessage", against: 2, factor: 1 },
  { row: "getMessages(100)", against: 1, factor: 6 },
  { row: "getMessages(1000)", against: 1, factor: 12 },
  { row: "listSessions(userId) of 100", against: 1, factor: 5 },
];
const EXPECTED_BYTES = 1100;

/** Returns the run as Markdown, as the project's formatter would write it. */
export function toMarkdown(results: Results): string {
  const { machine, rounds, seed, delayMs, entries } = results;
  const place = delayMs > 0
    ? `a link of at least ${delayMs} ms each way`
    : "loopback";
  const clients = entries.map(({ name, client }) => `${name} on ${client}`);
  return [
    `${machine.date}, ${machine.server}, ${machine.runtime}, ${machine.cpus} CPUs, ${place}; ${rounds} rounds, seed ${seed}.`,
    `Clients: ${clients.join("; ")}.`,
    "",
    ...durationTable(results),
    "",
    ...memoryTable(results),
    "",
    ...expectationTable(results),
  ].join("\n");
}

function durationTable({ entries, durations }: Results): string[] {
  const head = ["ms, median (p95)"];
  entries.forEach(({ name }, i) => head.push(name, ...(i > 0 ? ["×"] : [])));
  const body = durations.map(({ name, cells }) => {
    const line = [name];
    cells.forEach((cell, i) => {
      line.push(
        cell ? `${cell.medianMs.toFixed(3)} (${cell.p95Ms.toFixed(3)})` : "-",
      );
      if (i > 0) line.push(factorText(ratio(cells, i)));
    });
    return line;
  });
  return table(head, body);
}

function memoryTable({ entries, memory }: Results): string[] {
  const head = ["bytes a message", ...entries.map(({ name }) => name)];
  const body = memory.map(({ messages, bytes }) => [
    `session of ${messages}`,
    ...bytes.map((each) => each.toFixed(0)),
  ]);
  return table(head, body);
}

function expectationTable(results: Results): string[] {
  const { entries, durations, memory } = results;
  const body = EXPECTED.map(({ row, against, factor }) => {
    const cells = durations.find(({ name }) => name === row)?.cells ?? [];
    const reached = ratio(cells, against);
    return [
      `${row} against ${entries[against]?.name}`,
      `at least ${factorText(factor)}`,
      factorText(reached),
      reached !== undefined && reached >= factor ? "yes" : "no",
    ];
  });
  for (const { messages, bytes } of memory) {
    body.push([
      `bytes a message, session of ${messages}`,
      `at most ${EXPECTED_BYTES}`,
      (bytes[0] ?? NaN).toFixed(0),
      (bytes[0] ?? NaN) <= EXPECTED_BYTES ? "yes" : "no",
    ]);
  }
  return table(["expected of this adapter", "", "measured", "met"], body);
}

/** How many times as long as the first entry another one takes. */
function ratio(
  cells: readonly (Summary | null)[],
  i: number,
): number | undefined {
  const [first, other] = [cells[0], cells[i]];
  return first && other ? other.medianMs / first.medianMs : undefined;
}

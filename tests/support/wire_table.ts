/**
 * Costs of calls as rows of a table.
 *
 * @module
 */

import type { WireCost } from "./wire_meter.ts";

/** How wide each column is, at least. */
const WIDTHS = [47, 9, 5, 5, 8, 4];

/** The names of the columns. */
const HEAD = ["call", "commands", "trips", "sent", "received", "runs"];

/** Returns the row of a call. */
export function rowOf(name: string, cost: WireCost): string {
  const { commands, trips, sent, received, runs } = cost;
  const ran = Object.values(runs).reduce((sum, calls) => sum + calls, 0);
  return line([name, listOf(commands), trips, sent, received, ran]);
}

/** Returns names in their order; of the same ones in a row, how many they are. */
function listOf(names: readonly string[]): string {
  const groups: { name: string; count: number }[] = [];
  for (const name of names) {
    const last = groups.at(-1);
    if (last?.name === name) last.count++;
    else groups.push({ name, count: 1 });
  }
  const texts = groups.map(({ name, count }) =>
    count === 1 ? name : `${count} ${name}`
  );
  return texts.join(", ") || "-";
}

/** Returns a table of rows. */
export function tableOf(rows: readonly string[]): string {
  const rule = WIDTHS.map((width) => "-".repeat(width));
  return [line(HEAD), line(rule), ...rows].join("\n");
}

/** Returns the rows of a table by the names of their calls. */
export function rowsOf(table: string): Map<string, string> {
  const [, , ...rows] = table.trim().split("\n");
  return new Map(rows.map((row) => [row.split("|")[0]!.trim(), row]));
}

function line(cells: readonly (string | number)[]): string {
  return cells.map((cell, i) =>
    typeof cell === "number"
      ? String(cell).padStart(WIDTHS[i]!)
      : cell.padEnd(WIDTHS[i]!)
  ).join(" | ").trimEnd();
}

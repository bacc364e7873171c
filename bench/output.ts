/**
 * Where a run is shown: on the terminal, and in a file.
 *
 * @module
 */

import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";

/**
 * Shows how far the run is, between the measurements: one line that changes on a
 * terminal, else a line each.
 */
export function progress(text: string): void {
  const { stderr } = process;
  if (stderr.isTTY) stderr.write(`\r\x1b[K${text}`);
  else if (text !== "") stderr.write(`${text}\n`);
}

/** Puts tables between the marks of this name in a file. */
export async function insertTables(
  file: string,
  name: string,
  text: string,
): Promise<void> {
  const begin = `<!-- ${name}: begin -->`;
  const end = `<!-- ${name}: end -->`;
  const before = await readFile(file, "utf8");
  const start = before.indexOf(begin);
  const stop = before.indexOf(end);
  if (start < 0 || stop < start) {
    throw new Error(
      `Cannot put the tables into ${file}: no ${begin} and ${end} in it`,
    );
  }
  const after = `${before.slice(0, start + begin.length)}\n\n${text}\n\n`;
  await writeFile(file, after + before.slice(stop));
}

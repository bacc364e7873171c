/**
 * Where a run is shown: on the terminal, and in a file.
 *
 * @module
 */

import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";

let shown = "";

/**
 * Shows how far the run is, between the measurements: one line that changes on a
 * terminal, with the detail, else a line for each new text.
 */
export function progress(text: string, detail = ""): void {
  const { stderr } = process;
  if (stderr.isTTY) {
    stderr.write(`\r\x1b[K${detail ? `${text}: ${detail}` : text}`);
  } else if (text !== "" && text !== shown) stderr.write(`${text}\n`);
  shown = text;
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

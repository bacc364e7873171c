/**
 * Measures the adapter against other ways to keep conversations in Redis: the
 * same work, in one process, on one server, in turn. docs/performance.md says
 * how to read it.
 *
 * Options: `--rounds N`, `--seed N`; `--rows FILTER`, a regular expression of
 * the names of what to measure; `--delay-ms N`, which puts a link between the
 * clients and the server that holds back all it carries; `--json FILE`; and
 * `--markdown FILE`, which puts the tables between the marks in that file.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { readOptions } from "./options.ts";
import { insertTables } from "./output.ts";
import { toMarkdown } from "./report.ts";
import { runBench } from "./run.ts";

const options = readOptions(30);
const results = await runBench(options);
const text = toMarkdown(results);
console.log(text);
const { json, markdown, delayMs } = options;
if (json) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
const marks = delayMs > 0 ? "bench with a delay" : "bench";
if (markdown) await insertTables(markdown, marks, text);

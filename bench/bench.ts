/**
 * Measures the adapter against other ways to keep conversations in Redis: the
 * same work, in one process, on one server, in turn. docs/performance.md says
 * how to read it.
 *
 * Options: `--rounds N`, `--seed N`; `--delay-ms N`, which puts a link between
 * the clients and the server that holds back all it carries; `--json FILE`; and
 * `--markdown FILE`, which puts the tables between the marks in that file.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createClient, type RedisClientType } from "redis";
import { sharedRedisUrl } from "../tests/support/shared_redis.ts";
import { adapter } from "./contenders/adapter.ts";
import type { Contender, Entry } from "./contenders/contender.ts";
import { documentedSequence } from "./contenders/documented_sequence.ts";
import { langchainHistory } from "./contenders/langchain.ts";
import { describeMachine } from "./machine.ts";
import { bytesPerMessage, MEMORY_SIZES, removeKeys } from "./memory.ts";
import { insertTables, progress } from "./output.ts";
import { type Results, toMarkdown } from "./report.ts";
import { type Row, rows, type Work } from "./rows.ts";
import { openSlowLink } from "./slow_link.ts";
import { summarize } from "./statistics.ts";

const ENTRIES: readonly Entry[] = [
  adapter,
  documentedSequence,
  langchainHistory,
];

/** Rounds that are not counted: the runtime compiles what is called often. */
const WARM_UP = 3;

/** One cell of the table. */
interface Cell {
  readonly row: Row;
  readonly entry: Entry;
  readonly work: Work | undefined;
  readonly durationsMs: number[];
}

const { rounds, seed, delayMs, json, markdown } = readOptions();
const url = await sharedRedisUrl();
const client: RedisClientType = createClient({ url });
client.on("error", (error) => console.error(error));
await client.connect();
// Short, since every key pays for it, and no one else's.
const keyPrefix = `b${crypto.randomUUID().slice(0, 6)}:`;
try {
  const results = await run();
  const text = toMarkdown(results);
  console.log(text);
  if (json) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
  if (markdown) await insertTables(markdown, "bench", text);
} finally {
  await removeKeys(client, keyPrefix);
  await client.close();
}

async function run(): Promise<Results> {
  return {
    machine: await describeMachine(client),
    rounds,
    seed,
    delayMs,
    entries: ENTRIES.map(({ name, client }) => ({ name, client })),
    durations: await measureDurations(),
    memory: await measureMemory(),
  };
}

async function measureDurations(): Promise<Results["durations"]> {
  await using link = delayMs > 0 ? await openSlowLink(url, delayMs) : null;
  const contenders: Contender[] = [];
  const cells: Cell[] = [];
  try {
    for (const [i, entry] of ENTRIES.entries()) {
      progress(`prepares ${entry.name}`);
      const contender = await entry.connect(
        link?.url ?? url,
        `${keyPrefix}${i}:`,
      );
      contenders.push(contender);
      for (const row of rows) {
        const work = await row.open(contender, seed);
        cells.push({ row, entry, work, durationsMs: [] });
      }
    }
    for (let round = -WARM_UP; round < rounds; round++) {
      progress(round < 0 ? "warm-up" : `round ${round + 1} of ${rounds}`);
      for (const cell of inTurn(cells, round)) {
        const durationsMs = await measure(cell);
        if (round >= 0) cell.durationsMs.push(...durationsMs);
      }
    }
  } finally {
    for (const contender of contenders) await contender.close();
  }
  return rows.map((row) => ({
    name: row.name,
    cells: cells.filter((cell) => cell.row === row).map(
      ({ work, durationsMs }) => work ? summarize(durationsMs) : null,
    ),
  }));
}

/** Returns the cells row by row; each round another contender begins. */
function inTurn(cells: readonly Cell[], round: number): Cell[] {
  return rows.flatMap((row) => {
    const turn = cells.filter((cell) => cell.row === row);
    const first = (round + WARM_UP) % turn.length;
    return [...turn.slice(first), ...turn.slice(0, first)];
  });
}

async function measure({ row, entry, work }: Cell): Promise<number[]> {
  if (!work) return [];
  await work.prepare?.();
  const durationsMs: number[] = [];
  for (let i = 0; i < row.calls; i++) {
    const start = performance.now();
    const result = await work.call(i);
    durationsMs.push(performance.now() - start);
    if (work.check?.(result) === false) {
      throw new Error(
        `Cannot measure ${row.name} of ${entry.name}: wrong result`,
      );
    }
  }
  return durationsMs;
}

async function measureMemory(): Promise<Results["memory"]> {
  const memory = [];
  for (const messages of MEMORY_SIZES) {
    progress(`weighs sessions of ${messages}`);
    const bytes: number[] = [];
    for (const [i, entry] of ENTRIES.entries()) {
      const place = { url, keyPrefix: `${keyPrefix}m${i}:` };
      bytes.push(await bytesPerMessage(client, entry, place, messages, seed));
      await removeKeys(client, place.keyPrefix);
    }
    memory.push({ messages, bytes });
  }
  progress("");
  return memory;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "30" },
      seed: { type: "string", default: "1" },
      "delay-ms": { type: "string", default: "0" },
      json: { type: "string" },
      markdown: { type: "string" },
    },
  });
  const integer = (name: "rounds" | "seed" | "delay-ms", least: number) => {
    const number = Number(values[name]);
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new RangeError(
      `Cannot use --${name}: must be an integer from ${least}, got "${
        values[name]
      }"`,
    );
  };
  return {
    rounds: integer("rounds", 1),
    seed: integer("seed", 0),
    delayMs: integer("delay-ms", 0),
    json: values.json,
    markdown: values.markdown,
  };
}

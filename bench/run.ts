/**
 * One run of the benchmark: connects all contenders to one server, measures
 * them, weighs what they store, and leaves nothing behind.
 *
 * @module
 */

import { createClient, type RedisClientType } from "redis";
import { CuttingProxy } from "../tests/support/cutting_proxy.ts";
import { sharedRedisUrl } from "../tests/support/shared_redis.ts";
import { Closers } from "./closers.ts";
import { adapter } from "./contenders/adapter.ts";
import { chatState } from "./contenders/chat_state.ts";
import { connected, type Entry } from "./contenders/contender.ts";
import { documentedSequence } from "./contenders/documented_sequence.ts";
import { floor } from "./contenders/floor.ts";
import { jsonDocument } from "./contenders/json_document.ts";
import { langchainHistory } from "./contenders/langchain.ts";
import { CpuMeter } from "./cpu.ts";
import { describeMachine } from "./machine.ts";
import { type Cell, measureCells } from "./measure.ts";
import { bytesPerMessage, MEMORY_SIZES, removeKeys } from "./memory.ts";
import type { BenchOptions } from "./options.ts";
import { progress } from "./output.ts";
import { pairs } from "./pairs.ts";
import type { Results } from "./results.ts";
import { rows } from "./rows.ts";

const ENTRIES: readonly Entry[] = [
  adapter,
  documentedSequence,
  langchainHistory,
  chatState,
  jsonDocument,
  floor,
];

/** What a run works on. */
interface Place {
  /** A client beside those that are measured. */
  readonly client: RedisClientType;
  readonly url: string;
  readonly keyPrefix: string;
  /** Measures processor time, where that means something. */
  readonly meter: CpuMeter | undefined;
}

/**
 * Measures what is wanted.
 *
 * @throws {Error} when a contender did not do what it must
 */
export async function runBench(options: BenchOptions): Promise<Results> {
  const url = await sharedRedisUrl();
  const client: RedisClientType = await connected(createClient({ url }));
  // Short, since every key pays for it, and no one else's.
  const keyPrefix = `b${crypto.randomUUID().slice(0, 6)}:`;
  try {
    return await measureAll(options, { client, url, keyPrefix });
  } finally {
    await removeKeys(client, keyPrefix);
    await client.close();
  }
}

async function measureAll(
  options: BenchOptions,
  { client, url, keyPrefix }: Omit<Place, "meter">,
): Promise<Results> {
  const { rounds, seed, delayMs } = options;
  await using link = delayMs > 0 ? await CuttingProxy.open(url) : null;
  link?.delay("request", delayMs);
  link?.delay("reply", delayMs);
  const place = {
    client,
    url: link?.url ?? url,
    keyPrefix,
    // The link runs in this process, and would count as the client.
    meter: link ? undefined : await CpuMeter.open(client),
  };
  return {
    machine: await describeMachine(client),
    ...{ rounds, seed, delayMs },
    entries: ENTRIES.map(({ name, client }) => ({ name, client })),
    rows: await measureRows(options, place),
    pairs: await measurePairs(options, place),
    memory: await measureMemory(options, { ...place, url }),
  };
}

async function measureRows(
  { isWanted, rounds, seed }: BenchOptions,
  { url, keyPrefix, meter }: Place,
): Promise<Results["rows"]> {
  const wanted = rows.filter(({ name }) => isWanted(name));
  if (wanted.length === 0) return [];
  await using closers = new Closers();
  const cells: Cell[] = [];
  for (const [i, entry] of ENTRIES.entries()) {
    progress(`prepares ${entry.name}`);
    const contender = await entry.connect(url, `${keyPrefix}${i}:`);
    closers.defer(() => contender.close());
    for (const { name, calls, every, open } of wanted) {
      const work = await open(contender, seed);
      const column = entry.name;
      if (work) cells.push({ row: name, column, calls, every, work });
    }
  }
  const figures = await measureCells(cells, rounds, { meter });
  return wanted.map(({ name, turns }) => ({
    name,
    ...(turns === undefined ? {} : { turns }),
    figures: ENTRIES.map((entry) => {
      const cell = cells.find(({ row, column }) =>
        row === name && column === entry.name
      );
      return cell ? figures.get(cell)! : null;
    }),
  }));
}

async function measurePairs(
  { isWanted, rounds, seed }: BenchOptions,
  { url, keyPrefix }: Place,
): Promise<Results["pairs"]> {
  await using closers = new Closers();
  const cells: [Cell, Cell][] = [];
  const wanted = pairs.filter(({ name, beside }) =>
    isWanted(`${name} beside ${beside}`)
  );
  for (const [i, { name, beside, calls, ours, other }] of wanted.entries()) {
    const row = `${name} beside ${beside}`;
    const [a, b] = await Promise.all([ours, other].map(async (side, j) => {
      const opened = await side(url, `${keyPrefix}p${i}${j}:`, seed);
      closers.defer(() => opened.close());
      const column = j === 0 ? "this adapter" : beside;
      return { row, column, calls, work: opened.work };
    }));
    cells.push([a!, b!]);
  }
  const figures = await measureCells(cells.flat(), rounds, { alternate: true });
  return wanted.map(({ name, beside }, i) => ({
    ...{ name, beside },
    figures: [figures.get(cells[i]![0])!, figures.get(cells[i]![1])!],
  }));
}

async function measureMemory(
  { isWanted, seed }: BenchOptions,
  { client, url, keyPrefix }: Place,
): Promise<Results["memory"]> {
  const memory = [];
  for (const messages of MEMORY_SIZES) {
    if (!isWanted(`bytes a message, session of ${messages}`)) continue;
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

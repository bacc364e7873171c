/**
 * The options of the benchmark's commands.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** What to measure, and how often. */
export interface BenchOptions {
  readonly rounds: number;
  readonly seed: number;
  /** How long a link holds back all it carries, each way; 0: there is none. */
  readonly delayMs: number;
  /** Which rows, pairs and weights to measure. */
  readonly isWanted: (name: string) => boolean;
}

/** Files to write a run to. */
export interface OutputOptions {
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

/**
 * Reads the arguments of the process.
 *
 * @param rounds how many rounds there are unless given
 * @throws {RangeError} when a number is out of its range
 */
export function readOptions(rounds: number): BenchOptions & OutputOptions {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: `${rounds}` },
      seed: { type: "string", default: "1" },
      "delay-ms": { type: "string", default: "0" },
      rows: { type: "string", default: "" },
      json: { type: "string" },
      markdown: { type: "string" },
    },
  });
  const filter = new RegExp(values.rows, "i");
  return {
    rounds: toInteger("rounds", values.rounds, 1),
    seed: toInteger("seed", values.seed, 0),
    delayMs: toInteger("delay-ms", values["delay-ms"], 0),
    isWanted: (name) => filter.test(name),
    json: values.json,
    markdown: values.markdown,
  };
}

/**
 * Returns the number that an option holds.
 *
 * @throws {RangeError} when it is none, or too small
 */
export function toInteger(name: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new RangeError(
    `Cannot use --${name}: must be an integer from ${least}, got "${text}"`,
  );
}

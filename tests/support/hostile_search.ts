/**
 * Searches for hostile input that gets through, and counts what was tried.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import process from "node:process";

/** Where searches begin. To repeat one that failed: HOSTILE_SEED and HOSTILE_PATH of its report, and --filter. */
const SEED = Number(process.env["HOSTILE_SEED"] ?? Date.now() % 2 ** 30);
const PATH = process.env["HOSTILE_PATH"];

/** How many times as long searches are: HOSTILE_TIMES=20 for long ones. */
const TIMES = Number(process.env["HOSTILE_TIMES"] ?? 1);

/** What a search is. */
export interface HostileSearch<T> {
  /** What its report begins with. */
  readonly name: string;
  /** How many values are tried. */
  readonly runs: number;
  /** How many inputs, as ids, texts or records, one value is. */
  readonly inputs: (value: T) => number;
  /** Goes before each value: nothing of those before it is left. */
  readonly clear: () => Promise<void>;
}

/**
 * Tries random values, and prints how many inputs they were.
 *
 * @throws {Error} with the smallest value found that fails, its seed and its path
 */
export async function searchHostile<T>(
  values: fc.Arbitrary<T>,
  { name, runs, inputs, clear }: HostileSearch<T>,
  attempt: (value: T) => Promise<void>,
): Promise<void> {
  let count = 0;
  const property = fc.asyncProperty(values, async (value) => {
    const before = builtIns();
    await attempt(value);
    assertEquals(builtIns(), before, "a built-in prototype was changed");
    count += inputs(value);
  }).beforeEach(clear);
  try {
    await fc.assert(property, {
      seed: SEED,
      numRuns: runs * TIMES,
      ...(PATH === undefined ? {} : { path: PATH, endOnFailure: true }),
    });
  } finally {
    console.log(`${name}: ${count} hostile inputs, seed ${SEED}`);
  }
}

/** Returns the names of all that every object has, and of what an empty object seems to have. */
function builtIns(): string[] {
  const prototypes = [Object, Array, String, Function].map((each) =>
    Reflect.ownKeys(each.prototype).map(String)
  );
  const inherited: string[] = [];
  for (const name in {}) inherited.push(name);
  return [...prototypes.flat(), ...inherited];
}

/**
 * Searches for series of steps by which a store and its model differ.
 *
 * @module
 */

import fc from "fast-check";
import process from "node:process";
import type { Step } from "./model_calls.ts";
import { ModelledStore } from "./modelled_store.ts";
import type { ModelPlace } from "./model_places.ts";

/** Series of steps that are tried between two counts. */
const RUNS = 10;

/** How long a series that failed is made shorter. */
const SHRINK_MS = 40_000;

const PROGRESS_MS = 5000;

/** Where searches begin. To repeat one that failed: MODEL_SEED and MODEL_PATH of its report, and --filter. */
const SEED = Number(process.env["MODEL_SEED"] ?? Date.now() % 2 ** 30);
const PATH = process.env["MODEL_PATH"];

/** How many steps all searches take together at least: MODEL_STEPS for long ones. */
const STEPS = Number(process.env["MODEL_STEPS"] ?? 3000);

/**
 * Takes random steps until there were enough; a call of a race is one.
 *
 * @param name what the lines of progress begin with
 * @throws {Error} with the shortest series found by which the store and the model differ, its seed and its path
 */
export async function search(
  place: ModelPlace,
  { name, steps, share }: {
    readonly name: string;
    readonly steps: fc.Arbitrary<Step[]>;
    /** Which part of all steps. */
    readonly share: number;
  },
): Promise<void> {
  let count = 0;
  let shown = performance.now();
  const show = () => console.log(`${name}: ${count} steps, seed ${SEED}`);
  const property = fc.asyncProperty(steps, async (series) => {
    const store = new ModelledStore(place);
    for (const step of series) {
      await store.take(step);
      count += "race" in step ? step.race.length : 1;
    }
    await store.end();
  }).beforeEach(() => place.clear());
  for (let i = 0; count < share * STEPS; i++) {
    const replay = PATH === undefined ? {} : { path: PATH, endOnFailure: true };
    const bounds = { numRuns: RUNS, interruptAfterTimeLimit: SHRINK_MS };
    await fc.assert(property, { seed: SEED + i, ...bounds, ...replay });
    if (PATH !== undefined) return;
    const isOver = count >= share * STEPS;
    if (!isOver && performance.now() - shown < PROGRESS_MS) continue;
    shown = performance.now();
    show();
  }
}

/**
 * Sets callers against each other.
 *
 * @module
 */

import assert from "node:assert/strict";
import { present } from "./assertions.ts";
import type { CompleteAdapter } from "./subject.ts";

/** How many callers write at once. */
export const RACERS = 20;
/** How often a race is run that may go well by chance. */
export const ROUNDS = 10;

/** Starts all racers at once, on the contenders in turn. */
export async function race<T>(
  contenders: CompleteAdapter[],
  run: (racer: CompleteAdapter, number: number) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> {
  return await Promise.allSettled(
    Array.from(
      { length: RACERS },
      (_, number) =>
        run(present(contenders[number % contenders.length]), number),
    ),
  );
}

/** Returns what the only racer that won got. */
export function soleWinner<T>(outcomes: PromiseSettledResult<T>[]): T {
  const winners = successes(outcomes);
  assert.equal(winners.length, 1, `${winners.length} racers win`);
  return present(winners[0]);
}

/** Returns what the racers that won got. */
export function successes<T>(outcomes: PromiseSettledResult<T>[]): T[] {
  return outcomes.flatMap((outcome) =>
    outcome.status === "fulfilled" ? [outcome.value] : []
  );
}

/** Returns what the racers that lost were told. */
export function failures(outcomes: PromiseSettledResult<unknown>[]): unknown[] {
  return outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason] : []
  );
}

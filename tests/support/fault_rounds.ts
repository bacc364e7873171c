/**
 * How long the tests of faults go on.
 *
 * @module
 */

import process from "node:process";

/** Returns how often each fault is tried: once, unless FAULT_ROUNDS says otherwise. */
export function faultRounds(): number {
  const { FAULT_ROUNDS } = process.env;
  const rounds = Number(FAULT_ROUNDS ?? 1);
  if (Number.isSafeInteger(rounds) && rounds > 0) return rounds;
  throw new RangeError(
    `Cannot use FAULT_ROUNDS: must be a positive integer, got "${FAULT_ROUNDS}"`,
  );
}

/**
 * Returns places in an exchange of so many bytes: its ends, the bytes beside
 * them, and so many more between them; all of them where it is short.
 */
export function spread(size: number, count: number): number[] {
  const ends = [0, 1, size - 1, size];
  const between = Array.from(
    { length: Math.min(count, size) },
    (_, i) => Math.round((i + 1) * size / (count + 1)),
  );
  return [...new Set([...ends, ...between])]
    .filter((place) => place >= 0 && place <= size)
    .sort((a, b) => a - b);
}

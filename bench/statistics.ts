/**
 * What is said about many durations of the same call.
 *
 * @module
 */

/** The durations of one call, in milliseconds. */
export interface Summary {
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly calls: number;
}

/** Sums up durations in milliseconds. */
export function summarize(durationsMs: readonly number[]): Summary {
  const sorted = [...durationsMs].sort((a, b) => a - b);
  return {
    medianMs: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
    calls: sorted.length,
  };
}

/** Returns the value in the middle of a list. */
export function median(values: readonly number[]): number {
  return quantile([...values].sort((a, b) => a - b), 0.5);
}

/** Returns the value below which the given part of a sorted list lies, between two values if need be. */
export function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) {
    throw new RangeError("Cannot find a quantile: the list is empty");
  }
  return below + (above - below) * (place - Math.floor(place));
}

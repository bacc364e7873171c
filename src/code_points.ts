/**
 * The order of ids within one score of a sorted set.
 *
 * @module
 */

/** Compares as Redis does: by the bytes of UTF-8, which is by code points. */
export function compareIds(a: string, b: string): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = a.codePointAt(i)! - b.codePointAt(i)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

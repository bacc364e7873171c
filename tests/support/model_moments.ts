/**
 * What the model knows of dates that the store sets, and how results are held
 * against what the model expects.
 *
 * @module
 */

import { inspect } from "node:util";

/** Properties of a record. */
export type Fields = Readonly<Record<string, unknown>>;

/** Some moment in a stretch of time, in ms since 1970, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A date that the store sets: within bounds, until a result tells which. */
export class Moment {
  readonly #span: Span;
  readonly #previous: Moment | undefined;
  #ms: number | undefined;

  /** Makes one within a span; what comes after a previous one may lie a millisecond beyond it. */
  constructor(span: Span, previous?: Moment) {
    this.#span = span;
    this.#previous = previous;
  }

  /** The date in ms since 1970; undefined while no result told it. */
  get ms(): number | undefined {
    return this.#ms;
  }

  /** Takes a date for what this is, and tells whether it can be that. */
  learn(ms: number): boolean {
    if (this.#ms !== undefined) return ms === this.#ms;
    const previous = this.#previous?.ms ?? -Infinity;
    const { from, to } = this.#span;
    if (ms < from || ms < previous || ms > Math.max(to, previous + 1)) {
      return false;
    }
    this.#ms = ms;
    return true;
  }

  /** Forgets what was learned. */
  forget(): void {
    this.#ms = undefined;
  }

  [inspect.custom](): string {
    if (this.#ms !== undefined) return new Date(this.#ms).toISOString();
    const { from, to } = this.#span;
    const last = this.#previous === undefined ? "" : ", or after the last one";
    const ends = [from, to].map((ms) => new Date(ms).toISOString());
    return `a date from ${ends.join(" to ")}${last}`;
  }
}

/** Says where a store is not as the model. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";

  /** Returns one of a value. */
  static of(path: string, actual: unknown, expected: unknown): Mismatch {
    const [is, has] = [actual, expected].map((value) =>
      inspect(value, { depth: 6, breakLength: 100 })
    );
    return new Mismatch(`${path} is ${is}\nwhere the model has ${has}`);
  }
}

/**
 * Fails unless a result is what is expected, and learns dates from it.
 *
 * @param learned gets each moment that was learned
 * @throws {Mismatch} where they differ
 */
export function match(
  actual: unknown,
  expected: unknown,
  learned: Moment[],
  path = "result",
): void {
  const differ = () => Mismatch.of(path, actual, expected);
  if (expected instanceof Moment) {
    if (!(actual instanceof Date)) throw differ();
    const isNew = expected.ms === undefined;
    if (!expected.learn(actual.getTime())) throw differ();
    if (isNew) learned.push(expected);
    return;
  }
  if (typeof expected !== "object" || expected === null) {
    if (actual !== expected) throw differ();
    return;
  }
  if (expected instanceof Date) {
    const isSame = actual instanceof Date && +actual === +expected;
    if (!isSame) throw differ();
    return;
  }
  if (typeof actual !== "object" || actual === null) throw differ();
  if (Array.isArray(actual) !== Array.isArray(expected)) throw differ();
  const wanted = Object.entries(expected)
    .filter(([, value]) => value !== undefined);
  const isSameShape = Object.keys(actual).length === wanted.length &&
    wanted.every(([name]) => Object.hasOwn(actual, name));
  if (!isSameShape) throw differ();
  for (const [name, value] of wanted) {
    const part = Object.getOwnPropertyDescriptor(actual, name)?.value;
    match(part, value, learned, `${path}.${name}`);
  }
}

/**
 * What a row of the benchmark is made of.
 *
 * @module
 */

import type { Contender, FoundMessage } from "./contenders/contender.ts";

/** One call, again and again. */
export interface Work {
  /** Prepares a round; what it does is not measured. */
  readonly prepare?: () => Promise<void>;
  /** Prepares a call; what it does is not measured. */
  readonly before?: (i: number) => Promise<unknown>;
  /** Makes the call; `i` counts the calls of a round from 0. */
  readonly call: (i: number) => Promise<unknown>;
  /** Tells after a round whether the call did what it must. */
  readonly check: (result: unknown, i: number) => boolean | Promise<boolean>;
}

/** Undefined where a contender cannot do the work. */
export type MaybeWork = Work | undefined;

/** A row of the tables. */
export interface Row {
  readonly name: string;
  /** Calls in one round. */
  readonly calls: number;
  /** Takes part in every so many rounds only, since its calls are slow. @default {1} */
  readonly every?: number;
  /** Turns of a chat in one call, where the row is about those. */
  readonly turns?: number;
  /** Stores what the calls need; undefined where the contender cannot make them. */
  readonly open: (
    contender: Contender,
    seed: number,
  ) => MaybeWork | Promise<MaybeWork>;
}

/**
 * Whether a contender returned these messages. One that orders messages by the
 * client's clock can swap two of one millisecond, which is no fault here.
 */
export function sameTexts(
  found: unknown,
  expected: readonly FoundMessage[],
): boolean {
  if (!Array.isArray(found) || found.length !== expected.length) return false;
  const sorted = (list: readonly FoundMessage[]) =>
    list.map(({ content }) => String(content)).sort();
  const texts = sorted(found);
  return sorted(expected).every((text, i) => text === texts[i]);
}

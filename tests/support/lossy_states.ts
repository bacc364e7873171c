/**
 * What a session can be like by all that its only writer was told, where a
 * failover can undo what was acknowledged.
 *
 * @module
 */

import {
  distinct,
  type ReadState,
  type SessionState,
  type Step,
  type WriterView,
} from "./possible_states.ts";

/** Steps that one failover undoes, at most. */
const LOST_MOST = 100;

/** A step, and what was answered; undefined: nobody knows whether it was carried out. */
interface Entry {
  readonly step: Step;
  readonly reply: string | undefined;
}

/**
 * Every state that a session can be in, if the store may lose the last steps
 * before some moment: all from one on, none of which it kept in part.
 */
export class LossyStates implements WriterView {
  #entries: Entry[] = [];
  /** The states after so many entries. */
  #states: (readonly SessionState[])[] = [[null]];
  /** How many acknowledged steps were lost. */
  lost = 0;

  get likely(): SessionState {
    return this.#states.at(-1)![0]!;
  }

  answered(step: Step, reply: string): void {
    this.#take({ step, reply });
  }

  unanswered(step: Step, _why: string): void {
    this.#take({ step, reply: undefined });
  }

  check(found: ReadState): void {
    const apply = (state: SessionState) => {
      if (state === null) return { state, reply: "null" };
      const { lastSequence: _, ...readable } = state;
      return { state, reply: JSON.stringify(readable) };
    };
    this.#take({ step: { name: "read", apply }, reply: JSON.stringify(found) });
  }

  #take(entry: Entry): void {
    this.#entries.push(entry);
    const states = after(this.#states.at(-1)!, entry);
    if (states.length > 0) this.#states.push(states);
    else this.#lose();
  }

  /** Explains the last entry by as few lost steps as possible; throws where that cannot be. */
  #lose(): void {
    const { length } = this.#entries;
    for (let count = 1; count <= Math.min(LOST_MOST, length - 1); count++) {
      for (let from = length - 1 - count; from >= 0; from--) {
        const states = this.#states.slice(0, from + 1);
        const kept = this.#entries.slice(from + count);
        for (const entry of kept) states.push(after(states.at(-1)!, entry));
        if (states.at(-1)!.length === 0) continue;
        const lost = this.#entries.splice(from, count);
        this.#states = states;
        this.lost += lost.filter(({ step, reply }) =>
          !step.isRead && reply !== undefined
        ).length;
        return;
      }
    }
    const last = this.#entries.slice(-20)
      .map(({ step, reply }) => `${step.name}: ${reply}`).join("\n  ");
    throw new Error(`No loss explains a session: after\n  ${last}`);
  }
}

function after(
  states: readonly SessionState[],
  { step, reply }: Entry,
): SessionState[] {
  const results = states.map(step.apply);
  if (reply === undefined) {
    return distinct([...states, ...results.map(({ state }) => state)]);
  }
  const fitting = results.filter((result) => result.reply === reply);
  return distinct(fitting.map(({ state }) => state));
}

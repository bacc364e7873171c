/**
 * What a session can be like by all that its only writer was told: more than
 * one thing after a call of which nobody knows whether it was carried out.
 *
 * @module
 */

/** A session as far as the writers of these tests change it; null: there is none. */
export type SessionState = {
  readonly userId: string;
  readonly tokenCount: number;
  readonly version: number;
  readonly lastSequence: number;
  readonly messages: readonly (readonly [id: string, sequence: number])[];
} | null;

/** What can be read of it. */
export type ReadState = Omit<NonNullable<SessionState>, "lastSequence"> | null;

/** What a step makes of a session, and what its caller is told then. */
export interface StepResult {
  readonly state: SessionState;
  readonly reply: string;
}

/** A step of a writer. */
export interface Step {
  /** What the step is, for messages. */
  readonly name: string;
  /** Whether it changes nothing. */
  readonly isRead?: boolean;
  /** Tells what a correct store does. */
  readonly apply: (state: SessionState) => StepResult;
}

/** What the only writer of a session knows of it. */
export interface WriterView {
  /** One of the states that it can be in. */
  readonly likely: SessionState;
  /** Takes down what a step was answered; throws where no state explains it. */
  answered(step: Step, reply: string): void;
  /** Takes down that nobody knows whether a step was carried out. */
  unanswered(step: Step, why: string): void;
  /** Throws unless this can be what is read of the session. */
  check(found: ReadState): void;
}

/** Every state that a session can be in. */
export class PossibleStates implements WriterView {
  #states: readonly SessionState[] = [null];
  readonly #history: string[] = [];

  get likely(): SessionState {
    return this.#states[0]!;
  }

  answered(step: Step, reply: string): void {
    const results = this.#states.map(step.apply);
    this.#note(`${step.name}: ${reply}`);
    const fitting = results.filter((result) => result.reply === reply);
    if (fitting.length === 0) {
      const expected = new Set(results.map((result) => result.reply));
      throw this.#contradiction(`expected ${[...expected].join(" or ")}`);
    }
    this.#states = distinct(fitting.map(({ state }) => state));
  }

  unanswered(step: Step, why: string): void {
    this.#note(`${step.name}: ${why}`);
    this.#states = distinct([
      ...this.#states,
      ...this.#states.map((state) => step.apply(state).state),
    ]);
  }

  check(found: ReadState): void {
    const text = JSON.stringify(found);
    const states = this.#states.map((state) => {
      if (state === null) return "null";
      const { lastSequence: _, ...readable } = state;
      return JSON.stringify(readable);
    });
    if (states.includes(text)) return;
    throw this.#contradiction(
      `found ${text} instead of ${states.join(" or ")}`,
    );
  }

  #note(text: string): void {
    this.#history.push(text);
  }

  #contradiction(what: string): Error {
    const last = this.#history.slice(-12).join("\n  ");
    return new Error(`Cannot explain a session: ${what}; after\n  ${last}`);
  }
}

/** Returns each state once. */
export function distinct(states: readonly SessionState[]): SessionState[] {
  const byText = new Map(
    states.map((state) => [JSON.stringify(state), state]),
  );
  return [...byText.values()];
}

/**
 * The calls of one adapter: each under its deadline, its faults as errors that
 * callers know, none after the end.
 *
 * @module
 */

import type { ErrorClasses } from "./config.ts";
import type { Checkpoint, Deadlines, Step } from "./deadline.ts";
import type { StorageError, StorageErrorReason } from "./errors.ts";
import { asFailure, Failure } from "./failure.ts";

/** After these an append or a create may be stored: access rules stop a script at one of its writes, too. */
const UNCERTAIN: ReadonlySet<StorageErrorReason> = new Set([
  "timeout",
  "unavailable",
  "access-denied",
  "unknown",
]);

/** What the calls of an adapter have in common. */
export interface CallRules {
  /** Ends calls that take too long. */
  readonly deadlines: Deadlines;
  /** The classes of errors to throw. */
  readonly errors: ErrorClasses;
}

/** Runs calls until they are ended. */
export class Calls {
  readonly #rules: CallRules;
  readonly #underWay = new Set<Promise<unknown>>();
  #isEnded = false;

  constructor(rules: CallRules) {
    this.#rules = rules;
  }

  /**
   * Runs work under the deadline.
   *
   * @param action says what is tried, as the error message does after "Cannot"
   * @param work what to run
   * @param ids what the work may have stored when it fails; it can add to them
   * @throws {StorageError} when the work fails, takes too long, or the calls are ended
   */
  run<T>(
    action: () => string,
    work: (checkpoint: Checkpoint) => Promise<T>,
    ids: readonly string[] = [],
  ): Promise<T> {
    let isOver = false;
    const checkpoint = () => {
      if (isOver) throw new Failure("timeout", "nobody waits any more");
    };
    const result = this.#isEnded
      ? Promise.reject(new Failure("unavailable", "the adapter is closed"))
      : work(checkpoint);
    const call = this.#rules.deadlines.within(result, {
      done: () => {
        isOver = true;
        this.#underWay.delete(call);
      },
      errorOf: (error) => this.error(action(), asFailure(error), ids),
    });
    this.#underWay.add(call);
    return call;
  }

  /** Returns a runner for the round trips of a call that has many: each has the deadline to itself. */
  step(action: string): Step {
    return (work) => this.run(() => action, work);
  }

  /** Refuses further calls, and resolves when those under way are done. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await Promise.allSettled(this.#underWay);
  }

  /** Returns the error that callers see; `ids` are what may be stored all the same. */
  error(
    action: string,
    failure: Failure,
    ids: readonly string[] = [],
  ): StorageError {
    const { reason, message, isStored, cause } = failure;
    const error = new this.#rules.errors.StorageError(
      `Cannot ${action}: ${message}`,
      "redis",
      cause ?? failure,
    );
    const facts = ids.length > 0 && (isStored || UNCERTAIN.has(reason))
      ? { reason, ids: [...ids] }
      : { reason };
    // A caller's own class may not declare these, or have them read-only, but
    // gets them all the same.
    for (const [name, value] of Object.entries(facts)) {
      Object.defineProperty(error, name, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    }
    return error as StorageError;
  }
}

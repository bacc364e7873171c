/**
 * The calls of one adapter: each under its deadline, its faults as errors that
 * callers know, none after the end.
 *
 * @module
 */

import type { ErrorClasses } from "./config.ts";
import { within } from "./deadline.ts";
import type { StorageError, StorageErrorReason } from "./errors.ts";
import { Failure, failureOf } from "./failure.ts";
import type { Step } from "./session_index.ts";

/** After these an append or a create may have reached Redis. */
const UNCERTAIN: ReadonlySet<StorageErrorReason> = new Set([
  "timeout",
  "unavailable",
  "unknown",
]);

/** What the calls of an adapter have in common. */
export interface CallRules {
  /** How long a call may take, in milliseconds. */
  readonly timeoutMs: number;
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
   * @param action what is tried, as the error message says it after "Cannot"
   * @param work what to run
   * @param ids what the work may have stored when it fails; it can add to them
   * @throws {StorageError} when the work fails, takes too long, or the calls are ended
   */
  run<T>(
    action: string,
    work: () => Promise<T>,
    ids: readonly string[] = [],
  ): Promise<T> {
    if (this.#isEnded) {
      const failure = new Failure("unavailable", "the adapter is closed");
      return Promise.reject(this.error(action, failure));
    }
    const call = within(this.#rules.timeoutMs, work(), {
      done: () => this.#underWay.delete(call),
      errorOf: (error) => this.error(action, failureOf(error), ids),
    });
    this.#underWay.add(call);
    return call;
  }

  /** Returns a runner for the round trips of a call that has many: each has the deadline to itself. */
  step(action: string): Step {
    return (work) => this.run(action, work);
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
    const { reason, message, cause } = failure;
    const error = new this.#rules.errors.StorageError(
      `Cannot ${action}: ${message}`,
      "redis",
      cause ?? failure,
    );
    const facts = ids.length > 0 && UNCERTAIN.has(reason)
      ? { reason, ids: [...ids] }
      : { reason };
    // A caller's own class may not declare these, but gets them all the same.
    return Object.assign(error, facts) as StorageError;
  }
}

/**
 * Deadlines: node-redis queues commands while the server is away, and its own
 * timeout covers only what is not yet written.
 *
 * @module
 */

import { Failure } from "./failure.ts";

/** Throws where nobody waits for a call any more; for calls of many round trips. */
export type Checkpoint = () => void;

/** Runs one round trip under its own deadline. */
export type Step = <T>(work: () => Promise<T>) => Promise<T>;

/** What to do when the work is done, or its time is over. */
export interface Settling {
  /** Called first, however it ends. */
  readonly done?: () => void;
  /** Returns what to reject with. */
  readonly errorOf?: (error: unknown) => unknown;
}

/**
 * Settles as the work does, or rejects when it takes longer. One promise does
 * all of it, since each further one costs every call.
 *
 * @param timeoutMs how long to wait, in milliseconds
 * @param work what to wait for; it goes on when the deadline has passed, unheard
 */
export function within<T>(
  timeoutMs: number,
  work: Promise<T>,
  { done, errorOf }: Settling = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      clearTimeout(timer);
      done?.();
      try {
        reject(errorOf === undefined ? error : errorOf(error));
      } catch (fault) {
        // A caller's own class of errors can throw, too.
        reject(fault);
      }
    };
    const timer = setTimeout(() => {
      fail(
        new Failure("timeout", `no answer from Redis within ${timeoutMs} ms`),
      );
    }, timeoutMs);
    work.then((value) => {
      clearTimeout(timer);
      done?.();
      resolve(value);
    }, fail);
  });
}

/**
 * Deadlines: node-redis queues commands while the server is away, and its own
 * timeout covers only what is not yet written.
 *
 * @module
 */

import { Failure } from "./failure.ts";

/**
 * Settles as the work does, or rejects when it takes longer.
 *
 * @param timeoutMs how long to wait, in milliseconds
 * @param work what to wait for; it goes on when the deadline has passed, unheard
 */
export function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new Failure("timeout", `no answer from Redis within ${timeoutMs} ms`),
      );
    }, timeoutMs);
    work.then((value) => {
      clearTimeout(timer);
      resolve(value);
    }, (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

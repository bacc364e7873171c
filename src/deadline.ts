/**
 * Deadlines: node-redis queues commands while the server is away, and its own
 * timeout covers only what is not yet written.
 *
 * @module
 */

import { clearTimeout, setTimeout } from "node:timers";
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

interface Waiting {
  readonly dueMs: number;
  readonly expire: () => void;
}

/**
 * Deadlines of one length. They come in the order in which they began, so one
 * timer serves all: one for each would cost every call some microseconds.
 */
export class Deadlines {
  readonly #timeoutMs: number;
  readonly #waiting = new Set<Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param timeoutMs how long each waits, in milliseconds */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Settles as the work does, or rejects when it takes longer. One promise does
   * all of it, since each further one costs every call.
   *
   * @param work what to wait for; it goes on when the deadline has passed, unheard
   */
  within<T>(
    work: Promise<T>,
    { done, errorOf }: Settling = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        this.#delete(waiting);
        done?.();
        try {
          reject(errorOf === undefined ? error : errorOf(error));
        } catch (fault) {
          // A caller's own class of errors can throw, too.
          reject(fault);
        }
      };
      const waiting: Waiting = {
        dueMs: performance.now() + this.#timeoutMs,
        expire: () => {
          const why = `no answer from Redis within ${this.#timeoutMs} ms`;
          fail(new Failure("timeout", why));
        },
      };
      this.#add(waiting);
      work.then((value) => {
        this.#delete(waiting);
        done?.();
        resolve(value);
      }, fail);
    });
  }

  /** Lets go of the timer; deadlines that still wait keep theirs. */
  release(): void {
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #add(waiting: Waiting): void {
    this.#waiting.add(waiting);
    if (this.#timer === undefined) this.#arm(this.#timeoutMs);
    else if (this.#waiting.size === 1) this.#timer.ref();
  }

  #delete(waiting: Waiting): void {
    // The timer goes on for the next call, but keeps no process from ending.
    if (this.#waiting.delete(waiting) && this.#waiting.size === 0) {
      this.#timer?.unref();
    }
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => this.#expire(), ms);
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const { dueMs, expire } of this.#waiting) {
      if (dueMs > now) {
        // A caller's own class of errors can have begun another call.
        if (this.#timer === undefined) this.#arm(dueMs - now);
        return;
      }
      expire();
    }
  }
}

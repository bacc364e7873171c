/**
 * Closes what a run has opened, in the opposite order; Node 20 has no
 * AsyncDisposableStack.
 *
 * @module
 */

/** What is to be closed. */
export class Closers implements AsyncDisposable {
  readonly #closers: (() => Promise<unknown>)[] = [];

  /** Notes something to close. */
  defer(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** Closes all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }
}

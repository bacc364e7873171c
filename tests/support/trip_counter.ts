/**
 * Counts round trips.
 *
 * @module
 */

/**
 * Counts round trips: what is sent before the first reply is one. Replies wait
 * for each other, so that the count does not depend on which comes first.
 */
export class TripCounter {
  #trips = 0;
  #underWay = 0;
  #replies: (() => void)[] = [];

  /** Returns how many there were since the last call. */
  take(): number {
    const trips = this.#trips;
    this.#trips = 0;
    return trips;
  }

  /** Sends a command; resolves when all that are under way are answered. */
  async during<T>(send: () => Promise<T>): Promise<T> {
    if (this.#underWay++ === 0) this.#trips++;
    try {
      return await send();
    } finally {
      await this.#allReplies();
    }
  }

  async #allReplies(): Promise<void> {
    const all = new Promise<void>((resolve) => this.#replies.push(resolve));
    if (this.#replies.length === this.#underWay) {
      this.#underWay = 0;
      for (const resolve of this.#replies.splice(0)) resolve();
    }
    await all;
  }
}

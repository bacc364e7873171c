/**
 * Writers that create, change and delete sessions all at once.
 *
 * @module
 */

import { StorageError } from "@reaatech/session-continuity-storage-redis";
import type { PlacedStore } from "./places.ts";
import { newMessage, newSession, unset } from "./records.ts";

const WRITERS = 8;

/** The users that sessions move between. */
export const USERS: readonly string[] = ["u0", "u1", "u2", "u3"];

/** Writers at work on some sessions. */
export class LiveTraffic {
  /** Sessions that were deleted; none of them comes again. */
  readonly deleted: Set<string> = new Set();
  readonly #store: PlacedStore;
  readonly #ids: string[];
  readonly #writers: Promise<void>[];
  #writes = 0;
  #creates = 0;
  #isOver = false;

  /** Lets writers begin on sessions that are there. */
  constructor(store: PlacedStore, ids: readonly string[]) {
    this.#store = store;
    this.#ids = [...ids];
    this.#writers = Array.from({ length: WRITERS }, () => this.#write());
  }

  /** How many writes there were. */
  get writes(): number {
    return this.#writes;
  }

  /**
   * Lets the writers end what they are at.
   *
   * @throws {StorageError} when a write failed, but for one to a session that was deleted
   */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#writers);
  }

  async #write(): Promise<void> {
    while (!this.#isOver) {
      const id = pick(this.#ids);
      try {
        await this.#call(id);
      } catch (error) {
        const isGone = error instanceof StorageError &&
          error.reason === "not-found" && this.deleted.has(id);
        if (!isGone) throw error;
      }
      this.#writes++;
    }
  }

  async #call(id: string): Promise<unknown> {
    const { storage } = this.#store;
    const userId = pick(USERS);
    const expiresAt = new Date(1000 * Math.ceil(Math.random() * 100));
    switch (pick(CALLS)) {
      case "move":
        return await storage.updateSession(id, { userId });
      case "leave":
        return await storage.updateSession(id, unset("userId", "expiresAt"));
      case "expiry":
        return await storage.updateSession(id, { expiresAt });
      case "append":
        return await storage.addMessage(
          id,
          newMessage("Hi", { id: `${id}-${crypto.randomUUID()}` }),
        );
      case "create": {
        const created = `n${this.#creates++}`;
        await storage.createSession(
          newSession({ id: created, userId, expiresAt }),
        );
        return this.#ids.push(created);
      }
      case "delete":
        this.deleted.add(id);
        return await storage.deleteSession(id);
    }
  }
}

const CALLS = [
  ...["move", "move", "move", "leave", "expiry", "append", "append"],
  ...["create", "delete"],
] as const;

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)] as T;
}

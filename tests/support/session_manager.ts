/**
 * What the README's example needs of the toolkit, which this package does not
 * depend on: a manager that calls the storage as the toolkit's does.
 *
 * @module
 */

import type {
  IStorageAdapter,
  Session,
} from "@reaatech/session-continuity-storage-redis";

export {
  ConcurrencyError,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";

/** How to make a manager; the names are the toolkit's. */
export interface SessionManagerConfig {
  readonly storage: IStorageAdapter;
  readonly tokenCounter: { count(text: string): number };
  /** Seconds after which a session is due for the clean-up. */
  readonly sessionTTL: number;
  /** Seconds between two clean-ups. */
  readonly cleanupInterval: number;
}

/** Creates sessions with a deadline, and removes those whose deadline is due. */
export class SessionManager {
  readonly #config: SessionManagerConfig;

  constructor(config: SessionManagerConfig) {
    this.#config = config;
  }

  /** Creates a session that is due `sessionTTL` seconds from now. */
  async createSession(userId: string): Promise<Session> {
    const { storage, sessionTTL } = this.#config;
    return await storage.createSession({
      userId,
      status: "active",
      metadata: {},
      participants: [],
      schemaVersion: 1,
      expiresAt: new Date(Date.now() + sessionTTL * 1000),
    });
  }

  /** Removes the sessions that are due at a moment. */
  async cleanUp(now: Date): Promise<number> {
    const { storage } = this.#config;
    const ids = await storage.getExpiredSessions(now);
    for (const id of ids) await storage.deleteSession(id);
    return ids.length;
  }
}

/**
 * What the memory adapter stores, and how it finds it.
 *
 * @module
 */

import {
  type HealthStatus,
  type Message,
  type Session,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import type { AdapterSettings } from "@reaatech/session-continuity-storage-redis/conformance";
import { checkId, Refusal } from "./memory_checks.ts";

/** A session and what belongs to it. */
export interface Entry {
  session: Session;
  messages: Message[];
  lastSequence: number;
  /** When the session is gone, in milliseconds; Infinity without a TTL. */
  goneAt: number;
}

/** What several adapters can share, with a clock that tests move. */
export class MemoryStore {
  readonly entries: Map<string, Entry> = new Map();
  /** How many adapters were opened that count themselves. */
  opened: number = 0;
  /** The time, in milliseconds; it stands still but for elapse(). */
  now: number = Date.UTC(2030, 0, 1);

  /** Moves the clock forward. */
  elapse(milliseconds: number): Promise<void> {
    this.now += milliseconds;
    return Promise.resolve();
  }
}

/** Opens and closes a store, and finds sessions in it. */
export class MemoryAccess {
  protected readonly store: MemoryStore;
  protected readonly settings: AdapterSettings;
  protected closed = false;

  constructor(store: MemoryStore, settings: AdapterSettings = {}) {
    this.store = store;
    this.settings = settings;
  }

  health(): Promise<HealthStatus> {
    return Promise.resolve(
      this.closed
        ? { status: "unhealthy", details: { error: "closed" } }
        : { status: "healthy", latency: 0 },
    );
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Does the work at once, and turns a refusal into the error of the contract. */
  protected async attempt<T>(action: string, work: () => T): Promise<T> {
    await Promise.resolve();
    try {
      if (this.closed) throw new Refusal("unavailable", "the store is closed");
      return work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { errors } = this.settings;
      const failure = new (errors?.StorageError ?? StorageError)(
        `Cannot ${action}: ${error.message}`,
        "memory",
        error,
      );
      throw Object.assign(failure, { reason: error.reason });
    }
  }

  /** Refuses what cannot identify anything. */
  protected checkId(value: unknown, name?: string): void {
    checkId(value, name);
  }

  /** Returns what is stored under an id and has not expired. */
  protected find(id: string): Entry | undefined {
    const entry = this.store.entries.get(id);
    if (!entry || entry.goneAt > this.store.now) return entry;
    this.store.entries.delete(id);
    return undefined;
  }

  /** Returns what is stored under an id, or refuses. */
  protected get(id: string): Entry {
    const entry = this.find(id);
    if (entry) return entry;
    throw new Refusal("not-found", "not found");
  }

  /** Returns all that has not expired. */
  protected live(): Entry[] {
    return [...this.store.entries.keys()].flatMap((id) => this.find(id) ?? []);
  }

  /** Starts the TTL of a session again. */
  protected slide(entry: Entry): void {
    const { ttlSeconds } = this.settings;
    if (ttlSeconds === undefined) return;
    entry.goneAt = this.store.now + ttlSeconds * 1000;
  }

  /** Notes that something happened in a session. */
  protected move(entry: Entry): void {
    entry.session.lastActivityAt = new Date(this.store.now);
    this.slide(entry);
  }
}

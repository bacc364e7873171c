/**
 * Remembers what callers were told while servers came and went.
 *
 * @module
 */

import {
  type Message,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";

/** One append, however often it had to be sent. */
export interface LoggedAppend {
  readonly sessionId: string;
  /** Chosen by the load, so that repeating it stores nothing twice. */
  readonly id: string;
  /** Who sent it: one at a time, and the next only after this one. */
  readonly writer: string;
  readonly number: number;
  /** When it was first sent, by performance.now(). */
  readonly sentAt: number;
  /** When it was acknowledged; Infinity: never. */
  acknowledgedAt: number;
  /** What the acknowledgement said. */
  message: Message | undefined;
}

/** A session that was created meanwhile. */
export interface LoggedCreate {
  readonly id: string;
  isAcknowledged: boolean;
}

/** What a load has done. */
export class CallLedger {
  readonly adapters: readonly RedisAdapter[];
  /** The sessions that are appended to. */
  readonly sessionIds: readonly string[];
  /** In the order in which they were first sent. */
  readonly appends: LoggedAppend[] = [];
  /** The sessions that were created beside them. */
  readonly creates: LoggedCreate[] = [];
  /** How often calls failed, by their reasons. */
  readonly failures = new Map<string, number>();
  /** What calls failed with but must not, such as "not-found". */
  readonly faults: unknown[] = [];
  /** How long the longest call took, in milliseconds. */
  longestMs = 0;

  /** Constructs an empty ledger. */
  constructor(
    adapters: readonly RedisAdapter[],
    sessionIds: readonly string[],
  ) {
    this.adapters = adapters;
    this.sessionIds = sessionIds;
  }

  /**
   * Makes a call, and resolves to undefined where it failed.
   *
   * @param unless says of a failure that it is none, and what it stands for
   */
  async call<T>(
    call: () => Promise<T>,
    unless: (error: StorageError) => T | undefined = () => undefined,
  ): Promise<T | undefined> {
    const start = performance.now();
    try {
      return await call();
    } catch (error) {
      const reason = error instanceof StorageError ? error.reason : "unlike";
      this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
      const result = error instanceof StorageError ? unless(error) : undefined;
      const isOutage = reason === "timeout" || reason === "unavailable";
      if (result === undefined && !isOutage) this.faults.push(error);
      return result;
    } finally {
      this.longestMs = Math.max(this.longestMs, performance.now() - start);
    }
  }

  /** Says what it holds. */
  summary(): string {
    const failures = [...this.failures].map(([reason, n]) => `${n} ${reason}`);
    return [
      `${this.appends.length} appends and ${this.creates.length} creates`,
      `failures: ${failures.join(", ") || "none"}`,
      `longest call ${Math.round(this.longestMs)} ms`,
    ].join("; ");
  }
}

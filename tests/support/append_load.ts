/**
 * Appends from many sides at once while servers come and go, and remembers
 * what was acknowledged.
 *
 * ```ts
 * await using load = await AppendLoad.start({ open: () => openAdapter() });
 * await load.advance();
 * await server.kill("SIGKILL");
 * await load.advance();
 * const ledger = await load.stop();
 * ```
 *
 * `open` makes an adapter on a client of its own; all of them get the same key
 * prefix. audit_appends.ts holds the ledger against what is stored then.
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import {
  type Message,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession } from "./records.ts";
import { until } from "./until.ts";

const PATIENCE_MS = 20_000;
const STEPS = 25;
const PAUSE_MS = 5;
const PAUSE_AFTER_FAILURE_MS = 25;

/** Who appends what, and to where. */
export interface AppendLoadOptions {
  /** Makes an adapter; those of one load share their data. */
  readonly open: () => Promise<RedisAdapter>;
  /** How many adapters; each appends to each session. @default 2 */
  readonly adapters?: number;
  /** How many sessions, each of a user of its own. @default 3 */
  readonly sessions?: number;
  /** How long an append is repeated until it is given up. @default 20_000 */
  readonly patienceMs?: number;
}

/** One append, however often it had to be sent. */
export interface LoggedAppend {
  readonly sessionId: string;
  /** Chosen here, so that repeating it stores nothing twice. */
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

/** What a load has done. */
export interface AppendLedger {
  readonly adapters: readonly RedisAdapter[];
  readonly sessionIds: readonly string[];
  /** In the order in which they were first sent. */
  readonly appends: readonly LoggedAppend[];
  /** How often calls failed, by their reasons. */
  readonly failures: ReadonlyMap<string, number>;
  /** What calls failed with but must not, such as "not-found". */
  readonly faults: readonly unknown[];
  /** How long the longest call took, in milliseconds. */
  readonly longestMs: number;
}

/** Returns the user that a session of a load belongs to. */
export function userOf(sessionId: string): string {
  return `user of ${sessionId}`;
}

/** A load that goes on until it is stopped. */
export class AppendLoad implements AsyncDisposable {
  readonly #patienceMs: number;
  readonly #adapters: readonly RedisAdapter[];
  readonly #sessionIds: readonly string[];
  readonly #appends: LoggedAppend[] = [];
  readonly #failures = new Map<string, number>();
  readonly #faults: unknown[] = [];
  readonly #acknowledged = new Map<string, number>();
  readonly #writers: Promise<void>[] = [];
  #longestMs = 0;
  #isOver = false;

  private constructor(
    adapters: readonly RedisAdapter[],
    sessionIds: readonly string[],
    patienceMs: number,
  ) {
    this.#adapters = adapters;
    this.#sessionIds = sessionIds;
    this.#patienceMs = patienceMs;
  }

  /** Creates the sessions and begins to append. */
  static async start(options: AppendLoadOptions): Promise<AppendLoad> {
    const { open, patienceMs = PATIENCE_MS } = options;
    const adapters = await Promise.all(
      Array.from({ length: options.adapters ?? 2 }, () => open()),
    );
    const sessionIds = Array.from(
      { length: options.sessions ?? 3 },
      (_, index) => `s${index}`,
    );
    for (const id of sessionIds) {
      await adapters[0]!.createSession(newSession({ id, userId: userOf(id) }));
    }
    const load = new AppendLoad(adapters, sessionIds, patienceMs);
    load.#begin();
    return load;
  }

  /**
   * Waits until every writer had so many more appends acknowledged.
   *
   * @throws {Error} when that takes longer than an append is repeated
   */
  async advance(steps: number = STEPS): Promise<void> {
    const before = new Map(this.#acknowledged);
    const isDone = () =>
      [...before].every(([writer, count]) =>
        this.#acknowledged.get(writer)! >= count + steps
      );
    if (await until(isDone, this.#patienceMs)) return;
    throw new Error(
      `Cannot advance by ${steps} appends each: from ${show(before)} to ${
        show(this.#acknowledged)
      }, failures ${show(this.#failures)}`,
    );
  }

  /** Ends the load when each writer's present append is acknowledged or given up. */
  async stop(): Promise<AppendLedger> {
    this.#isOver = true;
    await Promise.all(this.#writers);
    return {
      adapters: this.#adapters,
      sessionIds: this.#sessionIds,
      appends: this.#appends,
      failures: this.#failures,
      faults: this.#faults,
      longestMs: this.#longestMs,
    };
  }

  /** Ends the load. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #begin(): void {
    for (const [index, adapter] of this.#adapters.entries()) {
      for (const sessionId of this.#sessionIds) {
        const writer = `${sessionId}-w${index}`;
        this.#acknowledged.set(writer, 0);
        this.#writers.push(this.#write(adapter, sessionId, writer));
      }
    }
  }

  async #write(
    adapter: RedisAdapter,
    sessionId: string,
    writer: string,
  ): Promise<void> {
    for (let number = 0; !this.#isOver; number++) {
      const append: LoggedAppend = {
        sessionId,
        id: `${writer}-${number}`,
        writer,
        number,
        sentAt: performance.now(),
        acknowledgedAt: Infinity,
        message: undefined,
      };
      this.#appends.push(append);
      const giveUpAt = append.sentAt + this.#patienceMs;
      while (!await this.#send(adapter, append)) {
        if (performance.now() > giveUpAt) return;
        await pause(PAUSE_AFTER_FAILURE_MS);
      }
      this.#acknowledged.set(writer, number + 1);
      await pause(PAUSE_MS);
    }
  }

  async #send(adapter: RedisAdapter, append: LoggedAppend): Promise<boolean> {
    const { sessionId, id } = append;
    const start = performance.now();
    try {
      append.message = await adapter.addMessage(
        sessionId,
        newMessage(`content of ${id}`, { id }),
      );
      append.acknowledgedAt = performance.now();
      return true;
    } catch (error) {
      this.#note(error);
      return false;
    } finally {
      this.#longestMs = Math.max(this.#longestMs, performance.now() - start);
    }
  }

  #note(error: unknown): void {
    const reason = error instanceof StorageError ? error.reason : String(error);
    this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
    if (reason !== "timeout" && reason !== "unavailable") {
      this.#faults.push(error);
    }
  }
}

function show(counts: ReadonlyMap<string, number>): string {
  return JSON.stringify(Object.fromEntries(counts));
}

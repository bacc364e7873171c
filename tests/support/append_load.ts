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
 * const { acknowledged, lost } = await auditAppends(ledger);
 * ```
 *
 * `open` makes an adapter on a client of its own; all of them get the same key
 * prefix. audit_appends.ts holds the ledger against what is stored then.
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import type {
  RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { CallLedger, type LoggedAppend } from "./call_ledger.ts";
import { newMessage, newSession } from "./records.ts";
import { until } from "./until.ts";

const PATIENCE_MS = 20_000;
const STEPS = 25;
const REPEAT_EVERY = 5;
const PAUSE_MS = 5;
const PAUSE_AFTER_CREATE_MS = 50;
const PAUSE_AFTER_FAILURE_MS = 25;

/** Who appends what, and to where. */
export interface AppendLoadOptions {
  /** Makes an adapter; those of one load share their data. */
  readonly open: (index: number) => Promise<RedisAdapter>;
  /** How many adapters; each appends to each session. @default 2 */
  readonly adapters?: number;
  /** How many sessions, each of a user of its own. @default 3 */
  readonly sessions?: number;
  /** How long a call is repeated until it is given up. @default 20_000 */
  readonly patienceMs?: number;
}

/** Returns the user that a session of a load belongs to. */
export function userOf(sessionId: string): string {
  return `user of ${sessionId}`;
}

/** Returns the content of an append. */
export function contentOf(id: string): string {
  return `content of ${id}`;
}

/** A load that goes on until it is stopped. */
export class AppendLoad implements AsyncDisposable {
  readonly #ledger: CallLedger;
  readonly #patienceMs: number;
  readonly #acknowledged = new Map<string, number>();
  readonly #underWay: Promise<void>[] = [];
  #isOver = false;

  private constructor(ledger: CallLedger, patienceMs: number) {
    this.#ledger = ledger;
    this.#patienceMs = patienceMs;
  }

  /** Creates the sessions and begins to append. */
  static async start(options: AppendLoadOptions): Promise<AppendLoad> {
    const { open, patienceMs = PATIENCE_MS } = options;
    const adapters = await Promise.all(
      Array.from({ length: options.adapters ?? 2 }, (_, index) => open(index)),
    );
    const sessionIds = Array.from(
      { length: options.sessions ?? 3 },
      (_, index) => `s${index}`,
    );
    for (const id of sessionIds) await create(adapters[0]!, id);
    const load = new AppendLoad(
      new CallLedger(adapters, sessionIds),
      patienceMs,
    );
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
    const counts = JSON.stringify(Object.fromEntries(this.#acknowledged));
    throw new Error(
      `Cannot advance by ${steps} appends each: at ${counts}; ${this.#ledger.summary()}`,
    );
  }

  /** Ends the load when each call under way is acknowledged or given up. */
  async stop(): Promise<CallLedger> {
    this.#isOver = true;
    await Promise.all(this.#underWay);
    return this.#ledger;
  }

  /** Ends the load. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #begin(): void {
    for (const [index, adapter] of this.#ledger.adapters.entries()) {
      for (const sessionId of this.#ledger.sessionIds) {
        const writer = `${sessionId}-w${index}`;
        this.#acknowledged.set(writer, 0);
        this.#underWay.push(this.#append(adapter, sessionId, writer));
      }
      this.#underWay.push(this.#create(adapter, `c${index}`));
    }
  }

  async #append(
    adapter: RedisAdapter,
    sessionId: string,
    writer: string,
  ): Promise<void> {
    for (let number = 0; !this.#isOver; number++) {
      const id = `${writer}-${number}`;
      const append: LoggedAppend = {
        ...{ sessionId, id, writer, number },
        sentAt: performance.now(),
        acknowledgedAt: Infinity,
        message: undefined,
      };
      this.#ledger.appends.push(append);
      const send = () =>
        adapter.addMessage(sessionId, newMessage(contentOf(id), { id }));
      append.message = await this.#repeat(send);
      // As by a caller who did not hear.
      if (number % REPEAT_EVERY === 0) {
        append.message = await this.#repeat(send);
      }
      // Later ones must not overtake it.
      if (append.message === undefined) return;
      append.acknowledgedAt = performance.now();
      this.#acknowledged.set(writer, number + 1);
      await pause(PAUSE_MS);
    }
  }

  async #create(adapter: RedisAdapter, name: string): Promise<void> {
    for (let number = 0; !this.#isOver; number++) {
      const logged = { id: `${name}-${number}`, isAcknowledged: false };
      this.#ledger.creates.push(logged);
      logged.isAcknowledged = await this.#repeat(() =>
        create(adapter, logged.id), isCreated) ??
        false;
      await pause(PAUSE_AFTER_CREATE_MS);
    }
  }

  /** Makes a call until it succeeds; undefined: it was given up. */
  async #repeat<T>(
    call: () => Promise<T>,
    unless?: (error: StorageError) => T | undefined,
  ): Promise<T | undefined> {
    const giveUpAt = performance.now() + this.#patienceMs;
    for (;;) {
      const result = await this.#ledger.call(call, unless);
      if (result !== undefined || performance.now() > giveUpAt) return result;
      await pause(PAUSE_AFTER_FAILURE_MS);
    }
  }
}

async function create(adapter: RedisAdapter, id: string): Promise<true> {
  await adapter.createSession(newSession({ id, userId: userOf(id) }));
  return true;
}

/** Nobody else takes the ids: one that exists was created by a call that failed. */
function isCreated({ reason }: StorageError): true | undefined {
  return reason === "already-exists" ? true : undefined;
}

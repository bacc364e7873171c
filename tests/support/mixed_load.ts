/**
 * Writers that create, update, append and delete while servers come and go,
 * each with a session of its own whose possible states it knows.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { setTimeout as pause } from "node:timers/promises";
import type {
  RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { PossibleStates, type WriterView } from "./possible_states.ts";
import { nextStep, readState, type SentStep } from "./session_steps.ts";
import { until } from "./until.ts";

const PATIENCE_MS = 20_000;
const PAUSE_AFTER_FAILURE_MS = 10;

/** Who writes. */
export interface MixedLoadOptions {
  /** Each has a client of its own, which sends in the order of the calls. */
  readonly adapters: readonly RedisAdapter[];
  /** How many sessions. @default 12 */
  readonly sessions?: number;
  /** Makes what a writer knows of its session. @default PossibleStates */
  readonly view?: (id: string) => WriterView;
  /**
   * Whether some appends are made in parts: where faults keep a call from
   * removing what it has staged, that stays. @default false
   */
  readonly hasParts?: boolean;
  /** Tells failures that say for sure that nothing was written. @default none */
  readonly isRefusal?: (error: StorageError) => boolean;
}

/** A load that goes on until it is stopped. */
export class MixedLoad implements AsyncDisposable {
  readonly #options: MixedLoadOptions;
  readonly #states = new Map<string, WriterView>();
  readonly #answered = new Map<string, number>();
  readonly #underWay: Promise<void>[] = [];
  /** How often calls failed, by their reasons. */
  readonly failures: Record<string, number> = {};
  /** How long the longest call took, in milliseconds. */
  longestMs = 0;
  #isOver = false;

  /** Begins to write. */
  constructor(options: MixedLoadOptions) {
    this.#options = options;
    const { adapters, sessions = 12 } = options;
    for (let index = 0; index < sessions; index++) {
      const id = `w${index}`;
      const view = options.view?.(id) ?? new PossibleStates();
      this.#states.set(id, view);
      this.#answered.set(id, 0);
      const adapter = adapters[index % adapters.length]!;
      const writing = this.#write(adapter, id, index + 1);
      // stop() tells what went wrong.
      writing.catch(() => this.#isOver = true);
      this.#underWay.push(writing);
    }
  }

  /** How many calls were answered. */
  get answered(): number {
    return [...this.#answered.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many calls failed. */
  get failed(): number {
    return Object.values(this.failures).reduce((sum, count) => sum + count, 0);
  }

  /** Waits until every writer has had so many more answers. */
  async advance(steps: number): Promise<void> {
    const before = new Map(this.#answered);
    const isDone = () =>
      this.#isOver ||
      [...before].every(([id, count]) =>
        this.#answered.get(id)! >= count + steps
      );
    assert(await until(isDone, PATIENCE_MS), `no advance: ${this.summary()}`);
  }

  /** Waits until so many more calls have failed. */
  async fail(calls: number): Promise<void> {
    const before = this.failed;
    const isDone = () => this.#isOver || this.failed >= before + calls;
    assert(await until(isDone, PATIENCE_MS), `no failure: ${this.summary()}`);
  }

  /** Ends the load when each call under way has ended; fails as its writers did. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#underWay);
  }

  /** Fails unless every session is as its writer can expect; returns how many there are. */
  async audit(storage: RedisAdapter): Promise<number> {
    const ids: string[] = [];
    for (const [id, states] of this.#states) {
      const found = await readState(storage, id);
      states.check(found);
      if (found !== null) ids.push(id);
    }
    const listed = await storage.listSessions();
    assertEquals(listed.map(({ id }) => id).sort(), ids.sort());
    return ids.length;
  }

  /** Says what it did. */
  summary(): string {
    const failures = Object.entries(this.failures)
      .map(([reason, count]) => `${count} ${reason}`).join(", ");
    return `${this.answered} calls answered, failed: ${failures || "none"}`;
  }

  /** Ends the load. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#underWay);
  }

  async #write(adapter: RedisAdapter, id: string, seed: number): Promise<void> {
    const states = this.#states.get(id)!;
    const draw = drawFrom(seed);
    for (let number = 1; !this.#isOver; number++) {
      const { hasParts } = this.#options;
      const step = nextStep(id, number, states.likely, draw, hasParts);
      // Half of those who do not know make the same call again.
      while (!await this.#send(adapter, id, step) && !this.#isOver) {
        await pause(PAUSE_AFTER_FAILURE_MS);
        if (draw(2) === 0) break;
      }
    }
  }

  /** Makes a call, and tells whether it was answered. */
  async #send(
    adapter: RedisAdapter,
    id: string,
    step: SentStep,
  ): Promise<boolean> {
    const states = this.#states.get(id)!;
    const start = performance.now();
    const outcome = await step.send(adapter).then(
      (reply) => ({ reply }),
      (error: StorageError) => ({ error }),
    );
    this.longestMs = Math.max(this.longestMs, performance.now() - start);
    if ("reply" in outcome) {
      states.answered(step, outcome.reply);
      this.#answered.set(id, this.#answered.get(id)! + 1);
      return true;
    }
    const { error } = outcome;
    const reason = error.reason ?? String(error);
    this.failures[reason] = (this.failures[reason] ?? 0) + 1;
    if (this.#options.isRefusal?.(error)) return false;
    const isUnsure = reason === "timeout" || reason === "unavailable" ||
      error.message.includes("may be carried out");
    if (!isUnsure) throw error;
    states.unanswered(step, reason);
    return false;
  }
}

/** Returns a source of numbers that are the same each time. */
function drawFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    // The generator of Park and Miller.
    state = state * 48_271 % 0x7fff_ffff;
    return state % below;
  };
}

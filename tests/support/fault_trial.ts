/**
 * Tries a call while its connection breaks, and looks at what it left through
 * another adapter.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import type { Direction, LinkFault } from "./cutting_proxy.ts";
import { type FaultCall, fillForFaults } from "./fault_calls.ts";
import type { FaultLane } from "./fault_lane.ts";
import type { FaultPlace, FaultStore } from "./fault_place.ts";
import { assertWhole, outlineOf } from "./portrait.ts";

/** More than a quarter of the TTL: the next write gives all messages a new deadline. */
const PASSED_MS = 1_000_000;
/** Loaded machines get it on top of a deadline. */
const MARGIN_MS = 5_000;

/** What a call does when nothing breaks. */
export interface Undisturbed {
  /** What is stored then. */
  readonly after: string;
  /** What it returns. */
  readonly value: string;
  /** How many bytes go either way. */
  readonly sizes: Readonly<Record<Direction, number>>;
}

/** What the caller of a call was told. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly error: StorageError };

/** Where a call is tried. */
export interface Scene {
  readonly store: FaultStore;
  /** What is stored before it. */
  readonly before: string;
}

/** What came of a call. */
export interface Trial {
  /** What the caller was told: "success", or the reason of the failure. */
  readonly told: string;
  /** Whether it was carried out. */
  readonly isDone: boolean;
}

/** What befalls a call. */
export interface Trouble {
  /** What to call it in messages. */
  readonly about: string;
  /** The deadline of the call. */
  readonly timeoutMs: number;
  /** How often the call is sent again; as often as usual unless given. */
  readonly retries?: number;
  /** What comes over its connection. */
  readonly fault?: LinkFault;
  /** Makes trouble before the call. */
  readonly begin?: () => unknown;
  /** Ends the trouble, when the call has ended. */
  readonly end?: () => unknown;
}

/** Calls in one place, by connections that break. */
export class FaultTrials {
  readonly #place: FaultPlace;
  readonly #name = crypto.randomUUID();
  #stores = 0;
  /** How many calls were tried. */
  calls = 0;
  /** How often which reason was given, or a success. */
  readonly outcomes: Record<string, number> = {};

  constructor(place: FaultPlace) {
    this.#place = place;
  }

  /** Says how many calls were tried, and what came of them. */
  summary(): string {
    const outcomes = Object.entries(this.outcomes)
      .map(([name, count]) => `${count} ${name}`).join(", ");
    return `${this.calls} calls (${outcomes})`;
  }

  /** Makes a call with nothing in its way, and remembers what it does. */
  async measure(
    lane: FaultLane,
    call: FaultCall,
    begin?: () => unknown,
  ): Promise<Undisturbed> {
    // The first one makes the server know the scripts.
    for (let attempt = 0;; attempt++) {
      const store = await this.#fill(call);
      await begin?.();
      lane.fuse.arm();
      const adapter = lane.adapter(store.prefix, {
        ...{ ...call.options, timeoutMs: MARGIN_MS },
      });
      const value = await call.run(adapter);
      const sizes = lane.fuse.carried;
      const after = outlineOf(store.textOf(await store.portray()));
      await store.clear();
      if (attempt > 0) return { after, value: outlineOfValue(value), sizes };
    }
  }

  /**
   * Makes a call while a fault comes over its connection. Fails unless it ends
   * in time, and all is as before or as after it, after it if it succeeds; and
   * unless making it again does it once.
   */
  async assertSurvives(
    lane: FaultLane,
    call: FaultCall,
    usual: Undisturbed,
    trouble: Trouble,
  ): Promise<Trial> {
    const { about, timeoutMs, retries, fault } = trouble;
    const scene = await this.set(call);
    const adapter = lane.adapter(scene.store.prefix, {
      ...{ ...call.options, timeoutMs },
      ...(retries === undefined ? {} : { retries }),
    });
    await lane.calm();
    lane.fuse.arm(fault);
    await trouble.begin?.();
    const outcome = await this.settle(
      () => call.run(adapter),
      timeoutMs,
      about,
    );
    lane.fuse.arm();
    await trouble.end?.();
    await lane.calm();
    return await this.judge(call, usual, { ...scene, outcome, about });
  }

  /** Fills a store with what a call is to meet. */
  async set(call: FaultCall): Promise<Scene> {
    const store = await this.#fill(call);
    return { store, before: store.textOf(await store.portray()) };
  }

  /** Fails unless a call left all as before or as after it, and again does it once. */
  async judge(
    call: FaultCall,
    usual: Undisturbed,
    { store, before, outcome, about }: Scene & {
      readonly outcome: Outcome;
      readonly about: string;
    },
  ): Promise<Trial> {
    const left = await store.portray();
    const text = store.textOf(left);
    const isAfter = outlineOf(text) === usual.after;
    if ("value" in outcome) {
      assertEquals(outlineOfValue(outcome.value), usual.value, about);
      assert(isAfter, `${about}: it succeeded, but left\n${text}`);
    } else {
      assert(
        isAfter || text === before,
        `${about}: it failed with ${outcome.error}, and left\n${text}\ninstead of\n${usual.after}`,
      );
    }
    assertWhole(left, about);
    await store.assertNoneMissed(about);
    if (text !== before || store.isCluster) await store.assertListed();
    if ("error" in outcome) {
      await this.#repeat(call, store, usual, outcome.error, about);
    }
    await store.clear();
    const told = "value" in outcome ? "success" : outcome.error.reason;
    return { told, isDone: isAfter };
  }

  async #repeat(
    { again, hasIds }: FaultCall,
    store: FaultStore,
    usual: Undisturbed,
    { ids }: StorageError,
    about: string,
  ): Promise<void> {
    assertEquals(ids !== undefined, hasIds === true, `${about}: ids`);
    if (again === undefined) return;
    await again(store.storage, ids ?? []);
    const portrait = await store.portray();
    const text = store.textOf(portrait);
    assertEquals(outlineOf(text), usual.after, `${about}, again`);
    assertWhole(portrait, `${about}, again`);
    await store.assertListed();
  }

  /** Makes a call; fails unless it ends in time, with success or as in an outage. */
  async settle(
    call: () => Promise<unknown>,
    timeoutMs: number,
    about: string,
  ): Promise<Outcome> {
    this.calls++;
    const start = performance.now();
    const outcome: Outcome = await call().then(
      (value) => ({ value }),
      (error) => ({ error }),
    );
    const tookMs = performance.now() - start;
    assert(tookMs < timeoutMs + MARGIN_MS, `${about} took ${tookMs} ms`);
    let name = "success";
    if ("error" in outcome) {
      const { error } = outcome;
      assert(error instanceof StorageError, `${about}: ${error}`);
      name = error.reason;
      const isOutage = name === "unavailable" || name === "timeout";
      assert(isOutage, `${about}: ${name}, ${error}`);
    }
    this.outcomes[name] = (this.outcomes[name] ?? 0) + 1;
    return outcome;
  }

  async #fill({ prepare }: FaultCall): Promise<FaultStore> {
    // As long as all others, so that exchanges are, too.
    const number = String(this.#stores++).padStart(6, "0");
    const store = await this.#place(`${this.#name}:${number}:`);
    await fillForFaults(store.storage);
    await store.pass(PASSED_MS);
    await prepare?.(store);
    return store;
  }
}

function outlineOfValue(value: unknown): string {
  return outlineOf(JSON.stringify(value) ?? "undefined");
}

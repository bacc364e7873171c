/**
 * Lets faults come over a server under a mixed load, and holds what is left
 * against what its writers were told.
 *
 * @module
 */

import { assert } from "@std/assert";
import type {
  RedisAdapter,
  RedisClient,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { faultRounds } from "./fault_rounds.ts";
import { assertIndexed } from "./indexes.ts";
import { MixedLoad } from "./mixed_load.ts";
import { assertWhole, portray } from "./portrait.ts";
import type { RedisServer } from "./redis_server.ts";
import { STEP_USERS } from "./session_steps.ts";
import type { TestBed } from "./test_bed.ts";

/** The clients of one load. */
export const LOAD_CLIENTS = 3;

const ROUNDS = faultRounds();
const STEPS = 15;
/** Where servers answer whatever comes, if slowly on a busy machine. */
const PATIENT_TIMEOUT_MS = 10_000;
const MARGIN_MS = 5_000;
/** Room for some of the histories, so that they push each other out. */
const CACHE = { maxMessages: 30 };

/** What holds for one load. */
export interface LoadRules {
  /** Connects a client of the load; node-redis 6 with its defaults unless given. */
  readonly connect?: (index: number) => Promise<RedisClient>;
  /** The deadline of each call. */
  readonly timeoutMs?: number;
  /** Tells failures that say for sure that nothing was written. */
  readonly isRefusal?: (error: StorageError) => boolean;
  /** Whether some appends are made in parts. */
  readonly hasParts?: boolean;
}

/** Loads on servers over which faults come. */
export class StandingLoads {
  readonly #bed: TestBed;
  #faults = 0;
  #answered = 0;
  readonly #failures: Record<string, number> = {};

  constructor(bed: TestBed) {
    this.#bed = bed;
  }

  /** Says how many faults there were, and what came of the calls. */
  summary(): string {
    const failures = Object.entries(this.#failures);
    const told = failures.map(([reason, count]) => `, ${count} ${reason}`);
    return `${this.#faults} faults of servers: ${this.#answered} calls answered${
      told.join("")
    }`;
  }

  /** Lets faults come over a server under load; fails unless all is as the writers were told. */
  async assertStands(
    server: RedisServer,
    fault: (load: MixedLoad) => Promise<void | number>,
    {
      timeoutMs = PATIENT_TIMEOUT_MS,
      isRefusal,
      connect,
      hasParts = false,
    }: LoadRules = {},
  ): Promise<MixedLoad> {
    const keyPrefix = this.#bed.prefix();
    const options = { keyPrefix, ttlSeconds: 3600, timeoutMs, cache: CACHE };
    const adapters: RedisAdapter[] = [];
    for (let i = 0; i < LOAD_CLIENTS; i++) {
      const client = await (connect?.(i) ?? this.#bed.connect(server.url));
      adapters.push((await this.#bed.open({ ...options, client })).storage);
    }
    await using load = new MixedLoad({
      ...{ adapters, hasParts },
      ...(isRefusal === undefined ? {} : { isRefusal }),
    });
    await load.advance(STEPS);
    for (let round = 0; round < ROUNDS; round++) {
      this.#faults += await fault(load) ?? 1;
      await load.advance(STEPS);
    }
    await load.stop();
    const store = await this.#bed.open({
      ...{ ...options, url: server.url, timeoutMs: PATIENT_TIMEOUT_MS },
    });
    await load.audit(store.storage);
    assertWhole(await portray(store), "in the end");
    const placed = { ...store, isTagged: false, isCluster: false };
    await assertIndexed(placed, STEP_USERS);
    assert(load.longestMs < timeoutMs + MARGIN_MS, `${load.longestMs} ms`);
    this.#answered += load.answered;
    for (const [reason, count] of Object.entries(load.failures)) {
      this.#failures[reason] = (this.#failures[reason] ?? 0) + count;
    }
    return load;
  }
}

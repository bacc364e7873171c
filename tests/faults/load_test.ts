/**
 * Servers that end, freeze, forget or refuse while many write to them.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type {
  RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { faultRounds } from "../support/fault_rounds.ts";
import { assertIndexed } from "../support/indexes.ts";
import { MixedLoad } from "../support/mixed_load.ts";
import { assertWhole, portray } from "../support/portrait.ts";
import type { RedisServer } from "../support/redis_server.ts";
import { STEP_USERS } from "../support/session_steps.ts";
import { TestBed } from "../support/test_bed.ts";

const ROUNDS = faultRounds();
const CLIENTS = 3;
const STEPS = 15;
/** Where servers do not answer for a while. */
const TIMEOUT_MS = 500;
/** Where they answer whatever comes, if slowly on a busy machine. */
const PATIENT_TIMEOUT_MS = 10_000;
/** Room for some of the histories, so that they push each other out. */
const CACHE = { maxMessages: 30 };
const MARGIN_MS = 5_000;
/** What outlives the process that had it. */
const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];

interface LoadRules {
  /** The deadline of each call. */
  readonly timeoutMs?: number;
  /** Tells failures that say for sure that nothing was written. */
  readonly isRefusal?: (error: StorageError) => boolean;
}

describe("a load of creates, updates, appends and deletes", () => {
  const bed = new TestBed();
  const counts = { faults: 0, answered: 0, failed: 0 };
  afterAll(async () => {
    const { faults, answered, failed } = counts;
    console.log(
      `${faults} faults of servers in ${
        answered + failed
      } calls, of which ${failed} failed`,
    );
    await bed.close();
  });

  /** Lets faults come over a server under load; fails unless all is as the writers were told. */
  async function assertStands(
    server: RedisServer,
    fault: (load: MixedLoad) => Promise<void | number>,
    { timeoutMs = PATIENT_TIMEOUT_MS, isRefusal }: LoadRules = {},
  ): Promise<MixedLoad> {
    const keyPrefix = bed.prefix();
    const options = { keyPrefix, ttlSeconds: 3600, timeoutMs, cache: CACHE };
    const adapters: RedisAdapter[] = [];
    for (let i = 0; i < CLIENTS; i++) {
      const client = await bed.connect(server.url);
      adapters.push((await bed.open({ ...options, client })).storage);
    }
    await using load = new MixedLoad({
      adapters,
      ...(isRefusal === undefined ? {} : { isRefusal }),
    });
    await load.advance(STEPS);
    for (let round = 0; round < ROUNDS; round++) {
      counts.faults += await fault(load) ?? 1;
      await load.advance(STEPS);
    }
    await load.stop();
    const store = await bed.open({
      ...{ ...options, url: server.url, timeoutMs: PATIENT_TIMEOUT_MS },
    });
    await load.audit(store.storage);
    assertWhole(await portray(store), "in the end");
    const placed = { ...store, isTagged: false, isCluster: false };
    await assertIndexed(placed, STEP_USERS);
    assert(load.longestMs < timeoutMs + MARGIN_MS, `${load.longestMs} ms`);
    counts.answered += load.answered;
    counts.failed += load.failed;
    return load;
  }

  it("is all there after kills and restarts, as far as it was acknowledged", async () => {
    const server = await bed.server(...DURABLE);
    await assertStands(server, async (load) => {
      await server.kill("SIGKILL");
      await load.fail(1);
      await server.restart();
    }, { timeoutMs: TIMEOUT_MS });
  });

  it("stands a server that freezes", async () => {
    const server = await bed.server();
    await assertStands(server, async (load) => {
      await server.kill("SIGSTOP");
      await load.fail(CLIENTS);
      await server.kill("SIGCONT");
    }, { timeoutMs: TIMEOUT_MS });
  });

  it("stands connections that the server ends", async () => {
    const server = await bed.server();
    const admin = await bed.connect(server.url);
    await assertStands(server, async (load) => {
      const kills = 5;
      for (let kill = 0; kill < kills; kill++) {
        await load.advance(3);
        await admin.sendCommand([
          ...["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"],
        ]);
      }
      return kills * CLIENTS;
    });
  });

  it("does not notice that the server forgets its scripts", async () => {
    const server = await bed.server();
    const admin = await bed.connect(server.url);
    const load = await assertStands(server, async (load) => {
      const flushes = 10;
      for (let flush = 0; flush < flushes; flush++) {
        await admin.scriptFlush();
        await load.advance(2);
      }
      return flushes;
    });
    assertEquals(load.failures, {});
  });

  it("is refused whole by a server that becomes a replica of nobody", async () => {
    const server = await bed.server();
    const admin = await bed.connect(server.url);
    const load = await assertStands(server, async (load) => {
      await admin.sendCommand(["REPLICAOF", "127.0.0.1", "1"]);
      await load.fail(CLIENTS);
      await admin.sendCommand(["REPLICAOF", "NO", "ONE"]);
    }, { isRefusal: ({ message }) => message.includes("READONLY") });
    assertEquals(Object.keys(load.failures), ["unavailable"]);
  });

  it("is refused whole by a server without memory", async () => {
    const server = await bed.server("--maxmemory-policy", "noeviction");
    const admin = await bed.connect(server.url);
    const load = await assertStands(server, async (load) => {
      await admin.configSet("maxmemory", "1");
      await load.fail(CLIENTS);
      await admin.configSet("maxmemory", "0");
    }, { isRefusal: ({ reason }) => reason === "out-of-memory" });
    assertEquals(Object.keys(load.failures), ["out-of-memory"]);
  });
});

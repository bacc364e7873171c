/**
 * Clients and adapters that are closed while every method is under way.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { setImmediate as turn } from "node:timers/promises";
import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { CuttingProxy } from "../support/cutting_proxy.ts";
import { FAULT_READS, FAULT_WRITES } from "../support/fault_calls.ts";
import { connectClient, OTHER_CLIENTS } from "../support/fault_clients.ts";
import {
  FAULT_CONFIG,
  FaultLane,
  type LaneClient,
} from "../support/fault_lane.ts";
import { faultServer } from "../support/fault_place.ts";
import { faultRounds } from "../support/fault_rounds.ts";
import { FaultTrials, type Undisturbed } from "../support/fault_trial.ts";
import { failure } from "../support/outage.ts";
import { newMessage, newSession } from "../support/records.ts";
import { TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const TIMEOUT_MS = 5_000;
const MARGIN_MS = 5_000;
const PATIENCE_MS = 20_000;
/** How many turns of the event loop calls have before the end comes. */
const TURNS = Array.from({ length: 3 * faultRounds() }, (_, i) => i);
const CALLS = Object.entries({ ...FAULT_READS, ...FAULT_WRITES });
const CLIENTS = { "node-redis 6": connectClient, ...OTHER_CLIENTS };

/** Who ends the client, and how. */
const ENDS: Readonly<
  Record<
    string,
    (client: LaneClient, adapters: readonly RedisAdapter[]) => unknown
  >
> = {
  "its owner closes it": (client) => client.close(),
  "its owner destroys it": (client) => client.end(),
  "one adapter is closed": (_, [adapter]) => adapter!.close(),
  "all adapters are closed": (_, adapters) =>
    Promise.all(adapters.map((adapter) => adapter.close())),
};

describe("a client that is closed under calls of every method", () => {
  const bed = new TestBed();
  let opening: ReturnType<typeof open> | undefined;
  let closed = 0;
  afterAll(async () => {
    const { trials } = await (opening ??= open());
    console.log(`${closed} clients closed during ${trials.summary()}`);
    await bed.close();
  });

  async function open() {
    const { url } = await bed.server();
    const trials = new FaultTrials(faultServer(bed, url));
    const lane = await FaultLane.open(bed, [url]);
    const usual = new Map<string, Undisturbed>();
    for (const [name, call] of CALLS) {
      usual.set(name, await trials.measure(lane, call));
    }
    return { url, trials, usual };
  }

  for (const [name, connect] of Object.entries(CLIENTS)) {
    for (const [how, end] of Object.entries(ENDS)) {
      it(`leaves all as before each or as after it: ${name}, ${how}`, async () => {
        const { url, trials, usual } = await (opening ??= open());
        await using proxy = await CuttingProxy.open(url);
        for (const turns of TURNS) {
          const client = await connect([proxy]);
          bed.defer(client.end);
          const scenes = await Promise.all(
            CALLS.map(([, call]) => trials.set(call)),
          );
          const adapters = CALLS.map(([, { options }], i) =>
            new RedisAdapter({
              ...{ ...FAULT_CONFIG, ...options, timeoutMs: TIMEOUT_MS },
              client: client.client,
              keyPrefix: scenes[i]!.store.prefix,
            })
          );
          const about = (call: string) => `${call}, ${turns} turns before`;
          const calls = CALLS.map(([name, { run }], i) =>
            trials.settle(() => run(adapters[i]!), TIMEOUT_MS, about(name))
          );
          for (let i = 0; i < turns; i++) await turn();
          const start = performance.now();
          await end(client, adapters);
          assert(performance.now() - start < 2 * TIMEOUT_MS + MARGIN_MS);
          closed++;
          await Promise.all(calls);
          assert(await until(() => proxy.isDeserted, PATIENCE_MS));
          for (const [i, [name, call]] of CALLS.entries()) {
            const outcome = await calls[i]!;
            const { reason } = await failure(() => adapters[i]!.listSessions());
            assertEquals(reason, "unavailable", about(name));
            await trials.judge(call, usual.get(name)!, {
              ...{ ...scenes[i]!, outcome, about: about(name) },
            });
          }
        }
      });
    }
  }
});

describe("adapters on one client", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("do not notice that another one is closed, unless it closes the client", async () => {
    const { url } = await bed.server();
    const client = await bed.connect(url);
    const [first, second] = ["first:", "second:"];
    const one = new RedisAdapter({
      ...{ client, keyPrefix: first, ttlSeconds: 60, closeClient: false },
    });
    const other = new RedisAdapter({
      ...{ client, keyPrefix: second, ttlSeconds: 600 },
    });
    for (const storage of [one, other]) {
      await storage.createSession(newSession({ id: "s1" }));
    }
    const append = (storage: RedisAdapter) =>
      Array.from(
        { length: 20 },
        () => storage.addMessage("s1", newMessage()),
      );
    const underWay = [...append(one), ...append(other)];
    await one.close();
    underWay.push(...append(other));
    await Promise.all(underWay);
    const error = await failure(() => one.addMessage("s1", newMessage()));
    assertEquals(error.reason, "unavailable");
    assertStringIncludes(error.message, "the adapter is closed");
    assertEquals(await other.countMessages("s1"), 40);
    const lives = await Promise.all(
      [first, second].map((prefix) => client.pTTL(`${prefix}session:s1`)),
    );
    assert(lives[0]! <= 60_000 && lives[1]! > 60_000, lives.join());

    const third = new RedisAdapter({ client, keyPrefix: first });
    assertEquals(await third.countMessages("s1"), 20);
    await other.close();
    const refusal = await failure(() => third.countMessages("s1"));
    assertEquals(refusal.reason, "unavailable");
    assertStringIncludes(refusal.message, "closed");
  });
});

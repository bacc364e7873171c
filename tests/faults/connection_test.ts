/**
 * Connections that end, fall silent or are slow at any point of a call.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { Direction, LinkFault } from "../support/cutting_proxy.ts";
import {
  FAULT_READS,
  FAULT_WRITES,
  type FaultCall,
} from "../support/fault_calls.ts";
import { FaultLane } from "../support/fault_lane.ts";
import { faultRounds, spread } from "../support/fault_rounds.ts";
import { FaultTrials } from "../support/fault_trial.ts";
import { TestBed } from "../support/test_bed.ts";

const ROUNDS = faultRounds();
/** Places inside of an exchange, each way. */
const PLACES = 21 * ROUNDS;
const LANES = 8;
const TIMEOUT_MS = 5_000;
const SHORT_TIMEOUT_MS = 100;
const LONG_DELAY_MS = 250;
const SHORT_DELAY_MS = 10;
const DIRECTIONS: readonly Direction[] = ["request", "reply"];
const CALLS = { ...FAULT_READS, ...FAULT_WRITES };

describe("a connection", () => {
  const bed = new TestBed();
  let opening: ReturnType<typeof open> | undefined;
  afterAll(async () => {
    const { lanes, trials } = await (opening ??= open());
    const faults = lanes.reduce((sum, { proxy }) => sum + proxy.faults, 0);
    const outcomes = Object.entries(trials.outcomes)
      .map(([name, count]) => `${count} ${name}`).join(", ");
    console.log(
      `${faults} faults of connections in ${trials.calls} calls (${outcomes})`,
    );
    await bed.close();
  });

  async function open() {
    const { url } = await bed.server();
    const lanes = await Promise.all(
      Array.from({ length: LANES }, () => FaultLane.open(bed, url)),
    );
    return { url, lanes, trials: new FaultTrials(bed, url) };
  }

  /** Tries a call with a fault at many places of its exchange. */
  async function assertSurvivesCuts(
    name: string,
    call: FaultCall,
    begin?: () => unknown,
  ): Promise<void> {
    const { lanes, trials } = await (opening ??= open());
    const usual = await trials.measure(lanes[0]!, call, begin);
    const faults = DIRECTIONS.flatMap((direction) =>
      spread(usual.sizes[direction], PLACES).map((afterBytes): LinkFault => ({
        ...{ direction, afterBytes, kind: "cut" },
      }))
    );
    await eachIn(lanes, faults, async (lane, fault) => {
      const { direction, afterBytes } = fault;
      const size = usual.sizes[direction];
      await trials.assertSurvives(lane, call, usual, {
        about:
          `${name}, cut after ${afterBytes} of ${size} bytes of the ${direction}`,
        ...{ fault, timeoutMs: TIMEOUT_MS },
        ...(begin === undefined ? {} : { begin }),
      });
    });
  }

  for (const [name, call] of Object.entries(CALLS)) {
    it(`that is cut leaves all as before ${name} or as after it`, async () => {
      await assertSurvivesCuts(name, call);
    });
  }

  it("that is cut where the server does not know the script leaves nothing half done", async () => {
    const { url } = await (opening ??= open());
    const admin = await bed.client(url);
    for (const name of ["createSession()", "addMessages()"]) {
      await assertSurvivesCuts(name, CALLS[name]!, () => admin.scriptFlush());
    }
  });

  it("that is silent ends each call, and what it stored is there once", async () => {
    const { lanes, trials } = await (opening ??= open());
    const cases = Object.entries(CALLS).flatMap(([name, call]) =>
      DIRECTIONS.map((direction) => ({ name, call, direction }))
    );
    await eachIn(lanes, cases, async (lane, { name, call, direction }) => {
      const usual = await trials.measure(lane, call);
      const afterBytes = usual.sizes[direction] >> 1;
      const { told, isDone } = await trials.assertSurvives(lane, call, usual, {
        about: `${name}, silent after ${afterBytes} bytes of the ${direction}`,
        fault: { direction, afterBytes, kind: "silence" },
        timeoutMs: SHORT_TIMEOUT_MS,
      });
      assertEquals(told, "timeout", name);
      if (direction === "reply") assert(isDone, name);
    });
  });

  it("that is too slow ends each write, and what arrives later is there once", async () => {
    const { lanes, trials } = await (opening ??= open());
    const cases = Object.entries(FAULT_WRITES).flatMap(([name, call]) =>
      DIRECTIONS.map((direction) => ({ name, call, direction }))
    );
    await eachIn(lanes, cases, async (lane, { name, call, direction }) => {
      const usual = await trials.measure(lane, call);
      const { told, isDone } = await trials.assertSurvives(lane, call, usual, {
        about: `${name}, with a slow ${direction}`,
        timeoutMs: SHORT_TIMEOUT_MS,
        begin: () => lane.proxy.delay(direction, LONG_DELAY_MS),
      });
      lane.proxy.delay(direction, 0);
      assertEquals([told, isDone], ["timeout", true], name);
    });
  });

  it("that is slow, but not too slow, is no fault", async () => {
    const { lanes, trials } = await (opening ??= open());
    await eachIn(lanes, Object.entries(CALLS), async (lane, [name, call]) => {
      const usual = await trials.measure(lane, call);
      for (const direction of DIRECTIONS) {
        lane.proxy.delay(direction, SHORT_DELAY_MS);
      }
      const { told } = await trials.assertSurvives(lane, call, usual, {
        ...{ about: `${name} over a slow way`, timeoutMs: TIMEOUT_MS },
      });
      for (const direction of DIRECTIONS) lane.proxy.delay(direction, 0);
      assertEquals(told, "success", name);
    });
  });
});

/** Does something with each item, one at a time in each lane. */
async function eachIn<T>(
  lanes: readonly FaultLane[],
  items: readonly T[],
  act: (lane: FaultLane, item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  await Promise.all(lanes.map(async (lane) => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await act(lane, item);
    }
  }));
}

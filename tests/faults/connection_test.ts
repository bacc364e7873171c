/**
 * Connections that end, fall silent or are slow at any point of a call.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  FAULT_PARTS,
  FAULT_READS,
  FAULT_WRITES,
} from "../support/fault_calls.ts";
import {
  assertSurvivesCuts,
  DIRECTIONS,
  eachIn,
} from "../support/fault_cuts.ts";
import { FaultLane } from "../support/fault_lane.ts";
import { faultRounds } from "../support/fault_rounds.ts";
import { faultServer } from "../support/fault_place.ts";
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
const CALLS = { ...FAULT_READS, ...FAULT_WRITES };

describe("a connection", () => {
  const bed = new TestBed();
  let opening: ReturnType<typeof open> | undefined;
  afterAll(async () => {
    const { lanes, trials } = await (opening ??= open());
    const faults = lanes.reduce((sum, { fuse }) => sum + fuse.faults, 0);
    console.log(`${faults} faults of connections in ${trials.summary()}`);
    await bed.close();
  });

  async function open() {
    const { url } = await bed.server();
    const lanes = await Promise.all(
      Array.from({ length: LANES }, () => FaultLane.open(bed, [url])),
    );
    return { url, lanes, trials: new FaultTrials(faultServer(bed, url)) };
  }

  for (const [name, call] of Object.entries({ ...CALLS, ...FAULT_PARTS })) {
    it(`that is cut leaves all as before ${name} or as after it`, async () => {
      const { lanes, trials } = await (opening ??= open());
      await assertSurvivesCuts({ lanes, trials, places: PLACES }, name, call);
    });
  }

  it("that is cut where the server does not know the script leaves nothing half done", async () => {
    const { url, lanes, trials } = await (opening ??= open());
    const admin = await bed.client(url);
    const begin = () => admin.scriptFlush();
    for (const name of ["createSession()", "addMessages()"]) {
      const cuts = { lanes, trials, places: PLACES, begin };
      await assertSurvivesCuts(cuts, name, CALLS[name]!);
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
        begin: () => lane.delay(direction, LONG_DELAY_MS),
      });
      lane.delay(direction, 0);
      assertEquals([told, isDone], ["timeout", true], name);
    });
  });

  it("that is slow, but not too slow, is no fault", async () => {
    const { lanes, trials } = await (opening ??= open());
    await eachIn(lanes, Object.entries(CALLS), async (lane, [name, call]) => {
      const usual = await trials.measure(lane, call);
      for (const direction of DIRECTIONS) {
        lane.delay(direction, SHORT_DELAY_MS);
      }
      const { told } = await trials.assertSurvives(lane, call, usual, {
        ...{ about: `${name} over a slow way`, timeoutMs: TIMEOUT_MS },
      });
      for (const direction of DIRECTIONS) lane.delay(direction, 0);
      assertEquals(told, "success", name);
    });
  });
});

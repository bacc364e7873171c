/**
 * Connections that are cut under every other kind of client: each notices a cut,
 * rejects what was under way and connects again in a way of its own.
 */

import { assert } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  FAULT_READS,
  FAULT_WRITES,
  type FaultCall,
} from "../support/fault_calls.ts";
import { OTHER_CLIENTS, sentinelClient } from "../support/fault_clients.ts";
import { assertSurvivesCuts, type Cuts } from "../support/fault_cuts.ts";
import { FaultLane, type LaneConnect } from "../support/fault_lane.ts";
import { faultServer } from "../support/fault_place.ts";
import { faultRounds } from "../support/fault_rounds.ts";
import { FaultTrials } from "../support/fault_trial.ts";
import { sharedRedisSentinel } from "../support/shared_sentinel.ts";
import { TestBed } from "../support/test_bed.ts";

/** Places inside of an exchange, each way. */
const PLACES = 3 * faultRounds();
const LANES = 6;
/** Half of the calls are not sent again. */
const RETRIES = [0, 2];

/** What is cut. */
interface Trial extends Partial<Cuts> {
  readonly url: string;
  readonly connect: LaneConnect;
  readonly calls?: Readonly<Record<string, FaultCall>>;
}

describe("a connection that is cut leaves all as before a call or as after it", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function assertSurvives(name: string, trial: Trial): Promise<void> {
    const { url, connect, calls = { ...FAULT_READS, ...FAULT_WRITES } } = trial;
    const lanes = await Promise.all(
      Array.from({ length: LANES }, () => FaultLane.open(bed, [url], connect)),
    );
    const trials = new FaultTrials(faultServer(bed, url));
    const cuts = { lanes, trials, places: PLACES, retries: RETRIES, ...trial };
    for (const [about, call] of Object.entries(calls)) {
      await assertSurvivesCuts(cuts, `${about} on ${name}`, call);
    }
    const faults = lanes.reduce((sum, { fuse }) => sum + fuse.faults, 0);
    console.log(
      `${faults} faults of connections of ${name} in ${trials.summary()}`,
    );
    assert(faults > trials.calls / 2, "most of the cuts never came");
  }

  for (const [name, connect] of Object.entries(OTHER_CLIENTS)) {
    it(`on ${name}`, async () => {
      const { url } = await bed.server();
      // Version 4 reads on in a half reply when it is connected again.
      const areRepliesWhole = name === "node-redis 4";
      await assertSurvives(name, { url, connect, areRepliesWhole });
    });
  }

  it("on a client by way of sentinels", async () => {
    const sentinel = await sharedRedisSentinel();
    const { url } = await sentinel.primary();
    const connect = sentinelClient(sentinel, url);
    // It takes half a second to look for the primary again.
    const calls = FAULT_WRITES;
    await assertSurvives("a sentinel client", { url, connect, calls });
  });
});

/**
 * Connections to the nodes of a cluster that are cut at any point of a call,
 * which there is several scripts on several nodes.
 */

import { assert } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  FAULT_CLEANERS,
  FAULT_READS,
  FAULT_WRITES,
} from "../support/fault_calls.ts";
import { clusterClient } from "../support/fault_clients.ts";
import { assertSurvivesCuts } from "../support/fault_cuts.ts";
import { FaultLane } from "../support/fault_lane.ts";
import { faultCluster } from "../support/fault_place.ts";
import { faultRounds } from "../support/fault_rounds.ts";
import { FaultTrials } from "../support/fault_trial.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";
import { TestBed } from "../support/test_bed.ts";

/** Places inside of an exchange, each way. */
const PLACES = 6 * faultRounds();
const LANES = 6;
/** Half of the calls are not sent again. */
const RETRIES = [0, 2];

describe("connections to a cluster", () => {
  const bed = new TestBed();
  let opening: ReturnType<typeof open> | undefined;
  afterAll(async () => {
    const { lanes, trials, nodes } = await (opening ??= open());
    const faults = nodes.map((_, i) =>
      lanes.reduce((sum, { proxies }) => sum + proxies[i]!.faults, 0)
    );
    console.log(
      `${
        faults.join(" + ")
      } faults of the connections to each node in ${trials.summary()}`,
    );
    await bed.close();
    assert(faults.every((count) => count > 0), "a node that was never cut");
  });

  async function open() {
    const cluster = await sharedRedisCluster();
    // Replicas are not asked for anything.
    const nodes = (await cluster.primaries()).map(({ url }) => url);
    const connect = clusterClient(nodes);
    const lanes = await Promise.all(
      Array.from({ length: LANES }, () => FaultLane.open(bed, nodes, connect)),
    );
    return {
      lanes,
      nodes,
      trials: new FaultTrials(await faultCluster(bed, cluster)),
    };
  }

  const calls = { ...FAULT_READS, ...FAULT_WRITES, ...FAULT_CLEANERS };
  for (const [name, call] of Object.entries(calls)) {
    it(`that are cut leave all as before ${name} or as after it`, async () => {
      const { lanes, trials } = await (opening ??= open());
      const cuts = { lanes, trials, places: PLACES, retries: RETRIES };
      await assertSurvivesCuts(cuts, name, call);
    });
  }
});

/**
 * Nodes of a cluster whose memory ends between two scripts of a call: what is
 * refused then can come after the session's own script.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  RedisAdapter,
  type StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { connectCluster } from "../support/cluster_store.ts";
import { FAULT_PARTS, FAULT_WRITES } from "../support/fault_calls.ts";
import { clusterClient } from "../support/fault_clients.ts";
import { FAULT_CONFIG, FaultLane } from "../support/fault_lane.ts";
import { faultCluster } from "../support/fault_place.ts";
import { FaultTrials } from "../support/fault_trial.ts";
import { interceptScripts } from "../support/intercepted_client.ts";
import { outlineOf } from "../support/portrait.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";
import { TestBed } from "../support/test_bed.ts";

/** No method sends so many scripts. */
const MOST_SCRIPTS = 60;
const CALLS = [
  "createSession()",
  "createSession() with an id",
  "addMessage()",
  "addMessages()",
];
const WRITES = {
  ...Object.fromEntries(CALLS.map((name) => [name, FAULT_WRITES[name]!])),
  ...FAULT_PARTS,
};

describe("a cluster whose memory ends during a call", () => {
  const bed = new TestBed();
  const counts = { refused: 0, stored: 0 };
  afterAll(async () => {
    console.log(
      `${counts.refused} calls refused without memory, ${counts.stored} of them with all stored`,
    );
    await bed.close();
  });

  it("tells with what to repeat each that is stored all the same", async () => {
    const cluster = await sharedRedisCluster();
    const urls = (await cluster.primaries()).map(({ url }) => url);
    const nodes = await Promise.all(urls.map((url) => bed.client(url)));
    const limit = (bytes: string) =>
      Promise.all(nodes.map((node) => node.configSet("maxmemory", bytes)));
    const client = await connectCluster(bed, cluster);
    const lane = await FaultLane.open(bed, urls, clusterClient(urls));
    const trials = new FaultTrials(await faultCluster(bed, cluster));
    for (const [name, call] of Object.entries(WRITES)) {
      const usual = await trials.measure(lane, call);
      for (let scripts = 0;; scripts++) {
        assert(scripts < MOST_SCRIPTS);
        const { store, before } = await trials.set(call);
        let left = scripts;
        const storage = new RedisAdapter({
          ...{ ...FAULT_CONFIG, closeClient: false, keyPrefix: store.prefix },
          client: interceptScripts(client, async (send) => {
            if (left-- === 0) await limit("1");
            return await send();
          }),
        });
        const error = await call.run(storage).then(
          () => undefined,
          (error: StorageError) => error,
        );
        await limit("0");
        const view = outlineOf(store.textOf(await store.portray()));
        const about = `${name}, after ${scripts} scripts: ${error}`;
        if (error !== undefined) {
          assertEquals(error.reason, "out-of-memory", about);
          counts.refused++;
          if (view !== outlineOf(before)) {
            assert(error.ids !== undefined, about);
            counts.stored++;
          }
          const { ids } = error;
          if (ids !== undefined) await call.again!(store.storage, ids);
          else await call.run(store.storage);
        }
        const again = outlineOf(store.textOf(await store.portray()));
        assertEquals(again, usual.after, about);
        await store.assertListed();
        if (error === undefined && left > 0) break;
      }
    }
    assert(counts.stored > 0);
  });
});

/**
 * Calls whose first attempt was carried out, but not heard of, and whose second
 * one is refused: the refusal alone would say that nothing was written.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { FAULT_PARTS, FAULT_WRITES } from "../support/fault_calls.ts";
import { FaultLane } from "../support/fault_lane.ts";
import { faultServer } from "../support/fault_place.ts";
import { FaultTrials } from "../support/fault_trial.ts";
import { outlineOf } from "../support/portrait.ts";
import { failure } from "../support/outage.ts";
import { TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const TIMEOUT_MS = 20_000;
const PATIENCE_MS = 20_000;
/** Time to change the server before the second attempt comes. */
const DELAY_MS = 150;

const CALLS = [
  "createSession()",
  "createSession() with an id",
  "addMessage()",
  "addMessages()",
  "updateSession()",
];
const WRITES = {
  ...Object.fromEntries(CALLS.map((name) => [name, FAULT_WRITES[name]!])),
  ...FAULT_PARTS,
};

describe("a second attempt that is refused", () => {
  const bed = new TestBed();
  let tried = 0;
  afterAll(async () => {
    console.log(`${tried} calls whose second attempt was refused`);
    await bed.close();
  });

  it("does not hide that the first may have been carried out", async () => {
    const { url } = await bed.server();
    const admin = await bed.client(url);
    const lane = await FaultLane.open(bed, [url]);
    const trials = new FaultTrials(faultServer(bed, url));
    for (const [name, call] of Object.entries(WRITES)) {
      const usual = await trials.measure(lane, call);
      const { store } = await trials.set(call);
      const storage = lane.adapter(store.prefix, { timeoutMs: TIMEOUT_MS });
      const { faults } = lane.fuse;
      lane.delay("request", DELAY_MS);
      lane.fuse.arm({ direction: "reply", afterBytes: 0, kind: "cut" });
      const failing = failure(() => call.run(storage));
      assert(await until(() => lane.fuse.faults > faults, PATIENCE_MS));
      await admin.aclSetUser("default", ["-evalsha", "-eval"]);
      const { reason, message, ids } = await failing;
      await admin.aclSetUser("default", ["+evalsha", "+eval"]);
      lane.delay("request", 0);
      await lane.calm();
      assertEquals(reason, "access-denied", `${name}: ${message}`);
      assertStringIncludes(message, "an earlier attempt may be carried out");
      // An update has none: it would be another one.
      await call.again?.(store.storage, ids ?? []);
      const left = outlineOf(store.textOf(await store.portray()));
      assertEquals(left, usual.after, name);
      tried++;
    }
  });
});

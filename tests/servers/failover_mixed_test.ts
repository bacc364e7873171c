/**
 * Creates, updates, appends and deletes while sentinels make another server the
 * primary, which lacks what the old one acknowledged last.
 */

import { assert } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { createSentinel } from "redis";
import type { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { assertIndexed } from "../support/indexes.ts";
import { LossyStates } from "../support/lossy_states.ts";
import { MixedLoad } from "../support/mixed_load.ts";
import { assertWhole, portray } from "../support/portrait.ts";
import {
  type RedisSentinel,
  startRedisSentinel,
} from "../support/redis_sentinel.ts";
import { STEP_USERS } from "../support/session_steps.ts";
import { TestBed } from "../support/test_bed.ts";

const CLIENTS = 3;
const STEPS = 15;
/**
 * Longer than a failover takes: what is under way waits for it. A sentinel client
 * sends again what its caller has given up, after what was asked later.
 */
const TIMEOUT_MS = 20_000;
const MARGIN_MS = 5_000;

describe("a load of creates, updates, appends and deletes", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("goes on after a failover from a whole state that was", async () => {
    const deployment = await startRedisSentinel();
    bed.defer(() => deployment[Symbol.asyncDispose]());
    const killed = await deployment.primary();
    const keyPrefix = bed.prefix();
    const cache = { maxMessages: 1000 };
    const options = { keyPrefix, ttlSeconds: 3600, cache };
    const adapters: RedisAdapter[] = [];
    for (let i = 0; i < CLIENTS; i++) {
      const client = await connect(deployment);
      const config = { ...options, client, timeoutMs: TIMEOUT_MS };
      adapters.push((await bed.open({ ...config, url: killed.url })).storage);
    }
    const views: LossyStates[] = [];
    const view = () => {
      const states = new LossyStates();
      views.push(states);
      return states;
    };
    await using load = new MixedLoad({ adapters, view });
    await load.advance(STEPS);
    // Replicas get no more, and are not told why.
    const admin = await bed.client(killed.url);
    await admin.sendCommand(["ACL", "SETUSER", "default", "-psync", "-sync"]);
    await admin.sendCommand(["CLIENT", "KILL", "TYPE", "replica"]);
    await load.advance(STEPS);
    await killed.kill("SIGKILL");
    const primary = await deployment.waitForPrimaryOtherThan(killed);
    await load.advance(STEPS);
    await load.stop();
    const { url } = primary;
    const store = await bed.open({ ...options, url });
    const sessions = await load.audit(store.storage);
    assertWhole(await portray(store), "in the end");
    const placed = { ...store, isTagged: false, isCluster: false };
    await assertIndexed(placed, STEP_USERS);
    const lost = views.reduce((sum, { lost }) => sum + lost, 0);
    console.log(
      `${lost} acknowledged calls were lost by a failover without replication; ${load.summary()}; ${sessions} sessions are whole`,
    );
    assert(lost > 0, "the failover lost nothing");
    assert(load.longestMs < TIMEOUT_MS + MARGIN_MS, `${load.longestMs} ms`);
  });

  async function connect(
    { masterName: name, sentinelRootNodes }: RedisSentinel,
  ) {
    const client = createSentinel({ name, sentinelRootNodes });
    client.on("error", () => {});
    await client.connect();
    bed.defer(() => client.destroy());
    return client;
  }
});

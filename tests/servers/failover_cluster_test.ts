import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { AppendLoad } from "../support/append_load.ts";
import { auditAppends } from "../support/audit_appends.ts";
import { connectCluster, openOnCluster } from "../support/cluster_store.ts";
import { checkIndexes } from "../support/index_check.ts";
import { startRedisCluster } from "../support/redis_cluster.ts";
import { TestBed } from "../support/test_bed.ts";

const TIMEOUT_MS = 1_000;
const MARGIN_MS = 4_000;
const PATIENCE_MS = 30_000;

describe("appends on a cluster under load", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("go on after a failover, each there once and in order", async () => {
    const cluster = await startRedisCluster();
    bed.defer(() => cluster[Symbol.asyncDispose]());
    const store = await openOnCluster(bed, cluster, { timeoutMs: PATIENCE_MS });
    const { prefix: keyPrefix, storage } = store;
    await using load = await AppendLoad.start({
      sessions: 6,
      adapters: 2,
      patienceMs: PATIENCE_MS,
      open: async () =>
        new RedisAdapter({
          client: await connectCluster(bed, cluster),
          keyPrefix,
          timeoutMs: TIMEOUT_MS,
          ttlSeconds: 600,
        }),
    });
    await load.advance();
    // The one that holds the index that every create begins with.
    const killed = await cluster.primaryOf(`${keyPrefix}sessions:by-created`);
    await killed.kill("SIGKILL");
    await load.advance();
    await cluster.waitUntilHealthy();
    await load.advance();
    const ledger = await load.stop();
    assertEquals((await storage.reindex()).isComplete, true);
    const audit = await auditAppends(ledger);
    assertEquals(await checkIndexes(store), []);
    const { longestMs } = ledger;
    // A loaded machine gets a margin.
    assert(longestMs < TIMEOUT_MS + MARGIN_MS, `a call took ${longestMs} ms`);
    const { acknowledged, lost, created, lostSessions } = audit;
    console.log(
      `${lost.length} of ${acknowledged} acknowledged appends and ${lostSessions.length} of ${created} creates were lost by the failover (${ledger.summary()})`,
    );
  });
});

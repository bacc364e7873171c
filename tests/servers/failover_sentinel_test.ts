import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { createClientPool, createSentinel } from "redis";
import { createSentinel as createSentinel5 } from "redis5";
import type { RedisClient } from "@reaatech/session-continuity-storage-redis";
import { AppendLoad } from "../support/append_load.ts";
import { assertNothingDead, auditAppends } from "../support/audit_appends.ts";
import type { CallLedger } from "../support/call_ledger.ts";
import { readKeys } from "../support/passing_time.ts";
import {
  type RedisSentinel,
  startRedisSentinel,
} from "../support/redis_sentinel.ts";
import { keysOf, TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const TIMEOUT_MS = 1_000;
const MARGIN_MS = 2_500;
const PATIENCE_MS = 20_000;

describe("appends under load", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("go on after a failover, each there once and in order", async () => {
    const deployment = await startRedisSentinel();
    bed.defer(() => deployment[Symbol.asyncDispose]());
    const killed = await deployment.primary();
    const prefix = bed.prefix();
    const clients = await sentinelClients(deployment);
    await using load = await startLoad(killed.url, prefix, clients);
    await load.advance();
    for (const { url } of deployment.servers) {
      const redis = await bed.client(url);
      const hasMessages = async () =>
        (await keysOf(redis, `${prefix}message:`)).length > 0;
      assert(await until(hasMessages, PATIENCE_MS), url);
    }
    // Replicas would answer still.
    await killed.kill("SIGSTOP");
    await assertUnhealthy(killed.url, clients);
    await killed.kill("SIGCONT");
    await load.advance();
    await killed.kill("SIGKILL");
    await load.advance();
    const primary = await deployment.waitForPrimaryOtherThan(killed);
    const ledger = await load.stop();
    const audit = await auditAppends(ledger);
    const redis = await bed.client(primary.url);
    assertNothingDead(await readKeys({ redis, prefix }), audit.sessionIds);
    assertSettled(ledger);
    const { acknowledged, lost, created, lostSessions } = audit;
    console.log(
      `${lost.length} of ${acknowledged} acknowledged appends and ${lostSessions.length} of ${created} creates were lost by the failover (${ledger.summary()})`,
    );
  });

  it("go on after restarts, all that was acknowledged there once and in order", async () => {
    const server = await bed.server(
      ...["--appendonly", "yes", "--appendfsync", "always"],
    );
    const { url } = server;
    const prefix = bed.prefix();
    const pools = [await pool(url), await pool(url)];
    await using load = await startLoad(url, prefix, pools);
    for (let kills = 0; kills < 2; kills++) {
      await load.advance();
      await server.kill("SIGKILL");
      await server.restart();
    }
    await load.advance();
    const ledger = await load.stop();
    const audit = await auditAppends(ledger);
    const redis = await bed.client(url);
    assertNothingDead(await readKeys({ redis, prefix }), audit.sessionIds);
    assertSettled(ledger);
    const { acknowledged, lost, created, lostSessions } = audit;
    assertEquals([lost, lostSessions], [[], []]);
    console.log(
      `0 of ${acknowledged} acknowledged appends and 0 of ${created} creates were lost by two restarts (${ledger.summary()})`,
    );
  });

  /** Connects as an application can: with either version, and with reads from replicas. */
  async function sentinelClients(
    { masterName: name, sentinelRootNodes }: RedisSentinel,
  ): Promise<RedisClient[]> {
    const options = { name, sentinelRootNodes };
    const clients = [
      createSentinel(options),
      createSentinel({ ...options, replicaPoolSize: 1 }),
      createSentinel5(options),
    ];
    for (const client of clients) {
      client.on("error", () => {});
      await client.connect();
      bed.defer(() => client.destroy());
    }
    return clients;
  }

  async function pool(url: string): Promise<RedisClient> {
    const client = createClientPool({ url }, { minimum: 2, maximum: 4 });
    client.on("error", () => {});
    await client.connect();
    bed.defer(() => client.destroy());
    return client;
  }

  function startLoad(
    url: string,
    keyPrefix: string,
    clients: readonly RedisClient[],
  ): Promise<AppendLoad> {
    return AppendLoad.start({
      adapters: clients.length,
      patienceMs: PATIENCE_MS,
      open: async (index) => {
        const client = clients[index]!;
        const config = { url, client, keyPrefix, timeoutMs: TIMEOUT_MS };
        return (await bed.open(config)).storage;
      },
    });
  }

  /** Fails unless health() tells, on each client, that the primary does not answer. */
  async function assertUnhealthy(
    url: string,
    clients: readonly RedisClient[],
  ): Promise<void> {
    await Promise.all(clients.map(async (client) => {
      const { storage } = await bed.open({ url, client, timeoutMs: 100 });
      assertEquals((await storage.health()).status, "unhealthy");
    }));
  }
});

/** Fails when a call took much longer than it may; loaded machines get a margin. */
function assertSettled({ longestMs }: CallLedger): void {
  assert(longestMs < TIMEOUT_MS + MARGIN_MS, `a call took ${longestMs} ms`);
}

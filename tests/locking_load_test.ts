/**
 * Many writers who expect the same version, on the clients that applications share.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { setTimeout as sleep } from "node:timers/promises";
import { createClientPool } from "redis";
import {
  ConcurrencyError,
  type RedisAdapter,
} from "@reaatech/session-continuity-storage-redis";
import { onCluster } from "./support/places.ts";
import { newSession } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { TestBed } from "./support/test_bed.ts";
import {
  assertConflict,
  describeCounts,
  VersionLedger,
} from "./support/version_ledger.ts";

const WRITERS = 50;
const ROUNDS = 20;
const WORKERS = 20;
const INCREMENTS = 10_000;
const LONGEST_PAUSE_MS = 50;
/** On a busy machine 50 calls at once take their time. */
const TIMEOUT_MS = 60_000;

const OPENINGS: Readonly<
  Record<string, (bed: TestBed) => Promise<readonly RedisAdapter[]>>
> = {
  "one client": async (bed) => [
    (await bed.open({ timeoutMs: TIMEOUT_MS })).storage,
  ],
  "a pool": async (bed) => [await onPool(bed, bed.prefix())],
  "clients of several processes": async (bed) => {
    const keyPrefix = bed.prefix();
    const url = await sharedRedisUrl();
    const storages = [await onPool(bed, keyPrefix)];
    for (let i = 0; i < 3; i++) {
      const client = await bed.connect(url);
      const config = { client, keyPrefix, timeoutMs: TIMEOUT_MS };
      storages.push((await bed.open(config)).storage);
    }
    return storages;
  },
  "a cluster": async (bed) => [(await onCluster(bed)).storage],
};

describe("updateSession() that expects a version", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const [name, open] of Object.entries(OPENINGS)) {
    it(`lets one of ${WRITERS} writers win each version, on ${name}`, async () => {
      const storages = await open(bed);
      const [storage] = storages as [RedisAdapter];
      const ledger = new VersionLedger("s1");
      await ledger.create(storage);
      for (let round = 1; round <= ROUNDS; round++) {
        const session = (await storage.getSession("s1"))!;
        assertEquals(session.version, round);
        await Promise.all(
          Array.from(
            { length: WRITERS },
            (_, i) => ledger.attempt(storages[i % storages.length]!, session),
          ),
        );
        assertEquals(ledger.won, round);
      }
      const counts = ledger.audit((await storage.getSession("s1"))!);
      const lost = ROUNDS * (WRITERS - 1);
      assertEquals([counts.won, counts.lost], [ROUNDS, lost]);
      assertEquals(counts.version, ROUNDS + 1);
      console.log(`${name}, ${WRITERS} writers, ${describeCounts(counts)}`);
    });
  }

  it(`loses none of ${INCREMENTS} increments of ${WORKERS} workers`, async () => {
    const { storage } = await bed.open({ timeoutMs: TIMEOUT_MS });
    const metadata = { custom: { count: 0 } };
    await storage.createSession(newSession({ id: "s1", metadata }));
    let conflicts = 0;
    const increment = async () => {
      for (;;) {
        const { metadata, version } = (await storage.getSession("s1"))!;
        const count = countOf(metadata) + 1;
        const expectedVersion = version!;
        try {
          const updates = { metadata: { custom: { count } } };
          const options = { expectedVersion };
          const stored = await storage.updateSession("s1", updates, options);
          assertEquals(stored.version, expectedVersion + 1);
          return;
        } catch (error) {
          if (!(error instanceof ConcurrencyError)) throw error;
          conflicts++;
          assertConflict(error, "s1", expectedVersion);
          assert(error.actualVersion <= INCREMENTS + 1);
          // As applications do; else 19 of 20 attempts would be in vain.
          await sleep(Math.random() * LONGEST_PAUSE_MS);
        }
      }
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: WORKERS }, async () => {
      for (let i = 0; i < INCREMENTS / WORKERS; i++) await increment();
    }));
    const seconds = Math.round((performance.now() - start) / 1000);
    const session = (await storage.getSession("s1"))!;
    assertEquals(countOf(session.metadata), INCREMENTS);
    assertEquals(session.version, 1 + INCREMENTS);
    assert(conflicts > 0, "nobody met a conflict");
    console.log(
      `${INCREMENTS} increments of ${WORKERS} workers: ${conflicts} conflicts, ${seconds} s`,
    );
  });
});

async function onPool(bed: TestBed, keyPrefix: string): Promise<RedisAdapter> {
  const url = await sharedRedisUrl();
  const client = createClientPool({ url }, { minimum: 2, maximum: 5 });
  client.on("error", () => {});
  await client.connect();
  bed.defer(() => client.destroy());
  return (await bed.open({ client, keyPrefix, timeoutMs: TIMEOUT_MS })).storage;
}

function countOf(metadata: { readonly custom?: Record<string, unknown> }) {
  return metadata.custom!["count"] as number;
}

/**
 * Nothing that is broken, and no outage, is turned into an answer that looks
 * like one: into nothing, no, none or a success.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import {
  type Breakage,
  BREAKAGES,
  breakRecord,
  DEPENDENT_READS,
  DEPENDENT_WRITES,
  type DependentRead,
  fillForBreaking,
} from "./support/broken_records.ts";
import {
  onCluster,
  onServer,
  onServerWithTags,
  type PlacedStore,
} from "./support/places.ts";
import { TestBed } from "./support/test_bed.ts";

const PLACES = {
  "one server": onServer,
  "one server with hash tags": onServerWithTags,
  "a cluster": onCluster,
};
const TTL = { ttlSeconds: 600 };

/** What a call came to. */
type Outcome = { readonly value: unknown } | { readonly error: unknown };

describe("a broken record", () => {
  const bed = new TestBed();
  const counts = { reads: 0, reports: 0, writes: 0 };
  afterAll(async () => {
    const { reads, reports, writes } = counts;
    console.log(
      `${reads} reads and ${writes} writes beside something broken, ${reports} reports`,
    );
    await bed.close();
  });

  for (const [place, open] of Object.entries(PLACES)) {
    for (const [what, breakage] of Object.entries(BREAKAGES)) {
      it(`is told by each read that needs it, on ${place}: ${what}`, async () => {
        const store = await open(bed, TTL);
        await fillForBreaking(store.storage);
        const whole = await readAll(store, {});
        const key = await breakRecord(store, breakage);
        const strict = await readAll(store, {});
        const reports: StorageError[] = [];
        const onCorrupt = (error: StorageError) => reports.push(error);
        for (const [name, read] of Object.entries(DEPENDENT_READS)) {
          counts.reads++;
          const needed = isNeeded(store, read, breakage);
          if (needed) assertNames(strict[name]!, key, name);
          else assertEquals(strict[name], whole[name], name);
          // Somebody who is told what is left out gets the rest.
          const lenient = await settle(() =>
            read.run(adapterOf(store, read, { onCorrupt }))
          );
          const told = reports.splice(0);
          const isRecord = ["session", "message"].includes(breakage.what);
          if (!needed || !read.isLenient || !isRecord) {
            assertEquals([lenient, told], [strict[name], []], name);
            continue;
          }
          counts.reports += told.length;
          assertEquals(idsOf(lenient), rest(idsOf(whole[name]!)), name);
          assertEquals(told.length, 1, name);
          for (const error of told) assertNames({ error }, key, name);
        }
      });
    }

    for (const [what, breakage] of Object.entries(BREAKAGES)) {
      it(`is no success of a write, on ${place}: ${what}`, async () => {
        for (const [name, write] of Object.entries(DEPENDENT_WRITES)) {
          counts.writes++;
          const about = `${name} beside ${what}`;
          const store = await open(bed, TTL);
          await fillForBreaking(store.storage);
          const key = await breakRecord(store, breakage);
          const outcome = await settle(() => write.run(store.storage));
          const isOfType = breakage.fields !== undefined;
          if ("error" in outcome) {
            assertNames(outcome, key, about);
          } else {
            const isNeeded = write.needs.includes(breakage.what);
            assert(isOfType || !isNeeded, `${about} is a success`);
            assert(await write.isDone(store), `${about} did nothing`);
          }
        }
      });
    }
  }

  /** Makes all reads, each by itself. */
  async function readAll(
    store: PlacedStore,
    options: { onCorrupt?: (error: StorageError) => void },
  ): Promise<Record<string, Outcome>> {
    const outcomes: Record<string, Outcome> = {};
    for (const [name, read] of Object.entries(DEPENDENT_READS)) {
      const storage = adapterOf(store, read, options);
      outcomes[name] = await settle(() => read.run(storage));
    }
    return outcomes;
  }
});

/** Makes a call, whatever comes of it. */
function settle(call: () => Promise<unknown>): Promise<Outcome> {
  return call().then((value) => ({ value }), (error: unknown) => ({ error }));
}

/** Returns the adapter that makes a read. */
function adapterOf(
  store: PlacedStore,
  { refreshes }: DependentRead,
  options: { onCorrupt?: (error: StorageError) => void },
): RedisAdapter {
  const refreshTtlOnRead = refreshes === true;
  return store.reopen({ ...TTL, refreshTtlOnRead, ...options });
}

/** Whether a read cannot do without what is broken. */
function isNeeded(
  { isCluster }: PlacedStore,
  { needs }: DependentRead,
  { what }: Breakage,
): boolean {
  if (needs.includes(what)) return true;
  // A list cleans up what is due, on a server in all indexes by moments at once.
  const isList = needs.includes("session") && needs.length > 1;
  const cleans = isCluster
    ? ["by-deadline"]
    : ["by-created", "by-activity", "by-expiry", "by-deadline"];
  return isList && cleans.includes(what);
}

/** Fails unless a call fails for what is broken, and names its key. */
function assertNames(outcome: Outcome, key: string, about: string): void {
  assert("error" in outcome, `${about}: ${JSON.stringify(outcome)}`);
  const { error } = outcome;
  assert(error instanceof StorageError, `${about}: ${error}`);
  assertEquals(error.reason, "corrupt-data", `${about}: ${error}`);
  assertStringIncludes(error.message, JSON.stringify(key), about);
}

/** Returns the ids of what a list or a history returned. */
function idsOf(outcome: Outcome): string[] {
  assert("value" in outcome, "error" in outcome ? `${outcome.error}` : "");
  return (outcome.value as { id: string }[]).map(({ id }) => id);
}

/** Leaves out what is broken: the session "s1", or the message "m1". */
function rest(ids: readonly string[]): string[] {
  return ids.filter((id) => id !== "s1" && id !== "m1");
}

/**
 * What a read returns of records that the documented adapter wrote.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type {
  Message,
  MessageQueryOptions,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import {
  describeShape,
  type OlderShape,
  SHAPES,
  writeOlder,
} from "./older_records.ts";
import { at, COUNTED, ID, MESSAGES, SESSIONS } from "./older_samples.ts";
import type { Place, PlacedStore } from "./places.ts";
import { TestBed } from "./test_bed.ts";

/** Writes all samples in one shape. */
export async function writeSamples(
  store: PlacedStore,
  shape: OlderShape,
): Promise<void> {
  for (const session of SESSIONS) {
    const isFull = session.id === ID;
    await writeOlder(
      ...[store, shape, session, isFull ? MESSAGES : []],
      ...[isFull ? COUNTED : 0] as const,
    );
  }
}

const [m1, m2, m3, m4, m5] = MESSAGES as [
  ...[Message, Message, Message, Message, Message],
];
const [s0, s1, s2, s3] = SESSIONS;

const HISTORIES: readonly [MessageQueryOptions, Message[]][] = [
  [{}, [m1, m2, m3, m4, m5]],
  [{ order: "desc" }, [m5, m4, m3, m2, m1]],
  [{ limit: 2 }, [m1, m2]],
  [{ order: "desc", limit: 1 }, [m5]],
  [{ offset: 3 }, [m4, m5]],
  [{ offset: 1, limit: 2, order: "desc" }, [m4, m3]],
  [{ offset: 5 }, []],
  [{ limit: 0 }, []],
  [{ after: at(12) }, [m3, m4, m5]],
  [{ before: at(13) }, [m1, m2]],
  [{ after: at(11), before: at(15), offset: 1, limit: 1 }, [m3]],
  [{ roles: ["user"] }, [m2, m5]],
  [{ roles: ["user", "tool"], order: "desc", limit: 2 }, [m5, m4]],
  [{ roles: ["user"], after: at(12) }, [m5]],
  [{ after: at(15) }, []],
];

const LISTS: readonly [SessionFilters, typeof SESSIONS[number][]][] = [
  [{}, [s0, s1, s2, s3]],
  [{ order: "desc" }, [s3, s2, s1, s0]],
  [{ sortBy: "lastActivityAt" }, [s0, s2, s3, s1]],
  [{ sortBy: "lastActivityAt", order: "desc", limit: 2 }, [s1, s3]],
  [{ offset: 1, limit: 2 }, [s1, s2]],
  [{ userId: "ada" }, [s1, s2]],
  [{ userId: "ada", sortBy: "lastActivityAt" }, [s2, s1]],
  [{ userId: "ada", order: "desc", limit: 1 }, [s2]],
  [{ userId: "ada", tags: ["b"] }, [s2]],
  [{ userId: "" }, []],
  [{ status: "paused" }, [s1]],
  [{ status: "active", offset: 1 }, [s2, s3]],
  [{ activeAgentId: "guide" }, [s1, s3]],
  [{ tags: ["a/b"] }, [s1]],
  [{ tags: ["\x7f"] }, [s1]],
  [{ tags: ['q"'] }, [s1]],
  [{ tags: ["é", "b"] }, [s1, s2]],
  [{ tags: ["a"] }, []],
  [{ createdAfter: at(10), createdBefore: at(20) }, [s1, s2]],
  [{ createdAfter: at(10.001) }, [s2, s3]],
  [{ createdBefore: at(9.999) }, [s0]],
];

/** Declares the tests in one place, for each shape. */
export function describeOlderReads(name: string, place: Place): void {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const shape of SHAPES) {
    describe(`older records ${name}, ${describeShape(shape)}`, () => {
      it("are read as sessions", async () => {
        const store = await place(bed);
        await writeSamples(store, shape);
        for (const session of SESSIONS) {
          assertEquals(await store.storage.getSession(session.id), session);
        }
      });

      it("are read as histories", async () => {
        const store = await place(bed);
        const { storage } = store;
        await writeSamples(store, shape);
        // Before the session is taken over, and after it.
        for (let run = 0; run < 2; run++) {
          for (const [options, expected] of HISTORIES) {
            const found = await storage.getMessages(ID, options);
            assertEquals(found, expected, JSON.stringify(options));
          }
          for (const message of MESSAGES) {
            assertEquals(await storage.getMessage(ID, message.id), message);
          }
          assertEquals(await storage.getMessage(ID, "m6"), null);
          assertEquals(await storage.getMessage("old:0", "m1"), null);
          assertEquals(await storage.countMessages(ID), 5);
          assertEquals(await storage.countMessages("old:0"), 0);
          await storage.reindex();
        }
      });

      it("are listed after reindex(), and iterated over", async () => {
        const store = await place(bed);
        const { storage } = store;
        await writeSamples(store, shape);
        assertEquals(await storage.listSessions(), []);
        assertEquals((await storage.reindex()).sessionsIndexed, 4);
        for (const [filters, expected] of LISTS) {
          const found = await storage.listSessions(filters);
          assertEquals(found, expected, JSON.stringify(filters));
          if (filters.sortBy === "lastActivityAt") continue;
          const visited = [];
          for await (const session of storage.iterateSessions(filters)) {
            visited.push(session);
          }
          assertEquals(visited, expected, JSON.stringify(filters));
        }
        for (const session of SESSIONS) {
          assertEquals(await storage.getSession(session.id), session);
        }
      });

      it("are found by getExpiredSessions() after reindex()", async () => {
        const store = await place(bed);
        const { storage } = store;
        await writeSamples(store, shape);
        await storage.reindex();
        assertEquals(await storage.getExpiredSessions(at(49.999)), []);
        assertEquals(await storage.getExpiredSessions(at(50)), ["old:2"]);
        assertEquals(await storage.getExpiredSessions(at(100)), ["old:2", ID]);
      });
    });
  }
}

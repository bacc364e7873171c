/**
 * What writes do to records that the documented adapter wrote.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  ConcurrencyError,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { writeSamples } from "./older_reads.ts";
import { describeShape, messageKey, SHAPES } from "./older_records.ts";
import { ID, MESSAGES, SESSIONS } from "./older_samples.ts";
import type { Place, PlacedStore } from "./places.ts";
import { unset } from "./records.ts";
import { TestBed } from "./test_bed.ts";

const OLD = SESSIONS[1];

/** Declares the tests in one place, for each shape. */
export function describeOlderWrites(name: string, place: Place): void {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const shape of SHAPES) {
    describe(`writes to older records ${name}, ${describeShape(shape)}`, () => {
      /** Opens an adapter on all samples. */
      async function open(ttlSeconds?: number): Promise<PlacedStore> {
        const store = await place(
          bed,
          ttlSeconds === undefined ? {} : { ttlSeconds },
        );
        await writeSamples(store, shape);
        return store;
      }

      it("updateSession() merges fields and removes some", async () => {
        const { storage } = await open();
        const { tokenBudget: _, activeAgentId: __, ...rest } = OLD;
        const updated = await storage.updateSession(ID, {
          status: "completed",
          userId: "eve",
          metadata: { tags: ["new"] },
          ...unset("tokenBudget", "activeAgentId", "userName"),
        });
        assertEquals(updated, {
          ...rest,
          status: "completed",
          userId: "eve",
          metadata: { tags: ["new"] },
          version: 4,
          lastActivityAt: updated.lastActivityAt,
        });
        assert(+updated.lastActivityAt > +OLD.lastActivityAt);
        assertEquals(await storage.getSession(ID), updated);
        // That write alone lets lists find it.
        for (const filters of [{}, { userId: "eve" }, { tags: ["new"] }]) {
          assertEquals(await storage.listSessions(filters), [updated]);
        }
        assertEquals(await storage.listSessions({ tags: ["a/b"] }), []);
        await storage.reindex();
        const others = await storage.listSessions({ userId: "ada" });
        assertEquals(others, [SESSIONS[2]]);
        assertEquals(await storage.getMessages(ID), MESSAGES);
      });

      it("updateSession() holds an expected version against them", async () => {
        const { storage } = await open();
        const error = await assertRejects(
          () =>
            storage.updateSession(ID, { tokenCount: 1 }, {
              expectedVersion: 2,
            }),
          ConcurrencyError,
        );
        assertEquals(error.actualVersion, 3);
        assertEquals(await storage.getSession(ID), OLD);
        const updated = await storage.updateSession(ID, { tokenCount: 1 }, {
          expectedVersion: 3,
        });
        assertEquals([updated.tokenCount, updated.version], [1, 4]);
        // One that had no version has the first one then.
        const first = await storage.updateSession("old:0", { tokenCount: 1 });
        assertEquals(first.version, 1);
      });

      it("updateMessage() writes their old fields", async () => {
        const store = await open();
        const { storage } = store;
        const [, second, third] = MESSAGES;
        const { metadata: _, ...plain } = third!;
        const updated = await storage.updateMessage(ID, "m3", {
          content: "[new",
          role: "user",
          tokenCount: 9,
          ...unset("metadata"),
        });
        const { updatedAt } = updated;
        assert(updatedAt instanceof Date);
        assertEquals(updated, {
          ...plain,
          content: "[new",
          role: "user",
          tokenCount: 9,
          updatedAt,
        });
        assertEquals(await storage.getMessage(ID, "m3"), updated);
        const [first, , , ...rest] = MESSAGES;
        assertEquals(await storage.getMessages(ID), [
          ...[first!, second!, updated],
          ...rest,
        ]);
        assertEquals(
          await storage.getMessages(ID, { roles: ["assistant"] }),
          [],
        );
        const hash = await store.redis.hGetAll(messageKey(store, ID, "m3"));
        assertEquals("message" in hash || "metadata" in hash, false);
        assertEquals([hash["contentType"], hash["sequence"]], ["string", "3"]);
        const error = await assertRejects(
          () => storage.updateMessage("old:0", "m1", { content: "x" }),
          StorageError,
        );
        assertEquals(error.reason, "not-found");
      });

      it("touchSession() moves them on, and starts the TTL of all", async () => {
        const store = await open(1000);
        const { storage } = store;
        assertEquals(await storage.touchSession(ID), true);
        const touched = await storage.getSession(ID);
        assert(+touched!.lastActivityAt > +OLD.lastActivityAt);
        assertEquals(touched, {
          ...OLD,
          lastActivityAt: touched!.lastActivityAt,
        });
        await store.pass(999_000);
        assertEquals(await storage.getMessages(ID), MESSAGES);
        await store.pass(252_000);
        assertEquals(await storage.getSession(ID), null);
        const left = (await store.keys()).filter((name) =>
          /old:1|message/.test(name)
        );
        assertEquals(left, []);
        assertEquals(await storage.listSessions(), []);
      });

      it("deleteMessage() and deleteAllMessages() remove them", async () => {
        const store = await open();
        const { storage } = store;
        await storage.deleteMessage(ID, "m2");
        await storage.deleteMessage("old:0", "m1");
        const left = MESSAGES.filter(({ id }) => id !== "m2");
        assertEquals(await storage.getMessages(ID), left);
        assertEquals(await storage.countMessages(ID), 4);
        await storage.deleteAllMessages(ID);
        assertEquals(await storage.getMessages(ID), []);
        assertEquals(await storage.getSession(ID), OLD);
        const names = await store.keys();
        assertEquals(names.filter((key) => key.startsWith("message")), []);
      });

      it("deleteSession() leaves nothing, taken over or not", async () => {
        for (const isTakenOver of [false, true]) {
          const store = await open();
          const { storage } = store;
          if (isTakenOver) await storage.reindex();
          for (const { id } of SESSIONS) await storage.deleteSession(id);
          assertEquals(await store.keys(), []);
          assertEquals(await storage.getSession(ID), null);
        }
      });
    });
  }
}

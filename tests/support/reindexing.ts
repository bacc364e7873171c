/**
 * What rebuilding the indexes does.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { ReindexProgress } from "@reaatech/session-continuity-storage-redis";
import { assertCorrupt } from "./corruption.ts";
import { assertIndexed, MOMENTS, readIndexes } from "./indexes.ts";
import { USERS, writeMany } from "./many_older.ts";
import { sessionKey } from "./older_records.ts";
import { at } from "./older_samples.ts";
import type { Place, PlacedOptions } from "./places.ts";
import { newMessage, newSession } from "./records.ts";
import { TestBed } from "./test_bed.ts";

/** More than fit into one step, on each primary of a cluster too. */
const MANY = 1500;

/** Declares the tests in one place. */
export function describeReindex(name: string, place: Place): void {
  describe(`reindex() ${name}`, () => {
    const bed = new TestBed();
    afterAll(() => bed.close());

    const openOlder = (count: number, options?: PlacedOptions) =>
      writeMany(place(bed, options), count);

    it("tells how far it is", async () => {
      const store = await openOlder(MANY);
      const steps: ReindexProgress[] = [];
      const { isComplete, ...counts } = await store.storage.reindex({
        onProgress: (progress) => steps.push(progress),
      });
      assertEquals(isComplete, true);
      assert(steps.length >= 3);
      assertEquals(steps.at(-1), counts);
      // A scan may meet a key twice.
      assert(counts.sessionsIndexed >= MANY);
      assert(counts.keysMet >= counts.sessionsIndexed);
      for (const [i, step] of steps.slice(1).entries()) {
        assert(step.keysMet >= steps[i]!.keysMet);
        assert(step.sessionsIndexed >= steps[i]!.sessionsIndexed);
      }
      await assertIndexed(store, USERS);
      const before = await readIndexes(store);
      assertEquals((await store.storage.reindex()).isComplete, true);
      assertEquals(await readIndexes(store), before);
    });

    it("can be stopped, and loses nothing", async () => {
      const store = await openOlder(MANY);
      const { storage } = store;
      const before = AbortSignal.abort();
      assertEquals(await storage.reindex({ signal: before }), {
        ...{ keysMet: 0, sessionsIndexed: 0 },
        isComplete: false,
      });
      const controller = new AbortController();
      const stopped = await storage.reindex({
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      assertEquals(stopped.isComplete, false);
      assert(stopped.sessionsIndexed < MANY);
      const found = await storage.listSessions();
      assertEquals(found.length, stopped.sessionsIndexed);
      for (const id of ["s0", `s${MANY - 1}`]) {
        assertEquals((await storage.getSession(id))?.id, id);
      }
      const again = await storage.reindex({
        signal: new AbortController().signal,
      });
      assertEquals(again.isComplete, true);
      assertEquals((await storage.listSessions()).length, MANY);
      await assertIndexed(store, USERS);
    });

    it("puts back the hints that a crash left out", async () => {
      const store = await place(bed, { ttlSeconds: 1000 });
      const { storage, redis, prefix } = store;
      const ids = Array.from({ length: 20 }, (_, i) => `s${i}`);
      for (const [i, id] of ids.entries()) {
        const userId = USERS[i % USERS.length]!;
        await storage.createSession(
          newSession({ id, userId, expiresAt: at(i) }),
        );
        await storage.addMessage(id, newMessage(id));
      }
      const [lost, kept] = [ids.slice(0, 10), ids.slice(10)];
      for (const [i, id] of lost.entries()) {
        const userId = USERS[i % USERS.length]!;
        for (const index of Object.keys(MOMENTS)) {
          await redis.zRem(prefix + index, id);
        }
        const deadline = `${id.length}:${id}${userId}`;
        await redis.zRem(`${prefix}sessions:by-deadline`, deadline);
        await redis.sRem(`${prefix}user:${userId}:sessions`, id);
      }
      // Conversations go on; lists miss those sessions at most.
      for (const id of ids) {
        assertEquals((await storage.getSession(id))?.id, id);
        const added = await storage.addMessage(id, newMessage("more"));
        await storage.updateSession(id, { tokenCount: 1 });
        const [, last] = await storage.getMessages(id);
        assertEquals(last, added);
      }
      for (const sortBy of ["createdAt", "lastActivityAt"] as const) {
        const listed = await storage.listSessions({ sortBy });
        const found = new Set(listed.map(({ id }) => id));
        assertEquals(found.size, listed.length);
        assert(kept.every((id) => found.has(id)));
      }
      await storage.reindex();
      assertEquals((await storage.listSessions()).length, ids.length);
      await assertIndexed(store, USERS);
    });

    it("reports an index of another type, and goes through without it", async () => {
      const indexes = [...Object.keys(MOMENTS), "sessions:by-deadline"];
      for (const index of indexes) {
        const store = await openOlder(30);
        const { storage, redis, prefix } = store;
        await redis.expire(sessionKey(store, "s2"), 1000);
        await redis.set(prefix + index, "text");
        await assertCorrupt(store, () => storage.reindex(), index);
        assertEquals((await storage.getSession("s2"))?.id, "s2");
        await redis.unlink(prefix + index);
        assertEquals((await storage.reindex()).sessionsIndexed, 30);
        await assertIndexed(store, USERS);
      }
    });

    it("leaves a user's set of another type to that user's list", async () => {
      const store = await openOlder(30);
      const { storage, redis, prefix } = store;
      const key = "user:u1:sessions";
      await redis.unlink(prefix + key);
      await redis.set(prefix + key, "text");
      assertEquals((await storage.reindex()).sessionsIndexed, 30);
      assertEquals((await storage.listSessions()).length, 30);
      // A write that starts a new deadline leaves it alone, too.
      await store.reopen({ ttlSeconds: 600 }).touchSession("s1");
      const list = () => storage.listSessions({ userId: "u1" });
      await assertCorrupt(store, list, key);
      await redis.unlink(prefix + key);
      await storage.reindex();
      await assertIndexed(store, USERS);
    });

    it("keeps the TTL of older sessions, also where others write", async () => {
      const store = await openOlder(8);
      const { storage, redis, prefix } = store;
      for (const name of await store.keys()) {
        await redis.expire(prefix + name, 1000);
      }
      await storage.reindex();
      await assertIndexed(store, USERS);
      // An adapter without a TTL gives what it adds the session's.
      await storage.addMessage("s1", newMessage());
      const left = await redis.pTTL(sessionKey(store, "s1"));
      assert(left > 990_000 && left <= 1_000_000);
      await store.pass(900_000);
      assertEquals((await storage.listSessions()).length, 8);
      await store.pass(101_000);
      assertEquals(await storage.listSessions(), []);
      assertEquals(await store.keys(), []);
    });

    it("is not stopped by a session that cannot be read", async () => {
      const reports: string[] = [];
      const store = await openOlder(30, {
        onCorrupt: ({ message }) => reports.push(message),
      });
      const { storage, redis } = store;
      const fields = ["createdAt", "lastActivityAt", "expiresAt", "metadata"];
      for (const [i, field] of fields.entries()) {
        await redis.hSet(sessionKey(store, `s${i}`), { [field]: "soon" });
      }
      const result = await storage.reindex();
      // One without a date is in no list.
      assertEquals(result.sessionsIndexed, 29);
      assertEquals((await storage.listSessions()).length, 26);
      assertEquals(reports.length, 3);
    });
  });
}

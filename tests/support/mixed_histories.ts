/**
 * Sessions that hold messages of the documented adapter and new ones.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { Message } from "@reaatech/session-continuity-storage-redis";
import { writeSamples } from "./older_reads.ts";
import { describeShape, SHAPES, writeOlder } from "./older_records.ts";
import { COUNTED, ID, MESSAGES, SESSIONS } from "./older_samples.ts";
import type { Place } from "./places.ts";
import { newMessage } from "./records.ts";
import { TestBed } from "./test_bed.ts";

/** Declares the tests in one place, for each shape. */
export function describeMixedHistories(name: string, place: Place): void {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const shape of SHAPES) {
    describe(`mixed histories ${name}, ${describeShape(shape)}`, () => {
      it("addMessage() goes on with sequence and order", async () => {
        const store = await place(bed);
        const { storage } = store;
        await writeSamples(store, shape);
        const added = await storage.addMessage(ID, newMessage("6"));
        const more = await storage.addMessages(ID, [
          newMessage("7", { role: "tool" }),
          newMessage("8"),
        ]);
        const all = [...MESSAGES, added, ...more];
        const next = shape.hasCounter ? COUNTED + 1 : MESSAGES.length + 1;
        assertEquals(
          [added, ...more].map(({ sequence }) => sequence),
          [next, next + 1, next + 2],
        );
        assertEquals(await storage.getSession(ID), {
          ...SESSIONS[1],
          lastActivityAt: more[1]!.createdAt,
        });
        const read = (options: Parameters<typeof storage.getMessages>[1]) =>
          storage.getMessages(ID, options);
        const last = MESSAGES.at(-1)!.createdAt;
        const isUser = ({ role }: Message) => role === "user";
        assertEquals(await read({}), all);
        assertEquals(await read({ order: "desc" }), all.toReversed());
        assertEquals(await read({ offset: 4, limit: 2 }), all.slice(4, 6));
        assertEquals(
          await read({ order: "desc", offset: 2, limit: 3 }),
          all.toReversed().slice(2, 5),
        );
        assertEquals(await read({ after: last }), [added, ...more]);
        assertEquals(await read({ before: added.createdAt }), [...MESSAGES]);
        assertEquals(await read({ roles: ["user"] }), all.filter(isUser));
        assertEquals(await storage.countMessages(ID), 8);
      });

      it("an id of an older message is not appended again", async () => {
        const store = await place(bed);
        const { storage } = store;
        await writeSamples(store, shape);
        const again = newMessage("again", { id: "m2" });
        assertEquals(await storage.addMessage(ID, again), MESSAGES[1]);
        const both = await storage.addMessages(ID, [again, newMessage("new")]);
        assertEquals(both[0], MESSAGES[1]);
        assertEquals(await storage.getMessages(ID), [...MESSAGES, both[1]!]);
      });

      it("createdAt never goes back, whatever the older clock said", async () => {
        const store = await place(bed);
        const { storage } = store;
        const ahead = new Date(Date.now() + 3_600_000);
        const future = MESSAGES.map((message, i) => ({
          ...message,
          createdAt: new Date(+ahead + i),
        }));
        await writeOlder(store, shape, SESSIONS[1], future);
        const added = await storage.addMessage(ID, newMessage("new"));
        assert(added.createdAt >= future.at(-1)!.createdAt);
        const next = await storage.addMessage(ID, newMessage("newer"));
        assert(next.createdAt >= added.createdAt);
        const all = [...future, added, next];
        assertEquals(await storage.getMessages(ID), all);
        assertEquals(
          await storage.getMessages(ID, { order: "desc", limit: 3 }),
          all.toReversed().slice(0, 3),
        );
        assertEquals(
          await storage.getMessages(ID, { after: ahead }),
          all.slice(1),
        );
      });

      it("older and new messages are updated, deleted and expire alike", async () => {
        const store = await place(bed, { ttlSeconds: 1000 });
        const { storage } = store;
        await writeSamples(store, shape);
        const added = await storage.addMessage(ID, newMessage("new"));
        const older = await storage.updateMessage(ID, "m1", { content: "a" });
        const newer = await storage.updateMessage(ID, added.id, {
          content: "b",
        });
        await storage.deleteMessage(ID, "m2");
        const all = [older, ...MESSAGES.slice(2), newer];
        assertEquals(await storage.getMessages(ID), all);
        await store.pass(999_000);
        assertEquals(await storage.getMessages(ID), all);
        await store.pass(252_000);
        assertEquals(await storage.getMessages(ID), []);
        const names = await store.keys();
        assertEquals(names.filter((key) => /old:1|message/.test(key)), []);
      });
    });
  }
}

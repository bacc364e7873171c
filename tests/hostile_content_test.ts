import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { assertHarmless, CALLS } from "./support/hostile_arguments.ts";
import {
  assertCarriedOrRefused,
  assertRefusal,
  fillForWriting,
  inputsOf,
  WRITINGS,
} from "./support/hostile_contents.ts";
import { hostileServer } from "./support/hostile_places.ts";
import { searchHostile } from "./support/hostile_search.ts";
import { nest } from "./support/hostile_values.ts";
import { newMessage, newSession } from "./support/records.ts";
import { TestBed } from "./support/test_bed.ts";

const LARGE = 5 * 1024 * 1024;

for (const hashTags of [false, true]) {
  describe(`hostile content, hashTags ${hashTags}`, () => {
    const bed = new TestBed();
    afterAll(() => bed.close());

    it("comes back as it was given, or is refused before anything is written", async () => {
      const place = await hostileServer(bed, hashTags);
      await searchHostile(WRITINGS, {
        name: `content, ${place.name}`,
        runs: 500,
        inputs: inputsOf,
        clear: async () => {
          await place.clear();
          await fillForWriting(place);
        },
      }, (writing) => assertCarriedOrRefused(place, writing));
    });

    it("does no harm as arguments of any call", async () => {
      const place = await hostileServer(bed, hashTags);
      await searchHostile(CALLS, {
        name: `arguments, ${place.name}`,
        runs: 800,
        inputs: ({ args }) => args.length,
        clear: async () => {
          await place.clear();
          await fillForWriting(place);
        },
      }, (call) => assertHarmless(place, call));
    });

    it("may be 5 MB of text, under long ids and names", async () => {
      const { open } = await hostileServer(bed, hashTags);
      const storage = open({ keyPrefix: "p".repeat(10_000) });
      const text = "\u{1f98a}é*\0".repeat(LARGE / 8);
      const name = "é*".repeat(LARGE / 100);
      const session = await storage.createSession(newSession({
        id: `s${name}`,
        userId: `u${name}`,
        metadata: { custom: { [name]: 1 } },
      }));
      assertEquals(session.metadata.custom?.[name], 1);
      const id = `m${name}`;
      const sent = newMessage(text, {
        id,
        metadata: { annotations: { text } },
      });
      await storage.addMessage(session.id, sent);
      const [found] = await storage.getMessages(session.id);
      assert(found?.id === id && found.content === text);
      assert(found.metadata?.annotations?.["text"] === text);
      const [listed] = await storage.listSessions({ userId: `u${name}` });
      assert(listed?.metadata.custom?.[name] === 1);
      await storage.deleteSession(session.id);
      assertEquals(await storage.listSessions(), []);
    });

    it("may be nested 1,000 times, and is refused where it is too deep", async () => {
      const { open } = await hostileServer(bed, hashTags);
      const storage = open();
      let carried = 0;
      for (const levels of [10, 1000, 2000, 4000, 8000, 16_000, 100_000]) {
        const id = `s${levels}`;
        const custom = { deep: nest("x", levels) };
        const sent = newMessage("Hi", {
          id,
          metadata: { annotations: custom },
        });
        try {
          await storage.createSession(newSession({ id, metadata: { custom } }));
          await storage.addMessage(id, sent);
        } catch (error) {
          assertRefusal(error);
          continue;
        }
        carried = levels;
        const session = await storage.getSession(id);
        const [message] = await storage.getMessages(id);
        const text = JSON.stringify(custom);
        assert(JSON.stringify(session?.metadata.custom) === text);
        assert(JSON.stringify(message?.metadata?.annotations) === text);
      }
      assert(carried >= 1000, `${carried} levels`);
      // What was refused is no reason for lists to fail.
      await storage.listSessions();
    });
  });
}

import { assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { newMessage, newSession } from "./support/records.ts";
import { TestBed } from "./support/test_bed.ts";

describe("addMessages() of many", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const hashTags of [false, true]) {
    it(`appends all in their order, hashTags ${hashTags}`, async () => {
      const { storage } = await bed.open({ hashTags });
      const { id } = await storage.createSession(newSession());
      const first = await storage.addMessage(id, newMessage("0"));
      const given = Array.from(
        { length: 999 },
        (_, i) => newMessage(`${i + 1}`),
      );
      const added = await storage.addMessages(id, given);
      const last = await storage.addMessage(id, newMessage("1000"));
      const messages = await storage.getMessages(id);
      assertEquals(messages, [first, ...added, last]);
      assertEquals(messages.map(({ content }) => Number(content)), [
        ...Array(1001).keys(),
      ]);
      assertEquals(messages.map(({ sequence }) => sequence! - 1), [
        ...Array(1001).keys(),
      ]);
      const session = await storage.getSession(id);
      assertEquals(session?.lastActivityAt, last.createdAt);
    });
  }
});

import { assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { newSession } from "./support/records.ts";
import { TestBed } from "./support/test_bed.ts";

/** Characters that mean something in JSON, and one that does not. */
const CHARACTERS = ['"', ",", "\\", "[", "]", "a", "\n"];

/** Returns all texts of at most two of the characters. */
function shortTexts(): string[] {
  const pairs = CHARACTERS.flatMap((first) =>
    CHARACTERS.map((second) => first + second)
  );
  return ["", ...CHARACTERS, ...pairs];
}

describe("listSessions()", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("compares whole tags, whatever two of them read like side by side", async () => {
    const { storage } = await bed.open();
    const texts = shortTexts();
    const tagsOf = new Map<string, string[]>();
    for (const [i, text] of texts.entries()) {
      const id = `s${String(i).padStart(3, "0")}`;
      const tags = [text, texts[(i * 7 + 3) % texts.length]!, `${text},`];
      tagsOf.set(id, tags);
      await storage.createSession(newSession({ id, metadata: { tags } }));
    }
    for (const tag of [...texts, "],", '",', "a,", ',"']) {
      const found = await storage.listSessions({ tags: [tag] });
      const expected = [...tagsOf].filter(([, tags]) => tags.includes(tag));
      assertEquals(
        found.map(({ id }) => id).sort(),
        expected.map(([id]) => id),
        JSON.stringify(tag),
      );
    }
  });

  it("finds no session by a tag that it no longer has", async () => {
    const { storage } = await bed.open();
    const { id } = await storage.createSession(
      newSession({ metadata: { tags: ["a", "b"] } }),
    );
    const find = async (tag: string) =>
      (await storage.listSessions({ tags: [tag] })).length;
    assertEquals([await find("a"), await find("b")], [1, 1]);
    await storage.updateSession(id, { metadata: { tags: ["b"] } });
    assertEquals([await find("a"), await find("b")], [0, 1]);
    await storage.updateSession(id, { metadata: { title: "b" } });
    assertEquals([await find("a"), await find("b")], [0, 0]);
    await storage.updateSession(id, { metadata: { tags: [] } });
    assertEquals(await storage.listSessions({ tags: [""] }), []);
    assertEquals((await storage.listSessions({ tags: [] })).length, 1);
  });
});

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { Message } from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession, unset } from "./support/records.ts";
import { readHash, readOrder } from "./support/snapshot.ts";
import { TestBed } from "./support/test_bed.ts";

const UPDATED = new Date("2024-05-06T07:08:09.010Z");

/** Messages, and what their records hold; the rest is the end of the attributes. */
const MESSAGES: readonly [
  name: string,
  given: Partial<Message>,
  content: string,
  rest: string,
][] = [
  ["text", { content: "Hi" }, "Hi", '"user","string",null,null,"m\\"1é"]'],
  [
    "text like JSON",
    { content: "[1]" },
    "[1]",
    '"user","string",null,null,"m\\"1é"]',
  ],
  [
    "text of several lines",
    { content: "\nHi\n\n" },
    "\nHi\n\n",
    '"user","string",null,null,"m\\"1é"]',
  ],
  ["empty text", { content: "" }, "", '"user","string",null,null,"m\\"1é"]'],
  [
    "parts",
    { content: [{ type: "text", text: "é" }] },
    '[{"type":"text","text":"é"}]',
    '"user","json",null,null,"m\\"1é"]',
  ],
  [
    "all attributes, whatever their order",
    {
      metadata: {
        toolCalls: [{ id: "c", name: "f", arguments: '"m1",{}]' }],
        annotations: { empty: [], n: 1e21 },
      },
      updatedAt: UPDATED,
      tokenCount: 5,
      role: "tool",
      content: "Hi",
    },
    "Hi",
    '"tool","string",5,1714979289010,"m\\"1é",' +
    '{"toolCalls":[{"id":"c","name":"f","arguments":"\\"m1\\",{}]"}],"annotations":{"empty":[],"n":1e+21}}]',
  ],
];

describe("a message in Redis", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const [name, given, content, rest] of MESSAGES) {
    it(`addMessage() makes a hash of one field: ${name}`, async () => {
      const store = await bed.open();
      const sessionId = 's"1\\é';
      const id = 'm"1é';
      await store.storage.createSession(newSession({ id: sessionId }));
      const added = await store.storage.addMessage(sessionId, {
        ...newMessage("", { id }),
        ...given,
      });
      const { createdAt } = added;
      assertEquals(added.content, given.content);
      assertEquals(await store.storage.getMessages(sessionId), [added]);
      assertEquals(await readHash(store, `message:${id}`), {
        message: `["s\\"1\\\\é",${createdAt.getTime()},1,${rest}\n${content}`,
      });
      assertEquals(await readOrder(store, `session:${sessionId}:messages`), [
        [id, createdAt.getTime()],
      ]);
    });
  }

  it("updateMessage() keeps the order of attributes", async () => {
    const store = await bed.open();
    const { id } = await store.storage.createSession(newSession());
    const metadata = { annotations: { b: [], a: 12345678901234567890, "": 0 } };
    const { createdAt } = await store.storage.addMessage(
      id,
      newMessage("Hi", { id: "m1", metadata }),
    );
    const tail = ',{"annotations":{"b":[],"a":12345678901234567000,"":0}}';
    const steps: [Partial<Message>, string][] = [
      [
        { tokenCount: 7, updatedAt: UPDATED },
        `"user","string",7,1714979289010,"m1"${tail}`,
      ],
      [
        { role: "system", content: [], updatedAt: new Date(5) },
        `"system","json",7,5,"m1"${tail}`,
      ],
      [
        { ...unset("tokenCount"), updatedAt: new Date(-6) },
        `"system","json",null,-6,"m1"${tail}`,
      ],
      [
        { ...unset("metadata"), updatedAt: new Date(7) },
        `"system","json",null,7,"m1"`,
      ],
      [
        { metadata: {}, tokenCount: 1.5e-7, updatedAt: new Date(8) },
        `"system","json",1.5e-7,8,"m1",{}`,
      ],
      [{ updatedAt: new Date(9) }, `"system","json",1.5e-7,9,"m1",{}`],
    ];
    for (const [updates, rest] of steps) {
      await store.storage.updateMessage(id, "m1", updates);
      const content = rest.includes('"json"') ? "[]" : "Hi";
      assertEquals(await readHash(store, "message:m1"), {
        message: `["${id}",${createdAt.getTime()},1,${rest}]\n${content}`,
      });
    }
  });

  it("is found by its role also where ids have to be escaped", async () => {
    const { storage } = await bed.open();
    const id = 's",5,1,"tool","string","\\\u0001';
    await storage.createSession(newSession({ id }));
    await storage.addMessages(id, [
      newMessage("1", { id: id + 1, role: "user" }),
      newMessage("2", { id: id + 2, role: "assistant" }),
      newMessage("3", { id: id + 3, role: "user" }),
    ]);
    const contentsOf = async (role: Message["role"]) =>
      (await storage.getMessages(id, { roles: [role] }))
        .map(({ content }) => content).join("");
    assertEquals(await contentsOf("user"), "13");
    assertEquals(await contentsOf("assistant"), "2");
    assertEquals(await contentsOf("tool"), "");
  });

  it("is found by its role where keys hold what a pattern means otherwise", async () => {
    for (
      const [mark, hashTags] of [["*", false], ["\0", false], [
        "*",
        true,
      ]] as const
    ) {
      const keyPrefix = `${crypto.randomUUID()}${hashTags ? "" : mark}`;
      const { storage } = await bed.open({ keyPrefix, hashTags });
      const given = [
        newMessage("1", { id: "*", role: "user" }),
        newMessage("2", { id: "m", role: "tool" }),
        newMessage("3", { id: "*->message", role: "user" }),
      ];
      for (const id of ["m", hashTags ? mark : "s"]) {
        await storage.createSession(newSession({ id }));
        const ids = hashTags ? "" : id;
        await storage.addMessages(
          id,
          given.map((message) => ({ ...message, id: message.id + ids })),
        );
        const found = await storage.getMessages(id, { roles: ["user"] });
        assertEquals(found.map(({ content }) => content).join(""), "13");
      }
    }
  });

  it("addMessage() moves the session's own fields", async () => {
    const store = await bed.open();
    const { id } = await store.storage.createSession(newSession());
    const sent = Array.from({ length: 3 }, (_, i) => newMessage(`${i}`));
    const messages = await store.storage.addMessages(id, sent);
    const last = `${messages.at(-1)?.createdAt.getTime()}`;
    const fields = await readHash(store, `session:${id}`);
    assertEquals(fields["lastSequence"], "3");
    assertEquals(fields["lastActivityAt"], last);
    assertEquals(await readOrder(store, "sessions:by-activity"), [
      [id, Number(last)],
    ]);
    for (const [, score] of await readOrder(store, `session:${id}:messages`)) {
      assert(Number.isInteger(score));
    }
  });
});

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { Message } from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession, unset } from "./support/records.ts";
import { readHash, readOrder } from "./support/snapshot.ts";
import { TestBed } from "./support/test_bed.ts";

const UPDATED = new Date("2024-05-06T07:08:09.010Z");

/** Messages, and what their hashes hold; the rest is the end of the attributes. */
const MESSAGES: readonly [
  name: string,
  given: Partial<Message>,
  content: string,
  contentType: string,
  rest: string,
][] = [
  ["text", { content: "Hi" }, "Hi", "string", ""],
  ["text like JSON", { content: "[1]" }, "[1]", "string", ""],
  ["empty text", { content: "" }, "", "string", ""],
  [
    "parts",
    { content: [{ type: "text", text: "é" }] },
    '[{"type":"text","text":"é"}]',
    "json",
    "",
  ],
  [
    "all attributes, whatever their order",
    {
      metadata: {
        toolCalls: [{ id: "c", name: "f", arguments: ',"metadata":{}' }],
        annotations: { empty: [], n: 1e21 },
      },
      updatedAt: UPDATED,
      tokenCount: 5,
      role: "tool",
      content: "Hi",
    },
    "Hi",
    "string",
    ',"tokenCount":5,"updatedAt":1714979289010,"metadata":' +
    '{"toolCalls":[{"id":"c","name":"f","arguments":",\\"metadata\\":{}"}],"annotations":{"empty":[],"n":1e+21}}',
  ],
];

describe("a message in Redis", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const [name, given, content, contentType, rest] of MESSAGES) {
    it(`addMessage() makes a hash of three fields: ${name}`, async () => {
      const store = await bed.open();
      const sessionId = 's"1\\é';
      await store.storage.createSession(newSession({ id: sessionId }));
      const { createdAt } = await store.storage.addMessage(sessionId, {
        ...newMessage("", { id: "m1" }),
        ...given,
      });
      assertEquals(await readHash(store, "message:m1"), {
        content,
        contentType,
        attributes: `{"role":"${given.role ?? "user"}",` +
          `"contentType":"${contentType}","sessionId":"s\\"1\\\\é",` +
          `"createdAt":${createdAt.getTime()},"sequence":1${rest}}`,
      });
      assertEquals(await readOrder(store, `session:${sessionId}:messages`), [
        ["m1", createdAt.getTime()],
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
    const head = (role: string, type: string) =>
      `{"role":"${role}","contentType":"${type}","sessionId":"${id}",` +
      `"createdAt":${createdAt.getTime()},"sequence":1`;
    const tail =
      ',"metadata":{"annotations":{"b":[],"a":12345678901234567000,"":0}}}';
    const steps: [Partial<Message>, string][] = [
      [
        { tokenCount: 7, updatedAt: UPDATED },
        `${
          head("user", "string")
        },"tokenCount":7,"updatedAt":1714979289010${tail}`,
      ],
      [
        { role: "system", content: [], updatedAt: new Date(5) },
        `${head("system", "json")},"tokenCount":7,"updatedAt":5${tail}`,
      ],
      [
        { ...unset("tokenCount"), updatedAt: new Date(-6) },
        `${head("system", "json")},"updatedAt":-6${tail}`,
      ],
      [
        { ...unset("metadata"), updatedAt: new Date(7) },
        `${head("system", "json")},"updatedAt":7}`,
      ],
      [
        { metadata: {}, updatedAt: new Date(8) },
        `${head("system", "json")},"updatedAt":8,"metadata":{}}`,
      ],
    ];
    for (const [updates, attributes] of steps) {
      await store.storage.updateMessage(id, "m1", updates);
      const { contentType } = JSON.parse(attributes);
      const content = contentType === "json" ? "[]" : "Hi";
      assertEquals(await readHash(store, "message:m1"), {
        content,
        contentType,
        attributes,
      });
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

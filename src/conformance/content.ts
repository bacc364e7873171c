/**
 * What comes back of what was stored: text, structured content, metadata and
 * dates, all as they were given.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { MessageContent, Session } from "../types.ts";
import { equal, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { fullSession, invalid, newMessage, newSession } from "./samples.ts";
import { describeDates } from "./dates.ts";
import { describeReferences } from "./references.ts";
import { describeSummarizers } from "./summarizers.ts";

const TEXTS: Record<string, string> = {
  "empty text": "",
  "blank text": " \t ",
  "text that starts with [": "[draft] Dear Ada",
  "text that starts with {": "{name}, welcome",
  "[ alone": "[",
  "{ alone": "{",
  "a JSON array": '[{"type":"text","text":"Hi"}]',
  "a JSON object": '{"type":"json","content":"x"}',
  "a JSON string": '"quoted"',
  "a JSON literal": "null",
  "digits": "00123",
  "a large number": "12345678901234567890",
  "line breaks": "one\ntwo\r\nthree\u2028four",
  "NUL characters": "\0a\0",
  "accents in both forms": "é e\u0301",
  "emoji": "👩‍👩‍👧 🇫🇷",
  "other scripts": "日本語 العربية",
  "a byte order mark": "\ufeffbom",
  "lone surrogates": "\ud800 and \udc00",
  "backslashes and quotes": "\\u0041 \\ \" '",
  "a long text": "long ".repeat(40_000),
};

const STRUCTURED: Record<string, MessageContent> = {
  "text parts": [{ type: "text", text: "[a" }, { type: "text", text: "" }],
  "an image": [{ type: "image_url", image_url: { url: "https://a.test/b" } }],
  "parts of any text": [{ type: "text", text: "\0 é 🙂 \ud800" }],
  "no parts": [],
};

/** JSON that careless encoders change. */
const TREE = {
  emptyList: [],
  emptyObject: {},
  nested: [[], [[]], {}, { a: [] }],
  nothing: null,
  yes: true,
  no: false,
  zero: 0,
  safe: Number.MAX_SAFE_INTEGER,
  unsafe: 2 ** 60,
  huge: 1.7976931348623157e308,
  tiny: 5e-324,
  fraction: 0.1,
  third: 1 / 3,
  negative: -12.5,
  numeral: "1",
  moment: "2024-02-29T12:34:56.789Z",
  text: "\0 é 🙂 \ud800",
  "": "empty key",
  "key with spaces": 1,
  "ключ": 2,
  sparse: { 10: "ten", 2: "two" },
  constructor: "own",
};

/** Declares the tests of round trips. */
export function describeContent(group: Group): void {
  messageContent(group);
  metadata(group);
  describeDates(group);
  describeReferences(group);
  describeSummarizers(group);
}

function messageContent({ test }: Group): void {
  for (
    const [name, content] of Object.entries({ ...TEXTS, ...STRUCTURED })
  ) {
    test(`addMessage() keeps ${name}`, async ({ adapter }) => {
      const { id } = await adapter.createSession(newSession());
      const added = await adapter.addMessage(id, newMessage({ content }));
      equal(added.content, content);
      equal(await adapter.getMessages(id), [added]);
      const other = await adapter.addMessage(id, newMessage());
      const updated = await adapter.updateMessage(id, other.id, { content });
      equal(updated.content, content);
      equal(await adapter.getMessages(id), [added, updated]);
    });
  }

  test("updateMessage() turns text into structured content and back", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const message = await adapter.addMessage(id, newMessage());
    const parts: MessageContent = [{ type: "text", text: "Part" }];
    for (const content of [parts, JSON.stringify(parts), [], "Text"]) {
      const updated = await adapter.updateMessage(id, message.id, { content });
      equal(updated.content, content);
      equal(await adapter.getMessages(id), [updated]);
    }
  });
}

function metadata({ test }: Group): void {
  test("createSession() keeps metadata exactly", async ({ adapter }) => {
    const fields = { metadata: { title: "", tags: [], custom: TREE } };
    const made = await adapter.createSession(newSession(fields));
    equal(made.metadata, fields.metadata);
    equal(await adapter.getSession(made.id), made);
    equal(await adapter.listSessions(), [made]);
  });

  test("updateSession() keeps metadata exactly", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const metadata = { tags: [], custom: TREE };
    const participants = [
      { id: "p", role: "user" as const, metadata: TREE, joinedAt: new Date(0) },
    ];
    const updated = await adapter.updateSession(id, { metadata, participants });
    equal(updated.metadata, metadata);
    equal(updated.participants, participants);
    equal(await adapter.getSession(id), updated);
  });

  test("addMessage() keeps metadata exactly", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const metadata = {
      toolCalls: [],
      toolResults: [{ toolCallId: "c", result: '{"a": [ ]}' }],
      annotations: TREE,
    };
    const added = await adapter.addMessage(id, newMessage({ metadata }));
    equal(added.metadata, metadata);
    equal(await adapter.getMessages(id), [added]);
    const updated = await adapter.updateMessage(id, added.id, {
      metadata: {},
    });
    equal(updated.metadata, {});
    equal(await adapter.getMessages(id), [updated]);
  });

  test("createSession() drops what is undefined inside metadata", async ({ adapter }) => {
    const made = await adapter.createSession(
      newSession({ metadata: invalid({ title: undefined, source: "web" }) }),
    );
    equal(made.metadata, { source: "web" });
    equal(await adapter.getSession(made.id), made);
  });

  test("createSession() keeps a key named __proto__", async ({ adapter }) => {
    const custom = JSON.parse('{"__proto__":{"admin":true},"a":1}');
    const made = await adapter.createSession(
      newSession({ metadata: { custom } }),
    );
    const read = present(await adapter.getSession(made.id));
    equal(Object.keys(present(read.metadata.custom)), ["__proto__", "a"]);
    assert.equal(Reflect.get({}, "admin"), undefined);
  });

  test("createSession() keeps empty lists", async ({ adapter }) => {
    const fields: Partial<Session> = {
      metadata: { tags: [] },
      participants: [],
      compressionState: {
        ...present(fullSession().compressionState),
        keptMessageIds: [],
      },
    };
    const made = await adapter.createSession(newSession(fields));
    equal(made.metadata.tags, []);
    equal(made.participants, []);
    equal(made.compressionState?.keptMessageIds, []);
    equal(await adapter.getSession(made.id), made);
  });

  test("createSession() keeps text that looks like something else", async ({ adapter }) => {
    for (const text of Object.values(TEXTS)) {
      if (text === "" || text.length > 100 || !text.isWellFormed()) continue;
      const fields = { activeAgentId: text, metadata: { title: text } };
      const made = await adapter.createSession(newSession(fields));
      equal([made.activeAgentId, made.metadata], [text, fields.metadata]);
      equal(await adapter.getSession(made.id), made);
    }
  });

  test("createSession() keeps numbers of 0", async ({ adapter }) => {
    const fields = { tokenCount: 0, messageCount: 0, schemaVersion: 0 };
    const made = await adapter.createSession(newSession(fields));
    equal(made, { ...made, ...fields });
    equal(await adapter.getSession(made.id), made);
  });
}

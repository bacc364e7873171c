import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { createClient } from "redis";
import {
  RedisAdapter,
  type RedisAdapterConfig,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { CountingClient } from "./support/counting_client.ts";
import { newMessage, newSession, unset } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { TestBed } from "./support/test_bed.ts";

const bed = new TestBed();
const client = createClient();

/** An option, a value that it cannot have, the class of the error, and what the message says of the rule. */
const OPTIONS: readonly (readonly [
  name: string,
  value: unknown,
  error: typeof TypeError | typeof RangeError,
  allowed: string,
])[] = [
  ["client", undefined, TypeError, "a node-redis client"],
  ["client", null, TypeError, "a node-redis client"],
  ["client", {}, TypeError, "a node-redis client"],
  ["client", new Map(), TypeError, "a node-redis client"],
  ["client", createClient({ keyPrefix: "mine:" }), TypeError, "keyPrefix"],
  ["ttlSeconds", "60", TypeError, "a positive integer"],
  ["ttlSeconds", null, TypeError, "a positive integer"],
  ["ttlSeconds", 0, RangeError, "a positive integer"],
  ["ttlSeconds", -1, RangeError, "a positive integer"],
  ["ttlSeconds", 1.5, RangeError, "a positive integer"],
  ["ttlSeconds", NaN, RangeError, "a positive integer"],
  ["ttlSeconds", Infinity, RangeError, "a positive integer"],
  ["ttlSeconds", 1e12, RangeError, "a positive integer"],
  ["timeoutMs", 0, RangeError, "a positive integer"],
  ["timeoutMs", 2 ** 31, RangeError, "a positive integer"],
  ["timeoutMs", "1", TypeError, "a positive integer"],
  ["retries", -1, RangeError, "a non-negative integer"],
  ["retries", 1001, RangeError, "a non-negative integer"],
  ["retries", null, TypeError, "a non-negative integer"],
  ["cache", true, TypeError, "an object with maxMessages"],
  ["cache", null, TypeError, "an object with maxMessages"],
  ["keyPrefix", 7, TypeError, "a string"],
  ["keyPrefix", null, TypeError, "a string"],
  ["keyPrefix", "\ud800", TypeError, "a well-formed string"],
  ["hashTags", "yes", TypeError, "a boolean"],
  ["refreshTtlOnRead", 1, TypeError, "a boolean"],
  ["closeClient", null, TypeError, "a boolean"],
  ["summarizer", {}, TypeError, "summarize"],
  ["summarizer", null, TypeError, "summarize"],
  ["errors", {}, TypeError, "StorageError and ConcurrencyError"],
  ["errors", { StorageError }, TypeError, "StorageError and ConcurrencyError"],
  [
    "errors",
    { StorageError, ConcurrencyError: () => new Error() },
    TypeError,
    "StorageError and ConcurrencyError",
  ],
  ["onCorrupt", "log", TypeError, "a function"],
];

const cycle: Record<string, unknown> = {};
cycle["self"] = { cycle };
const wrongDate = new Date(NaN);

/** What cannot be written as JSON, wherever it stands. */
const UNSERIALISABLE: readonly (readonly [name: string, value: unknown])[] = [
  ["a cycle", cycle],
  ["a bigint", 1n],
  ["NaN", NaN],
  ["Infinity", -Infinity],
  ["a function", () => 1],
  ["a symbol", Symbol("x")],
  ["a Map", new Map()],
  ["a Set", new Set()],
  ["an Error", new Error("x")],
  ["bytes", new Uint8Array(1)],
  ["an invalid Date", wrongDate],
  ["undefined in an array", [undefined]],
];

type Call = (storage: RedisAdapter) => Promise<unknown>;

/** Passes what the types forbid, as callers in JavaScript do. */
// deno-lint-ignore no-explicit-any -- each value is wrong by intent
type Wrong = any;

const create = (given: Wrong): Call => (storage) =>
  storage.createSession({ ...newSession(), ...given });
const update = (given: Wrong, options?: Wrong): Call => (storage) =>
  storage.updateSession("s", given, options);
const append = (given: Wrong): Call => (storage) =>
  storage.addMessage("s", { ...newMessage(), ...given });
const edit = (given: Wrong): Call => (storage) =>
  storage.updateMessage("s", "m", given);
const list = (filters: Wrong): Call => (storage) =>
  storage.listSessions(filters);
const read = (options: Wrong): Call => (storage) =>
  storage.getMessages("s", options);

/** A call that is refused, and the thing that the error names. */
const CALLS: readonly (readonly [named: string, call: Call])[] = [
  ...["", 1, null, undefined, {}, "\udc00"].flatMap((id: Wrong) =>
    ([
      (s) => s.getSession(id),
      (s) => s.updateSession(id, {}),
      (s) => s.deleteSession(id),
      (s) => s.touchSession(id),
      (s) => s.addMessage(id, newMessage()),
      (s) => s.addMessages(id, [newMessage()]),
      (s) => s.getMessages(id),
      (s) => s.countMessages(id),
      (s) => s.deleteAllMessages(id),
      (s) => s.getMessage(id, "m"),
      (s) => s.updateMessage(id, "m", {}),
      (s) => s.deleteMessage(id, "m"),
    ] as Call[]).map((call) => ["session id", call] as const)
  ),
  ...["", 1, null, undefined, "\ud800x"].flatMap((id: Wrong) =>
    ([
      (s) => s.getMessage("s", id),
      (s) => s.updateMessage("s", id, {}),
      (s) => s.deleteMessage("s", id),
    ] as Call[]).map((call) => ["message id", call] as const)
  ),
  ["session id", (s) => s.getSession("a:messages")],
  ["session id", create({ id: "a:seq" })],
  ["session id", create({ id: "" })],
  ["session id", create({ id: null })],
  ["session", (s) => s.createSession(null as Wrong)],
  ["session", (s) => s.createSession("x" as Wrong)],
  ["userId", create({ userId: 7 })],
  ["userId", create({ userId: null })],
  ["userId", create({ userId: "\ud800" })],
  ["activeAgentId", create({ activeAgentId: {} })],
  ["status", create({ status: "open" })],
  ["metadata", create({ metadata: [] })],
  ["metadata", create({ metadata: "x" })],
  ["metadata.title", create({ metadata: { title: 1 } })],
  ["metadata.tags", create({ metadata: { tags: "x" } })],
  ["metadata.tags[1]", create({ metadata: { tags: ["x", 1] } })],
  ["participants", create({ participants: {} })],
  ["participants[0]", create({ participants: ["ada"] })],
  [
    "participants[0].role",
    create({ participants: [{ id: "a", role: "x", joinedAt: new Date() }] }),
  ],
  [
    "participants[0].joinedAt",
    create({ participants: [{ id: "a", role: "user", joinedAt: "2024" }] }),
  ],
  [
    "participants[0].leftAt",
    create({
      participants: [
        { id: "a", role: "user", joinedAt: new Date(), leftAt: wrongDate },
      ],
    }),
  ],
  ["schemaVersion", create({ schemaVersion: "1" })],
  ["schemaVersion", create({ schemaVersion: NaN })],
  ["expiresAt", create({ expiresAt: wrongDate })],
  ["expiresAt", create({ expiresAt: Date.now() })],
  ["tokenCount", create({ tokenCount: Infinity })],
  ["version", create({ version: 1.5 })],
  ["tokenBudget.maxTokens", create({ tokenBudget: {} })],
  [
    "tokenBudget.overflowStrategy",
    create({
      tokenBudget: { maxTokens: 1, reserveTokens: 1, overflowStrategy: "x" },
    }),
  ],
  ["compression.strategy", create({ compression: { strategy: "zip" } })],
  [
    "compression.targetTokens",
    create({ compression: { strategy: "hybrid", targetTokens: "9" } }),
  ],
  ["compressionState", create({ compressionState: [] })],
  ["updates", update(null)],
  ["updates", update([])],
  ["status", update(unset("status"))],
  ["metadata", update(unset("metadata"))],
  ["participants", update(unset("participants"))],
  ["schemaVersion", update(unset("schemaVersion"))],
  ["lastActivityAt", update({ lastActivityAt: "now" })],
  ["userId", update({ userId: null })],
  ["version", update({ version: -1 })],
  ["options", update({}, 7)],
  ...[-1, NaN, 1.5, "1", null].map((expectedVersion) =>
    ["expectedVersion", update({}, { expectedVersion })] as const
  ),
  ["message", (s) => s.addMessage("s", null as Wrong)],
  ["message.id", append({ id: "" })],
  ["message.id", append({ id: null })],
  ["message.role", append({ role: "agent" })],
  ["message.role", append(unset("role"))],
  ["message.content", append({ content: 7 })],
  ["message.content", append({ content: null })],
  ["message.content[0].type", append({ content: [{ type: "audio" }] })],
  ["message.content[0].text", append({ content: [{ type: "text" }] })],
  [
    "message.content[0].image_url",
    append({ content: [{ type: "image_url", image_url: "https://x" }] }),
  ],
  [
    "message.content[0].image_url.url",
    append({ content: [{ type: "image_url", image_url: { url: 5 } }] }),
  ],
  ["message.tokenCount", append({ tokenCount: "9" })],
  ["message.updatedAt", append({ updatedAt: wrongDate })],
  [
    "message.metadata.toolCalls[0].arguments",
    append({
      metadata: { toolCalls: [{ id: "c", name: "n", arguments: {} }] },
    }),
  ],
  [
    "message.metadata.toolResults[0].result",
    append({ metadata: { toolResults: [{ toolCallId: "c", result: 1 }] } }),
  ],
  ["message.metadata.annotations", append({ metadata: { annotations: [] } })],
  ["messages", (s) => s.addMessages("s", newMessage() as Wrong)],
  [
    "messages",
    (s) =>
      s.addMessages("s", Array.from({ length: 10_001 }, () => newMessage())),
  ],
  [
    "messages[1].role",
    (s) => s.addMessages("s", [newMessage(), { content: "x" } as Wrong]),
  ],
  ["updates", edit(undefined)],
  ["role", edit({ role: "robot" })],
  ["role", edit(unset("role"))],
  ["content", edit(unset("content"))],
  ["content", edit({ content: {} })],
  ["updatedAt", edit({ updatedAt: "now" })],
  ["tokenCount", edit({ tokenCount: NaN })],
  ["metadata", edit({ metadata: null })],
  ["filters", list(7)],
  ["filters", list(null)],
  ["userId", list({ userId: 7 })],
  ["status", list({ status: "open" })],
  ["activeAgentId", list({ activeAgentId: null })],
  ["tags", list({ tags: "x" })],
  ["tags[0]", list({ tags: [1] })],
  ["createdAfter", list({ createdAfter: "2024-01-01" })],
  ["createdBefore", list({ createdBefore: wrongDate })],
  ["sortBy", list({ sortBy: "title" })],
  // An iterator would meet sessions that move twice, or not at all.
  ["sortBy", (s) => s.iterateSessions({ sortBy: "lastActivityAt" }).next()],
  ["options", read(null)],
  ["order", read({ order: "up" })],
  ["order", read({ order: null })],
  ["after", read({ after: 7 })],
  ["before", read({ before: wrongDate })],
  ["roles", read({ roles: "user" })],
  ["roles[1]", read({ roles: ["user", "robot"] })],
  ...["limit", "offset"].flatMap((name) =>
    [-1, NaN, 1.5, Infinity, "1", null, 2 ** 53].flatMap((value) => [
      [name, list({ [name]: value })] as const,
      [name, read({ [name]: value })] as const,
      [
        name,
        (s: RedisAdapter) =>
          s.iterateSessions({ [name]: value } as Wrong).next(),
      ] as const,
    ])
  ),
  ["before", (s) => s.getExpiredSessions(wrongDate)],
  ["before", (s) => s.getExpiredSessions(undefined as Wrong)],
  ["before", (s) => s.getExpiredSessions(Date.now() as Wrong)],
  ...UNSERIALISABLE.flatMap(([, value]) =>
    [
      [
        "metadata.custom.deep",
        create({ metadata: { custom: { deep: value } } }),
      ],
      [
        "metadata.custom.deep",
        update({ metadata: { custom: { deep: value } } }),
      ],
      [
        "metadata.annotations.deep",
        append({ metadata: { annotations: { deep: value } } }),
      ],
      [
        "metadata.annotations.deep",
        edit({ metadata: { annotations: { deep: value } } }),
      ],
    ] as [string, Call][]
  ),
];

describe("RedisAdapter()", () => {
  for (const [name, value, error, allowed] of OPTIONS) {
    it(`refuses ${name} ${typeof value} ${String(value)}`, () => {
      const config = { client, [name]: value } as RedisAdapterConfig;
      const { message } = assertThrows(() => new RedisAdapter(config), error);
      assertStringIncludes(message, `Cannot use option "${name}": must be `);
      assertStringIncludes(message, allowed);
      assertStringIncludes(message, ", got ");
    });
  }

  for (
    const [value, error] of [
      [undefined, TypeError],
      ["5", TypeError],
      [0, RangeError],
      [1.5, RangeError],
      [Infinity, RangeError],
    ] as const
  ) {
    it(`refuses a cache of ${String(value)} messages`, () => {
      const cache = { maxMessages: value } as Wrong;
      const { message } = assertThrows(
        () => new RedisAdapter({ client, cache }),
        error,
      );
      const allowed = 'option "cache.maxMessages": must be a positive integer';
      assertStringIncludes(message, allowed);
    });
  }

  it("shows no text where an object should be: it can be a secret", () => {
    for (
      const wrong of [
        { client: "redis://app:hunter2@redis.example:6379" },
        { client, summarizer: "sk-hunter2" },
      ]
    ) {
      const make = () => new RedisAdapter(wrong as Wrong);
      const { message } = assertThrows(make, TypeError);
      assert(!message.includes("hunter2"), message);
      assertStringIncludes(message, ", got a string");
    }
  });

  it("refuses no options at all", () => {
    assertThrows(() => new RedisAdapter(undefined as Wrong), TypeError);
    assertThrows(() => new RedisAdapter(null as Wrong), TypeError);
  });

  it("ignores options that it does not know", () => {
    const config = { client, colour: "red" } as RedisAdapterConfig;
    assert(new RedisAdapter(config) instanceof RedisAdapter);
  });
});

describe("bad input", () => {
  afterAll(() => bed.close());

  it(`is refused in ${CALLS.length} calls, before anything is sent`, async () => {
    const counting = new CountingClient(
      await bed.client(await sharedRedisUrl()),
    );
    const { storage, keys } = await bed.open({ client: counting });
    for (const [named, call] of CALLS) {
      const error = await assertRejects(() => call(storage), StorageError);
      assertEquals(error.reason, "invalid-argument", error.message);
      assertEquals(counting.take(), [], error.message);
      assertStringIncludes(error.message, `: `);
      const why = error.message.slice(error.message.indexOf(": ") + 2);
      assert(why.includes(named), `"${error.message}" does not name ${named}`);
      assert(/^Cannot \w+/.test(error.message), error.message);
    }
    assertEquals(await keys(), []);
  });

  it("of session ids is wider with hash tags", async () => {
    const { storage } = await bed.open({ hashTags: true });
    await assertRejects(() => storage.getSession("a}b"), StorageError, '"}"');
    assertEquals(await storage.getSession("a:messages"), null);
  });
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { CommandLog } from "./support/command_log.ts";
import { CountingClient } from "./support/counting_client.ts";
import { newMessage, newSession, unset } from "./support/records.ts";
import { hasSortRo } from "./support/server_facts.ts";
import { TestBed } from "./support/test_bed.ts";

type Call = (storage: RedisAdapter, id: string) => Promise<unknown>;

/** A call, and the one command that it may send; EVALSHA for SORT_RO where a server has none. */
const CALLS: readonly (readonly [name: string, command: string, Call])[] = [
  [
    "createSession()",
    "EVALSHA",
    (storage) => storage.createSession(newSession({ userId: "ada" })),
  ],
  ["getSession()", "HGETALL", (storage, id) => storage.getSession(id)],
  ["getSession() of none", "HGETALL", (storage) => storage.getSession("none")],
  [
    "updateSession()",
    "EVALSHA",
    (storage, id) =>
      storage.updateSession(
        id,
        {
          userId: "bob",
          metadata: { tags: ["x"] },
          expiresAt: new Date(),
          ...unset("tokenCount"),
        },
      ),
  ],
  [
    "updateSession() with expectedVersion",
    "EVALSHA",
    (storage, id) =>
      storage.updateSession(id, { tokenCount: 1 }, { expectedVersion: 1 }),
  ],
  ["deleteSession()", "EVALSHA", (storage, id) => storage.deleteSession(id)],
  ["listSessions()", "EVALSHA", (storage) => storage.listSessions()],
  [
    "listSessions() with filters",
    "EVALSHA",
    (storage) => storage.listSessions({ userId: "ada", tags: ["a"], limit: 3 }),
  ],
  [
    "addMessage()",
    "EVALSHA",
    (storage, id) => storage.addMessage(id, newMessage()),
  ],
  [
    "addMessage() with an id that is there",
    "EVALSHA",
    (storage, id) => storage.addMessage(id, newMessage("Hi", { id: "m1" })),
  ],
  [
    "addMessages() of 300",
    "EVALSHA",
    (storage, id) =>
      storage.addMessages(id, Array.from({ length: 300 }, () => newMessage())),
  ],
  ["getMessages()", "SORT_RO", (storage, id) => storage.getMessages(id)],
  [
    "getMessages() of the newest",
    "SORT_RO",
    (storage, id) => storage.getMessages(id, { limit: 2, order: "desc" }),
  ],
  [
    "getMessages() of a page",
    "EVALSHA",
    (storage, id) =>
      storage.getMessages(id, { limit: 2, offset: 1, order: "desc" }),
  ],
  [
    "getMessages() of none",
    "SORT_RO",
    (storage) => storage.getMessages("none"),
  ],
  [
    "getMessages() by roles",
    "EVALSHA",
    (storage, id) => storage.getMessages(id, { roles: ["user"], limit: 2 }),
  ],
  [
    "getMessages() by date",
    "EVALSHA",
    (storage, id) => storage.getMessages(id, { after: new Date(0) }),
  ],
  ["getMessage()", "EVALSHA", (storage, id) => storage.getMessage(id, "m1")],
  ["countMessages()", "EVALSHA", (storage, id) => storage.countMessages(id)],
  [
    "updateMessage()",
    "EVALSHA",
    (storage, id) =>
      storage.updateMessage(id, "m1", { content: "Hi", metadata: {} }),
  ],
  [
    "deleteMessage()",
    "EVALSHA",
    (storage, id) => storage.deleteMessage(id, "m1"),
  ],
  [
    "deleteAllMessages()",
    "EVALSHA",
    (storage, id) => storage.deleteAllMessages(id),
  ],
  ["touchSession()", "EVALSHA", (storage, id) => storage.touchSession(id)],
  [
    "getExpiredSessions()",
    "EVALSHA",
    (storage) => storage.getExpiredSessions(new Date()),
  ],
  ["health()", "PING", (storage) => storage.health()],
];

describe("RedisAdapter", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());
  let url: string;
  let log: CommandLog;
  let client: CountingClient;
  let isSortable: boolean;

  beforeAll(async () => {
    ({ url } = await bed.server());
    log = await CommandLog.open(bed, url);
    const redis = await bed.client(url);
    client = new CountingClient(redis);
    isSortable = await hasSortRo(redis);
  });

  /** Makes a session of two messages. */
  async function fill(storage: RedisAdapter): Promise<string> {
    const session = newSession({
      userId: "ada",
      metadata: { tags: ["a", "b"] },
      expiresAt: new Date(0),
    });
    const { id } = await storage.createSession(session);
    await storage.addMessage(id, newMessage("Hi", { id: "m1" }));
    await storage.addMessage(id, newMessage("Ho", { id: "m2" }));
    return id;
  }

  for (const ttlSeconds of [undefined, 60]) {
    const options = ttlSeconds === undefined ? {} : { ttlSeconds };
    for (const [name, command, call] of CALLS) {
      it(`${name} sends one ${command}, ttlSeconds ${ttlSeconds}`, async () => {
        // The server has to know the script before.
        const warm = await bed.open({ url, ...options });
        await call(warm.storage, await fill(warm.storage));
        const { storage } = await bed.open({ url, client, ...options });
        const id = await fill(storage);
        // What the server refuses is asked once.
        if (!isSortable) await storage.getMessages(id);
        await log.take();
        client.take();
        await call(storage, id);
        const expected = command === "SORT_RO" && !isSortable
          ? "EVALSHA"
          : command;
        assertEquals(client.take(), [expected]);
        const commands = await log.take();
        const sent = commands.filter(({ isFromScript }) => !isFromScript);
        assertEquals(sent.map(({ name }) => name), [expected]);
        const forbidden = commands.filter(({ name }) =>
          ["SCAN", "KEYS", "SORT"].includes(name)
        );
        assertEquals(forbidden, []);
      });
    }
  }

  it("getMessages() sends no SORT_RO where its pattern would be wrong", async () => {
    const places = [
      { keyPrefix: `${crypto.randomUUID()}*`, hashTags: false, id: "s" },
      { keyPrefix: `${crypto.randomUUID()}\0`, hashTags: false, id: "s" },
      { keyPrefix: `${crypto.randomUUID()}`, hashTags: true, id: "*" },
      { keyPrefix: `${crypto.randomUUID()}`, hashTags: true, id: "a\0" },
    ];
    for (const { id, ...options } of places) {
      const { storage } = await bed.open({ url, client, ...options });
      await storage.createSession(newSession({ id }));
      await storage.addMessage(id, newMessage("Hi", { id: "*->content" }));
      await storage.getMessages(id);
      client.take();
      const [message] = await storage.getMessages(id);
      assertEquals([message?.id, message?.content], ["*->content", "Hi"]);
      assertEquals(client.take(), ["EVALSHA"]);
    }
  });

  it("getSession() and getMessages() send one EVALSHA with refreshTtlOnRead", async () => {
    const options = { url, client, ttlSeconds: 60, refreshTtlOnRead: true };
    const { storage } = await bed.open(options);
    const id = await fill(storage);
    for (let i = 0; i < 2; i++) {
      client.take();
      assert(await storage.getSession(id));
      assertEquals((await storage.getMessages(id)).length, 2);
    }
    assertEquals(client.take(), ["EVALSHA", "EVALSHA"]);
  });

  it("iterateSessions() sends an EVALSHA for each page", async () => {
    const { storage } = await bed.open({ url, client });
    for (let i = 0; i < 250; i++) await storage.createSession(newSession());
    for await (const _ of storage.iterateSessions()) break;
    await log.take();
    client.take();
    let count = 0;
    for await (const _ of storage.iterateSessions()) count++;
    assertEquals(count, 250);
    assertEquals(client.take(), ["EVALSHA", "EVALSHA", "EVALSHA"]);
    const commands = await log.take();
    assert(!commands.some(({ name }) => name === "SCAN" || name === "KEYS"));
  });

  it("reindex() scans", async () => {
    const { storage } = await bed.open({ url, client });
    await log.take();
    await storage.reindex();
    const commands = await log.take();
    assert(commands.some(({ name }) => name === "SCAN"));
    assert(!commands.some(({ name }) => name === "KEYS"));
  });

  it("sends a script's text once after the server has lost it", async () => {
    const { storage, redis } = await bed.open({ url, client });
    const id = await fill(storage);
    await redis.scriptFlush();
    client.take();
    const stored = await storage.addMessage(id, newMessage("a"));
    assertEquals(client.take(), ["EVALSHA", "EVAL"]);
    await storage.addMessage(id, newMessage("b"));
    assertEquals(client.take(), ["EVALSHA"]);
    const [, , third, fourth] = await storage.getMessages(id);
    assertEquals(third, stored);
    assertEquals(fourth?.content, "b");
  });

  it("sends a script's text after no other refusal", async () => {
    const { storage, redis } = await bed.open({ url, client });
    await storage.createSession(newSession());
    await redis.configSet("maxmemory", "1");
    try {
      client.take();
      await assertRejects(
        () => storage.createSession(newSession()),
        StorageError,
      );
      assertEquals(client.take(), ["EVALSHA"]);
    } finally {
      await redis.configSet("maxmemory", "0");
    }
  });
});

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type {
  Message,
  NewMessage,
  RedisAdapter,
  RedisScriptOptions,
} from "@reaatech/session-continuity-storage-redis";
import { CountingClient } from "./support/counting_client.ts";
import { passTime } from "./support/passing_time.ts";
import { newMessage, newSession } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { keysOf, TestBed, type TestClient } from "./support/test_bed.ts";

const COUNT = 6;
const CACHE = { maxMessages: 100 };

/** Counts the messages that replies of the reading script carry. */
class RowCounter extends CountingClient {
  rows = 0;

  override async evalSha(sha1: string, options?: RedisScriptOptions) {
    return this.#count(await super.evalSha(sha1, options));
  }

  override async eval(script: string, options?: RedisScriptOptions) {
    return this.#count(await super.eval(script, options));
  }

  /** Makes a read, and returns it with the number of messages that crossed the network. */
  async during(read: () => Promise<Message[]>): Promise<[Message[], number]> {
    this.rows = 0;
    return [await read(), this.rows];
  }

  #count(reply: unknown): unknown {
    const rows = Array.isArray(reply) && reply[0] === "ok" && reply[4];
    if (Array.isArray(rows)) this.rows += rows.length;
    return reply;
  }
}

interface Store {
  /** What others do: an adapter without a cache. */
  readonly other: RedisAdapter;
  readonly redis: TestClient;
  readonly prefix: string;
}

const tool: NewMessage = {
  role: "tool",
  content: [{ type: "text", text: "found" }],
  metadata: { toolResults: [{ toolCallId: "1", result: "2" }] },
};

/** What can happen between two reads, and how many messages the second one then fetches. */
const EVENTS: Record<
  string,
  readonly [fetched: number, event: (store: Store) => Promise<unknown>]
> = {
  "nothing": [0, () => Promise.resolve()],
  "a session that is touched": [0, ({ other }) => other.touchSession("s")],
  "a session that is updated": [
    0,
    ({ other }) => other.updateSession("s", { tokenCount: 7 }),
  ],
  "a message of another session": [0, async ({ other }) => {
    await other.createSession(newSession({ id: "t" }));
    await other.addMessage("t", newMessage());
  }],
  "an append": [1, ({ other }) => other.addMessage("s", newMessage("new"))],
  "three appends": [
    3,
    ({ other }) => other.addMessages("s", [newMessage(), tool, newMessage()]),
  ],
  "a repeated append": [
    0,
    ({ other }) => other.addMessage("s", newMessage("0", { id: "m0" })),
  ],
  "an edit": [
    COUNT,
    ({ other }) => other.updateMessage("s", "m0", { content: "other" }),
  ],
  "an edit and an append": [COUNT + 1, async ({ other }) => {
    await other.updateMessage("s", "m2", { tokenCount: 3 });
    await other.addMessage("s", newMessage());
  }],
  "two edits, of which the second undoes the first": [
    COUNT,
    async ({ other }) => {
      await other.updateMessage("s", "m0", { content: "other" });
      await other.updateMessage("s", "m0", { content: "0" });
    },
  ],
  "a delete of the first message": [
    COUNT - 1,
    ({ other }) => other.deleteMessage("s", "m0"),
  ],
  "a delete of the last message": [
    COUNT - 1,
    ({ other }) => other.deleteMessage("s", `m${COUNT - 1}`),
  ],
  "a delete and an append of the same id": [COUNT, async ({ other }) => {
    await other.deleteMessage("s", `m${COUNT - 1}`);
    await other.addMessage("s", newMessage("new", { id: `m${COUNT - 1}` }));
  }],
  "a delete of all": [0, ({ other }) => other.deleteAllMessages("s")],
  "a delete of all, and appends of the same ids": [COUNT, async ({ other }) => {
    await other.deleteAllMessages("s");
    await other.addMessages("s", texts());
  }],
  "the end of the session": [0, ({ other }) => other.deleteSession("s")],
  "another session of that id": [COUNT, async ({ other }) => {
    await other.deleteSession("s");
    await fill(other);
  }],
  "its expiry": [0, (store) => passTime(store, 700_000)],
  "its expiry, and another session of that id": [COUNT, async (store) => {
    await passTime(store, 700_000);
    await fill(store.other);
  }],
  "messages that somebody cut off": [
    COUNT - 2,
    ({ redis, prefix }) =>
      redis.zRemRangeByRank(`${prefix}session:s:messages`, 0, 1),
  ],
  "a failover that loses an append": [COUNT, (store) =>
    lose(
      store,
      () => store.other.addMessage("s", newMessage("lost", { id: "x" })),
    )],
  "a failover that loses an append, before another one": [
    COUNT + 1,
    async (store) => {
      const { other } = store;
      await lose(
        store,
        () => other.addMessage("s", newMessage("lost", { id: "x" })),
      );
      await other.addMessage("s", newMessage("new", { id: "y" }));
    },
  ],
  "a failover that loses an append, before it is repeated with another text": [
    COUNT + 1,
    async (store) => {
      const { other } = store;
      await lose(
        store,
        () => other.addMessage("s", newMessage("lost", { id: "x" })),
      );
      await other.addMessage("s", newMessage("new", { id: "x" }));
    },
  ],
  "a failover that loses an append, before another one in its millisecond": [
    COUNT + 1,
    async (store) => {
      const { other, redis, prefix } = store;
      let score = 0;
      await lose(store, async () => {
        const lost = await other.addMessage("s", newMessage("lost"));
        score = lost.createdAt.getTime();
      });
      await other.addMessage("s", newMessage("new", { id: "y" }));
      // As the clock of another server would have it.
      await redis.zAdd(`${prefix}session:s:messages`, { score, value: "y" });
    },
  ],
  "a failover that loses an edit": [COUNT, (store) =>
    lose(
      store,
      () => store.other.updateMessage("s", "m3", { content: "lost" }),
    )],
  "a failover that loses an edit, before another one": [
    COUNT,
    async (store) => {
      const { other } = store;
      await lose(
        store,
        () => other.updateMessage("s", "m3", { content: "lost" }),
      );
      await other.updateMessage("s", "m4", { content: "new" });
    },
  ],
};

describe("a cache of histories", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  async function open(cache = CACHE) {
    const client = new RowCounter(await bed.client(await sharedRedisUrl()));
    const store = await bed.open({ client, ttlSeconds: 600, cache });
    const { prefix: keyPrefix } = store;
    const { storage: other } = await bed.open({ keyPrefix, ttlSeconds: 600 });
    await fill(other);
    return { ...store, client, other };
  }

  for (const [name, [fetched, event]] of Object.entries(EVENTS)) {
    it(`tells of ${name}, and fetches what is new`, async () => {
      const store = await open();
      const { storage, other, client } = store;
      const read = () => storage.getMessages("s");
      losing = read;
      assertEquals(await client.during(read), [
        await other.getMessages("s"),
        COUNT,
      ]);
      await event(store);
      const [messages, rows] = await client.during(read);
      assertEquals(messages, await other.getMessages("s"));
      assertEquals(rows, fetched);
      // What came is as good as what was there.
      assertEquals(await client.during(read), [messages, 0]);
    });
  }

  it("serves every page, and fetches no message of it twice", async () => {
    const { storage, other, client } = await open();
    for (let appends = 0; appends < 4; appends++) {
      for (const order of ["asc", "desc"] as const) {
        for (let offset = 0; offset < COUNT + 5; offset += 2) {
          for (const limit of [1, 3, 100, undefined]) {
            const page = {
              ...{ order, offset },
              ...(limit === undefined ? {} : { limit }),
            };
            const read = () => storage.getMessages("s", page);
            const messages = await other.getMessages("s", page);
            assertEquals(await read(), messages);
            const again = messages.length > 0 ? 0 : client.rows;
            assertEquals(await client.during(read), [messages, again]);
          }
        }
      }
      await other.addMessage("s", newMessage());
    }
  });

  it("of the newest messages moves on with them", async () => {
    const { storage, other, client } = await open();
    const newest = { limit: 4, order: "desc" } as const;
    const read = () => storage.getMessages("s", newest);
    await read();
    for (const count of [1, 3, 4, 9]) {
      const many = Array.from({ length: count }, () => newMessage());
      await other.addMessages("s", many);
      assertEquals(await client.during(read), [
        await other.getMessages("s", newest),
        Math.min(count, 4),
      ]);
    }
  });

  it("is not there for filters, and not in their way", async () => {
    const { storage, other } = await open();
    await storage.getMessages("s");
    await other.addMessage("s", tool);
    const query = { roles: ["tool" as const] };
    const messages = await storage.getMessages("s", query);
    assertEquals(messages, await other.getMessages("s", query));
    assertEquals(messages.length, 1);
  });

  it("hands out what callers may change", async () => {
    const { storage, other } = await open();
    await other.addMessage("s", tool);
    await other.updateMessage("s", "m0", {
      metadata: { annotations: { a: 1 } },
    });
    const expected = await other.getMessages("s");
    for (let i = 0; i < 3; i++) {
      const messages = await storage.getMessages("s");
      assertEquals(messages, expected);
      for (const message of messages) {
        const { createdAt, updatedAt, content, metadata } = message;
        createdAt.setTime(0);
        updatedAt?.setTime(0);
        if (typeof content !== "string") content.pop();
        metadata?.toolResults?.pop();
        delete metadata?.annotations?.["a"];
        message.content = "changed";
      }
      messages.pop();
    }
  });

  it("keeps no more messages than it may, of those read last", async () => {
    const { storage, other, client } = await open({ maxMessages: 2 * COUNT });
    for (const id of ["t", "u"]) {
      await other.createSession(newSession({ id }));
      await other.addMessages(
        "" + id,
        texts().map(({ role, content }) => ({ role, content })),
      );
    }
    const fetches = async (id: string) =>
      (await client.during(() => storage.getMessages(id)))[1];
    assertEquals(await fetches("s"), COUNT);
    assertEquals(await fetches("t"), COUNT);
    assertEquals(await fetches("s"), 0);
    assertEquals(await fetches("u"), COUNT);
    assertEquals(await fetches("s"), 0);
    assertEquals(await fetches("t"), COUNT);
    // One history that is larger than all of it pushes no other out.
    await other.addMessages("u", Array.from({ length: 9 }, () => newMessage()));
    assertEquals(await fetches("u"), COUNT + 9);
    assertEquals(await fetches("u"), COUNT + 9);
    assertEquals(await fetches("t"), 0);
  });

  it("does not make up for a message that was evicted", async () => {
    const { storage, other, redis, prefix } = await open();
    await storage.getMessages("s");
    await redis.unlink(`${prefix}message:m1`);
    const messages = await storage.getMessages("s");
    assertEquals(messages.length, COUNT - 1);
    assertEquals(messages, await other.getMessages("s"));
    assertEquals(await other.countMessages("s"), COUNT - 1);
    assertEquals(await storage.getMessages("s"), messages);
  });

  it("keeps nothing of a history with a broken record", async () => {
    const { storage, other, redis, prefix } = await open();
    await storage.getMessages("s");
    await other.addMessage("s", newMessage("new", { id: "new" }));
    await redis.hSet(`${prefix}message:new`, "attributes", "{");
    for (let i = 0; i < 2; i++) {
      const error = await storage.getMessages("s").catch((error) => error);
      assertEquals(error.reason, "corrupt-data");
    }
    await other.deleteMessage("s", "new");
    assertEquals(await storage.getMessages("s"), await other.getMessages("s"));
  });

  it("asks the server at each read: one that is away is an error", async () => {
    const server = await bed.server();
    const { storage } = await bed.open({
      url: server.url,
      cache: CACHE,
      timeoutMs: 300,
    });
    await fill(storage);
    await storage.getMessages("s");
    await server.kill("SIGSTOP");
    const error = await storage.getMessages("s").catch((error) => error);
    await server.kill("SIGCONT");
    assertEquals(error.reason, "timeout");
  });

  it("starts the TTL again where reads are to", async () => {
    const { prefix: keyPrefix, redis } = await open();
    const { storage } = await bed.open({
      ...{ keyPrefix, ttlSeconds: 600, refreshTtlOnRead: true, cache: CACHE },
    });
    await storage.getMessages("s");
    await passTime({ redis, prefix: keyPrefix }, 300_000);
    assert(await redis.pTTL(`${keyPrefix}session:s`) < 400_000);
    await storage.getMessages("s");
    assert(await redis.pTTL(`${keyPrefix}session:s`) > 500_000);
  });
});

/** How the adapter with the cache reads what a failover is going to lose. */
let losing: () => Promise<unknown> = () => Promise.resolve();

/** Does something that is read and then lost, as by a failover to a replica that never heard of it. */
async function lose(
  { redis, prefix }: Store,
  event: () => Promise<unknown>,
): Promise<void> {
  const before = await keysOf(redis, prefix);
  const backup = `backup:${prefix}`;
  for (const key of before) await redis.copy(key, backup + key);
  await event();
  await losing();
  for (const key of await keysOf(redis, prefix)) await redis.unlink(key);
  for (const key of before) await redis.rename(backup + key, key);
}

async function fill(storage: RedisAdapter): Promise<void> {
  await storage.createSession(newSession({ id: "s" }));
  await storage.addMessages("s", texts());
}

function texts(): NewMessage[] {
  return Array.from(
    { length: COUNT },
    (_, i) => newMessage(`${i}`, { id: `m${i}` }),
  );
}

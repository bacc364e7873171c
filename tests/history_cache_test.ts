import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type {
  Message,
  RedisScriptOptions,
} from "@reaatech/session-continuity-storage-redis";
import { CountingClient } from "./support/counting_client.ts";
import { passTime } from "./support/passing_time.ts";
import {
  COUNT,
  fill,
  HISTORY_EVENTS,
  texts,
  tool,
} from "./support/history_events.ts";
import { newMessage, newSession } from "./support/records.ts";
import { sharedRedisUrl } from "./support/shared_redis.ts";
import { TestBed } from "./support/test_bed.ts";

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
    // An id before each.
    if (Array.isArray(rows)) this.rows += rows.length / 2;
    return reply;
  }
}

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

  for (const [name, [fetched, event]] of Object.entries(HISTORY_EVENTS)) {
    it(`tells of ${name}, and fetches what is new`, async () => {
      const store = await open();
      const { storage, other, client } = store;
      const read = () => storage.getMessages("s");
      assertEquals(await client.during(read), [
        await other.getMessages("s"),
        COUNT,
      ]);
      await event({ ...store, read });
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
        id,
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

  it("fills the place of a new message that is gone already", async () => {
    const { storage, other, redis, prefix } = await open();
    await storage.getMessages("s");
    await other.addMessages("s", [newMessage("a", { id: "a" }), newMessage()]);
    await redis.unlink(`${prefix}message:a`);
    const messages = await storage.getMessages("s");
    assertEquals(messages.length, COUNT + 1);
    assertEquals(messages, await other.getMessages("s"));
    assertEquals(await storage.getMessages("s"), messages);
  });

  it("keeps what was evicted no longer than until somebody misses it", async () => {
    const { storage, other, redis, prefix } = await open();
    await storage.getMessages("s");
    await redis.unlink(`${prefix}message:m1`);
    assertEquals((await storage.getMessages("s")).length, COUNT);
    const messages = await other.getMessages("s");
    assertEquals(messages.length, COUNT - 1);
    assertEquals(await storage.getMessages("s"), messages);
  });

  it("keeps nothing of a history with a broken record", async () => {
    const { storage, other, redis, prefix } = await open();
    await storage.getMessages("s");
    await other.addMessage("s", newMessage("new", { id: "new" }));
    await redis.hSet(`${prefix}message:new`, "message", "{");
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

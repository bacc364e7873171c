/**
 * What is sent where a call is not like others; wire_costs_test.ts has what
 * every method sends.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import { CommandLog } from "./support/command_log.ts";
import { CountingClient } from "./support/counting_client.ts";
import { newMessage, newSession } from "./support/records.ts";
import { TestBed } from "./support/test_bed.ts";

describe("RedisAdapter", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());
  let url: string;
  let log: CommandLog;
  let client: CountingClient;

  beforeAll(async () => {
    ({ url } = await bed.server());
    log = await CommandLog.open(bed, url);
    client = new CountingClient(await bed.client(url));
  });

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
    const { id } = await storage.createSession(newSession());
    await storage.addMessage(id, newMessage());
    await redis.scriptFlush();
    client.take();
    const stored = await storage.addMessage(id, newMessage("a"));
    assertEquals(client.take(), ["EVALSHA", "EVAL"]);
    await storage.addMessage(id, newMessage("b"));
    assertEquals(client.take(), ["EVALSHA"]);
    const [, second, third] = await storage.getMessages(id);
    assertEquals(second, stored);
    assertEquals(third?.content, "b");
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

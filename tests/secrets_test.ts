import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { createClient } from "redis";
import {
  RedisAdapter,
  type SummarizerService,
} from "@reaatech/session-continuity-storage-redis";
import { CommandLog } from "./support/command_log.ts";
import { newMessage, newSession } from "./support/records.ts";
import { ALL } from "./support/sample_calls.ts";
import { TestBed, type TestClient } from "./support/test_bed.ts";

const SECRET = "sk-hunter2";

/** A summarizer as applications have them: with a key, a function, and a client of its own. */
class Summarizer implements SummarizerService {
  readonly apiKey = SECRET;
  readonly options = { headers: { Authorization: `Bearer ${SECRET}` } };
  readonly refresh = () => SECRET;
  summarize(): Promise<string> {
    return Promise.resolve(SECRET);
  }
  toJSON(): string {
    return SECRET;
  }
}

/** Returns every key of a server, its type and its value as DUMP has it, as one text. */
async function dump(redis: TestClient): Promise<string> {
  const parts: string[] = [];
  for await (const keys of redis.scanIterator()) {
    for (const key of keys) {
      const type = await redis.type(key);
      const value = type === "hash"
        ? JSON.stringify(await redis.hGetAll(key))
        : type === "zset"
        ? JSON.stringify(await redis.zRange(key, 0, -1))
        : type === "set"
        ? JSON.stringify(await redis.sMembers(key))
        : await redis.get(key);
      parts.push(`${type} ${key} ${value}`);
    }
  }
  return parts.join("\n");
}

describe("secrets", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const hashTags of [false, true]) {
    it(`of a summarizer never reach Redis, hashTags ${hashTags}`, async () => {
      const { url } = await bed.server();
      const redis = await bed.client(url);
      const log = await CommandLog.open(bed, url);
      const summarizer = new Summarizer();
      const storage = new RedisAdapter({
        client: redis,
        closeClient: false,
        hashTags,
        summarizer,
        ttlSeconds: 600,
      });
      const compressions = ["summarization", "hybrid", "sliding_window"]
        .map((strategy) => ({ strategy, targetTokens: 100, summarizer }));
      for (const [i, given] of compressions.entries()) {
        // The types allow a summarizer with two of the strategies.
        const compression = given as never;
        const session = newSession({ id: `c${i}`, userId: "ada", compression });
        const made = await storage.createSession(session);
        await storage.updateSession(made.id, { compression });
        // As a SessionManager does, which passes back what it has read.
        const read = await storage.getSession(made.id);
        const isShort = given.strategy === "sliding_window";
        const kept = isShort ? undefined : summarizer;
        assert((read?.compression as typeof given)?.summarizer === kept);
        const version = read!.version!;
        await storage.updateSession(made.id, read!, {
          expectedVersion: version,
        });
      }
      await storage.createSession(newSession({ id: "s1", userId: "ada" }));
      for (const id of ["m1", "m2"]) {
        await storage.addMessage("s1", newMessage("Hi", { id }));
      }
      for (const call of Object.values(ALL)) await call(storage);
      await storage.reindex();
      const stored = await dump(redis);
      assert(stored.includes("summarization") && stored.includes("hybrid"));
      assertEquals(stored.includes("hunter2"), false, stored);
      assertEquals(stored.includes("summarizer"), false, stored);
      const commands = await log.take();
      assert(commands.some(({ name }) => name === "HSET"));
      const leaks = commands.filter(({ args }) =>
        args.some((each) => each.includes("hunter2"))
      );
      assertEquals(leaks, []);
    });
  }

  it("of a connection are in no error, whatever goes wrong with it", async () => {
    const server = await bed.server("--requirepass", SECRET);
    const address = server.url.replace("//", `//:${SECRET}@`);
    const client = createClient({ url: address });
    client.on("error", () => {});
    await client.connect();
    bed.defer(() => client.isOpen && client.destroy());
    const options = { client, closeClient: false };
    await new RedisAdapter(options).createSession(newSession({ id: "s1" }));
    // Most of these calls wait in vain.
    const storage = new RedisAdapter({ ...options, timeoutMs: 50, retries: 0 });
    const texts: string[] = [];
    const collect = async () => {
      for (const call of Object.values(ALL)) {
        const error = await assertRejects(() => call(storage), Error);
        for (let each: unknown = error; each; each = causeOf(each)) {
          texts.push(String(each), String((each as Error).stack));
        }
        texts.push(JSON.stringify(error));
      }
      texts.push(JSON.stringify(await storage.health()));
    };
    // The password changes, and the connection is known no more.
    await client.configSet("requirepass", "another");
    await client.sendCommand(["ACL", "SETUSER", "default", "-@all", "+hello"]);
    await collect();
    await server.stop();
    await collect();
    client.destroy();
    await collect();
    assert(texts.length > 3 * Object.keys(ALL).length);
    assertEquals(texts.filter((text) => text.includes("hunter2")), []);
  });
});

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import {
  gives,
  readAccessLines,
  setRules,
  USER,
  withPrefix,
} from "../support/access_lines.ts";
import { countCommands } from "../support/command_stats.ts";
import { callEverything } from "../support/every_method.ts";
import type { RedisServer } from "../support/redis_server.ts";
import { hasSortRo } from "../support/server_facts.ts";
import { namesOf, TestBed } from "../support/test_bed.ts";

const { server } = await readAccessLines();

describe("the access rules of docs/operations.md", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  /** Calls everything on a server by a user with these rules. */
  async function callWith(
    rules: readonly string[],
    { hashTags = false, RESP = 3 }: {
      readonly hashTags?: boolean;
      readonly RESP?: 2 | 3;
    } = {},
  ): Promise<string[]> {
    const own = await ownServer();
    const redis = await bed.client(own.url);
    const prefix = bed.prefix();
    await setRules([own], withPrefix(rules, prefix));
    // Each run has to teach the server its scripts.
    await redis.sendCommand(["SCRIPT", "FLUSH"]);
    const client = await bed.connect(own.url, { ...USER, RESP });
    const outcomes = await callEverything({
      ...{ client, redis, prefix, hashTags },
      keys: () => namesOf(redis, prefix),
    });
    client.destroy();
    return outcomes;
  }

  let started: Promise<RedisServer> | undefined;
  const ownServer = () => started ??= bed.server();

  for (const hashTags of [false, true]) {
    it(`suffice for every method, hashTags ${hashTags}`, async () => {
      const free = await callWith(["~*", "+@all"], { hashTags });
      assertEquals(free.filter((each) => /denied|Error/.test(each)), []);
      for (const RESP of [2, 3] as const) {
        assertEquals(await callWith(server, { hashTags, RESP }), free);
      }
    });
  }

  let whole: Promise<string[]> | undefined;
  for (const rule of server.filter(gives)) {
    it(`have nothing that is not needed: ${rule}`, async () => {
      const others = server.filter((each) => each !== rule);
      assertNotEquals(
        await callWith(others),
        await (whole ??= callWith(server)),
      );
    });
  }

  it("reach no key of another prefix", async () => {
    const own = await ownServer();
    await setRules([own], withPrefix(server, "mine:"));
    const client = await bed.connect(own.url, USER);
    const keyPrefix = "other:";
    const storage = new RedisAdapter({ client, keyPrefix, closeClient: false });
    const error = await assertRejects(() => storage.getSession("s1"));
    assertEquals((error as { reason?: string }).reason, "access-denied");
  });

  it("read histories by a script, unless all keys may be read", async () => {
    const own = await ownServer();
    const redis = await bed.client(own.url);
    // Before Redis 7.0 there are neither SORT_RO nor rights that only read.
    const further: [rules: string[], count: number][] = await hasSortRo(redis)
      ? [[["+sort_ro"], 0], [["+sort_ro", "%R~*"], 1]]
      : [];
    for (const [more, count] of [[[], 0] as const, ...further]) {
      await setRules([own], [...server, ...more]);
      const client = await bed.connect(own.url, USER);
      const storage = new RedisAdapter({ client, closeClient: false });
      assertEquals(await storage.getMessages("s1"), []);
      const read = () => storage.getMessages("s1");
      const { sort_ro = 0 } = await countCommands(redis, read);
      assertEquals(sort_ro, count);
    }
  });
});

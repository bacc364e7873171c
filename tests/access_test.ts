import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { MessageQueryOptions } from "@reaatech/session-continuity-storage-redis";
import { countCommands } from "./support/command_stats.ts";
import { CountingClient } from "./support/counting_client.ts";
import { newMessage, newSession } from "./support/records.ts";
import { ALL, assertFails, fill } from "./support/sample_calls.ts";
import { hasSortRo } from "./support/server_facts.ts";
import { TestBed, type TestStoreOptions } from "./support/test_bed.ts";

describe("an access that is denied", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("is told for a client without a password, and one without permission", async () => {
    const { url } = await bed.server("--requirepass", "secret");
    const admin = await bed.connect(url, { password: "secret" });
    await admin.aclSetUser("reader", [
      "on",
      ">x",
      "~*",
      "+hgetall",
      "+hello",
      "+ping",
      "+client",
    ]);
    const user = { username: "reader", password: "x" };
    const reader = await bed.connect(url, user);
    const stranger = await bed.connect(url, { RESP: 2 });
    for (const [action, call] of Object.entries(ALL)) {
      for (const client of [reader, stranger]) {
        const { storage } = await bed.open({ client });
        if (client === reader && action === "read session") {
          assertEquals(await call(storage), null);
          continue;
        }
        await assertFails(() => call(storage), ["access-denied"], action);
      }
    }
    const health = await (await bed.open({ client: stranger })).storage
      .health();
    assertEquals(health.status, "unhealthy");
    assertStringIncludes(String(health.details?.["error"]), "NOAUTH");
  });

  it("is told for keys and commands inside of a script", async () => {
    const { url } = await bed.server();
    const { storage, redis, prefix } = await bed.open({ url });
    await fill(storage);
    const rules: Record<string, string[]> = {
      noWrites: ["~*", "+@all", "-zadd", "-hset"],
      otherKeys: ["~other:*", "+@all"],
      noTime: ["~*", "+@all", "-time"],
    };
    for (const [username, rule] of Object.entries(rules)) {
      await redis.aclSetUser(username, ["on", ">x", ...rule]);
      const client = await bed.connect(url, { username, password: "x" });
      const restricted = await bed.open({ client, keyPrefix: prefix });
      await assertFails(
        () => restricted.storage.addMessage("s1", newMessage()),
        ["access-denied"],
        username,
      );
      await assertFails(
        () => restricted.storage.createSession(newSession()),
        ["access-denied"],
        username,
      );
    }
    assertEquals((await storage.getMessages("s1")).length, 2);
    assertEquals((await storage.listSessions()).length, 1);
  });

  it("is told by lists, which report no corrupt record then", async () => {
    const { url } = await bed.server();
    const { storage, redis, prefix } = await bed.open({ url });
    await fill(storage);
    const rules: Record<string, string[]> = {
      noFields: ["~*", "+@all", "-hmget"],
      indexesOnly: [`~${prefix}sessions:*`, `~${prefix}user:*`, "+@all"],
    };
    for (const [username, rule] of Object.entries(rules)) {
      await redis.aclSetUser(username, ["on", ">x", ...rule]);
      const client = await bed.connect(url, { username, password: "x" });
      const reports: unknown[] = [];
      for (
        const onCorrupt of [undefined, (error: unknown) => reports.push(error)]
      ) {
        const options = onCorrupt === undefined ? {} : { onCorrupt };
        const restricted = await bed.open({
          client,
          keyPrefix: prefix,
          ...options,
        });
        for (
          const filters of [{}, { userId: "ada" }, {
            status: "active" as const,
          }]
        ) {
          await assertFails(
            () => restricted.storage.listSessions(filters),
            ["access-denied"],
            username,
          );
        }
      }
      assertEquals(reports, []);
    }
  });

  for (const rule of ["ACL", "rename-command"]) {
    it(`is no error for SORT_RO, which is asked once: ${rule}`, async () => {
      // A server that does not have it refuses it by itself.
      const isKnown = await hasSortRo(
        await bed.client((await bed.server()).url),
      );
      const isRenamed = isKnown && rule === "rename-command";
      const { url } = await bed.server(
        ...(isRenamed ? ["--rename-command", "SORT_RO", ""] : []),
      );
      const admin = await bed.client(url);
      const rules = ["on", ">x", "~*", "+@all"];
      if (isKnown && !isRenamed) rules.push("-sort_ro");
      await admin.aclSetUser("reader", rules);
      const counting = new CountingClient(
        await bed.connect(url, { username: "reader", password: "x" }),
      );
      const { storage, prefix } = await bed.open({ client: counting });
      await fill(storage);
      counting.take();
      for (const expected of [["SORT_RO", "EVALSHA", "EVAL"], ["EVALSHA"]]) {
        const messages = await storage.getMessages("s1");
        assertEquals(messages.map(({ id }) => id), ["m1", "m2"]);
        assertEquals(counting.take(), expected);
      }
      // A script asks for itself, and tells.
      const reads: [options: TestStoreOptions, query: MessageQueryOptions][] = [
        [{}, { roles: ["user"] }],
        [{ cache: { maxMessages: 1 } }, {}],
      ];
      for (const [options, query] of reads) {
        const another = await bed.open({
          client: counting,
          keyPrefix: prefix,
          ...options,
        });
        const found = await another.storage.getMessages("s1", query);
        assertEquals(found.map(({ id }) => id), ["m1", "m2"]);
        counting.take();
        const { sort_ro = 0 } = await countCommands(
          admin,
          () => another.storage.getMessages("s1", query),
        );
        assertEquals(sort_ro, 0);
      }
    });
  }
});

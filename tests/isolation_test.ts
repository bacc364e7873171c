import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { newMessage, newSession } from "./support/records.ts";
import { snapshot } from "./support/snapshot.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

/** Ids that could be taken for something else: patterns, keys, properties. */
const AWKWARD_IDS = [
  "*",
  "?",
  "[a-z]",
  "\\",
  "a",
  "A",
  "a:messages:b",
  ":messages:",
  ":",
  "a:b",
  "{}",
  "{a",
  "{a}",
  "a{b}c",
  "->",
  "*->content",
  "message:a",
  "session:a",
  "user:a:sessions",
  "s:by-created",
  "#",
  "nosort",
  "\0",
  "a\0b",
  "a\nb",
  "\r\n",
  " ",
  " a ",
  "é",
  "e\u0301",
  "🦊",
  '"',
  "'",
  '","createdAt":1,"x":"',
  ',"metadata":',
  "\u2028",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "1",
  "01",
  "-1",
  "NaN",
  "x".repeat(5000),
];

async function assertRefused(
  call: () => Promise<unknown>,
  reason: string,
  text = "Cannot ",
): Promise<void> {
  const error = await assertRejects(call, StorageError, text);
  assertEquals(error.reason, reason, error.message);
}

async function contents(storage: RedisAdapter, id: string): Promise<string> {
  const messages = await storage.getMessages(id);
  return messages.map(({ content }) => content).join();
}

for (const hashTags of [false, true]) {
  describe(`isolation, hashTags ${hashTags}`, () => {
    const bed = new TestBed();
    afterAll(() => bed.close());

    /** Makes the sessions "s1" and "s2", each with a message of its own. */
    async function fill(): Promise<TestStore> {
      const store = await bed.open({ hashTags });
      for (const number of [1, 2]) {
        const id = `s${number}`;
        await store.storage.createSession(newSession({ id, userId: "ada" }));
        const message = newMessage(`of ${id}`, { id: `m${number}` });
        await store.storage.addMessage(id, message);
      }
      return store;
    }

    it("another session's message cannot be read, edited or deleted", async () => {
      const store = await fill();
      const { storage } = store;
      const before = await snapshot(store);
      assertEquals(await storage.getMessage("s1", "m2"), null);
      await assertRefused(
        () => storage.updateMessage("s1", "m2", { content: "mine" }),
        "not-found",
      );
      await storage.deleteMessage("s1", "m2");
      await storage.deleteMessage("none", "m2");
      await storage.deleteAllMessages("none");
      await storage.deleteSession("none");
      assertEquals(await snapshot(store), before);
      await storage.deleteAllMessages("s1");
      await storage.deleteSession("s1");
      assertEquals(await contents(storage, "s2"), "of s2");
    });

    it("a session whose id is another's as JSON removes no message of it", async () => {
      const { storage, redis, prefix } = await bed.open({ hashTags });
      const [id, alike] = ['a"\n', 'a\\"\\n'] as const;
      assertEquals(JSON.stringify(id), `"${alike}"`);
      for (const each of [id, alike]) {
        await storage.createSession(newSession({ id: each }));
      }
      const removals = [
        () => storage.deleteMessage(alike, "m"),
        () => storage.deleteAllMessages(alike),
        () => storage.deleteSession(alike),
      ];
      for (const remove of removals) {
        await storage.addMessage(alike, newMessage("lost", { id: "m" }));
        const tag = hashTags ? `{${alike}}:` : "";
        await redis.unlink(`${prefix}message:${tag}m`);
        await storage.addMessage(id, newMessage("taken", { id: "m" }));
        await remove();
        assertEquals(await contents(storage, id), "taken");
        await storage.deleteMessage(id, "m");
      }
    });

    it("sessions of awkward ids are apart", async () => {
      const { storage } = await bed.open({ hashTags });
      const ids = AWKWARD_IDS.filter((id) => !hashTags || !id.includes("}"));
      for (const id of ids) {
        const metadata = { title: id };
        const made = await storage.createSession(newSession({ id, metadata }));
        assertEquals([made.id, made.metadata.title], [id, id]);
        for (const text of ["1", "2"]) {
          await storage.addMessage(id, newMessage(`${text} of ${id}`));
        }
        const sent = newMessage("?", {
          metadata: { annotations: { [id]: 1 } },
        });
        const message = await storage.addMessage(id, sent);
        const edited = await storage.updateMessage(id, message.id, {
          content: `3 of ${id}`,
        });
        assertEquals(edited.metadata, message.metadata);
      }
      const listed = await storage.listSessions();
      assertEquals(listed.map(({ id }) => id).toSorted(), ids.toSorted());
      for (const id of ids) {
        assertEquals((await storage.getSession(id))?.metadata.title, id);
        assertEquals(
          await contents(storage, id),
          [1, 2, 3].map((i) => `${i} of ${id}`).join(),
        );
        await storage.updateSession(id, { tokenCount: 1 });
        await storage.deleteSession(id);
        assertEquals(await storage.getSession(id), null);
      }
      assertEquals(await storage.listSessions(), []);
    });

    it("messages of awkward ids are apart", async () => {
      const store = await bed.open({ hashTags });
      const { storage } = store;
      for (const session of ["s1", "s*", '",x\0é']) {
        await storage.createSession(newSession({ id: session }));
        const suffix = hashTags ? "" : ` in ${session}`;
        const ids = AWKWARD_IDS.map((id) => id + suffix);
        for (const id of ids) {
          const sent = newMessage(`of ${id}`, { id, role: "tool" });
          const made = await storage.addMessage(session, sent);
          assertEquals([made.id, made.sessionId], [id, session]);
        }
        const all = await storage.getMessages(session);
        assertEquals(all.map(({ id }) => id), ids);
        for (const { id, content } of all) assertEquals(content, `of ${id}`);
        assertEquals(
          await storage.getMessages(session, { roles: ["tool"] }),
          all,
        );
        for (const [i, id] of ids.entries()) {
          const edited = await storage.updateMessage(session, id, {
            content: `edited ${id}`,
            metadata: { annotations: { [id]: id } },
          });
          assertEquals(await storage.getMessage(session, id), edited);
          assertEquals(edited.metadata?.annotations?.[id], id);
          assertEquals(edited.sequence, i + 1);
          await storage.deleteMessage(session, id);
          assertEquals(await storage.getMessage(session, id), null);
          const left = await storage.countMessages(session);
          assertEquals(left, ids.length - i - 1);
        }
      }
      const names = await store.keys();
      assertEquals(names.filter((name) => name.startsWith("message")), []);
    });

    it("users of awkward ids are apart", async () => {
      const { storage } = await bed.open({ hashTags });
      const users = [...AWKWARD_IDS, "a:sessions", "x:sessions:sessions"];
      for (const [i, userId] of users.entries()) {
        await storage.createSession(newSession({ id: `${i}`, userId }));
      }
      for (const [i, userId] of users.entries()) {
        const found = await storage.listSessions({ userId });
        assertEquals(found.map(({ id }) => id), [`${i}`], userId);
        assertEquals(found[0]?.userId, userId);
      }
    });

    it("ids that could be another key are refused", async () => {
      const store = await bed.open({ hashTags });
      const refused = hashTags
        ? ["}", "a}", "{a}", "a}b"]
        : ["a:messages", ":messages", "a:seq", ":seq", "a:messages:seq"];
      for (const id of refused) {
        const calls: (() => Promise<unknown>)[] = [
          () => store.storage.createSession(newSession({ id })),
          () => store.storage.getSession(id),
          () => store.storage.deleteSession(id),
          () => store.storage.addMessage(id, newMessage()),
          () => store.storage.getMessages(id),
        ];
        for (const call of calls) {
          await assertRefused(call, "invalid-argument", "session id must not");
        }
      }
      assertEquals(await store.keys(), []);
    });

    it("prefixes are apart, whatever is in them", async () => {
      const root = `${crypto.randomUUID()}:`;
      const prefixes = [
        "",
        "a",
        "ab",
        "a*",
        "a?",
        "a[b]",
        "*",
        // It would begin another hash tag.
        hashTags ? "[tag}" : "{tag}",
        "a\\",
        "é\0",
        "s",
        "->",
        "a:",
      ];
      const stores: TestStore[] = [];
      for (const prefix of prefixes) {
        const keyPrefix = root + prefix + "/";
        stores.push(await bed.open({ hashTags, keyPrefix, ttlSeconds: 600 }));
      }
      for (const [i, { storage }] of stores.entries()) {
        const expiresAt = new Date(1000);
        await storage.createSession(
          newSession({ id: "s", userId: "u", tokenCount: i, expiresAt }),
        );
        await storage.addMessage("s", newMessage(`${i}`, { id: "m" }));
      }
      for (const store of stores) {
        const names = await store.keys();
        const indexes = names.filter((name) => /^(user|sessions):/.test(name));
        await store.redis.unlink(indexes.map((name) => store.prefix + name));
      }
      for (const [i, { storage }] of stores.entries()) {
        await storage.reindex();
        const [session, ...others] = await storage.listSessions();
        assertEquals([session?.tokenCount, others.length], [i, 0]);
        const found = await storage.listSessions({ userId: "u" });
        assertEquals(found, [session!]);
        assertEquals(await contents(storage, "s"), `${i}`);
        assertEquals(await storage.getExpiredSessions(new Date()), ["s"]);
      }
      for (const [i, { storage }] of stores.entries()) {
        await storage.deleteSession("s");
        const next = stores[i + 1];
        if (next) assertEquals(await contents(next.storage, "s"), `${i + 1}`);
      }
      assertEquals(await stores[0]!.keys(), []);
    });
  });
}

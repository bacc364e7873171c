import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  type MessageQueryOptions,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { assertCorrupt } from "./support/corruption.ts";
import { newMessage, newSession } from "./support/records.ts";
import { snapshot } from "./support/snapshot.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

/** Attributes as the adapter writes them, of the message "m2", but for some of them. */
function attributesOf(
  {
    sessionId = '"s1"',
    createdAt = "5",
    sequence = "2",
    role = '"user"',
    contentType = '"string"',
    tokenCount = "null",
    updatedAt = "null",
    id = '"m2"',
    rest = "",
  }: Record<string, string>,
): string {
  return `[${sessionId},${createdAt},${sequence},${role},${contentType},` +
    `${tokenCount},${updatedAt},${id}${rest}]`;
}

/** What a message's hash may hold that the adapter never writes; null: a field is gone. */
const BROKEN: readonly Readonly<Record<string, string | null>>[] = [
  { content: null },
  { content: null, attributes: null, color: "red" },
  { attributes: "{" },
  { attributes: "" },
  { attributes: "null" },
  { attributes: "[]" },
  { attributes: "5" },
  { attributes: "{}" },
  { attributes: '["s1"]' },
  { attributes: attributesOf({ createdAt: '"yesterday"' }) },
  { attributes: attributesOf({ createdAt: "null" }) },
  { attributes: attributesOf({ createdAt: "1e300" }) },
  { attributes: attributesOf({ createdAt: "9999999999999999" }) },
  { attributes: attributesOf({ sequence: '"2"' }) },
  { attributes: attributesOf({ tokenCount: '"2"' }) },
  { attributes: attributesOf({ updatedAt: '"now"' }) },
  { attributes: attributesOf({ updatedAt: "1e300" }) },
  { attributes: attributesOf({ rest: ",null" }) },
  { attributes: attributesOf({ rest: ",[]" }) },
  { attributes: attributesOf({ role: '"robot"' }) },
  { attributes: attributesOf({ contentType: '"xml"' }) },
  { attributes: attributesOf({ id: "5" }) },
  {
    attributes: attributesOf({ contentType: '"json"' }),
    content: "no JSON",
  },
  {
    attributes: attributesOf({ contentType: '"json"' }),
    content: '{"type":"text"}',
  },
  {
    attributes: attributesOf({ contentType: '"json"' }),
    content: '[{"type":"text"},null]',
  },
  { attributes: attributesOf({ sessionId: "null" }) },
];

/** Ways to read all messages of "s1" but for their order. */
const QUERIES: readonly MessageQueryOptions[] = [
  {},
  { order: "desc" },
  { roles: ["user", "assistant"] },
  { after: new Date(0) },
  { before: new Date("2100-01-01") },
];

async function idsOf(
  storage: RedisAdapter,
  query?: MessageQueryOptions,
): Promise<string> {
  return (await storage.getMessages("s1", query)).map(({ id }) => id).join();
}

for (const hashTags of [false, true]) {
  const keyOf = (id: string) =>
    hashTags ? `message:{s1}:${id}` : `message:${id}`;

  describe(`a corrupt message, hashTags ${hashTags}`, () => {
    const bed = new TestBed();
    afterAll(() => bed.close());

    /** Makes the session "s1" with the messages "m1" to "m4". */
    async function fill(): Promise<TestStore> {
      const store = await bed.open({ hashTags, ttlSeconds: 600 });
      await store.storage.createSession(newSession({ id: "s1" }));
      for (const id of ["m1", "m2", "m3", "m4"]) {
        await store.storage.addMessage("s1", newMessage(id, { id }));
      }
      return store;
    }

    /** Changes the hash of "m2"; null removes a field. */
    async function corrupt(
      { redis, prefix }: TestStore,
      fields: Readonly<Record<string, string | null>>,
    ): Promise<void> {
      for (const [field, text] of Object.entries(fields)) {
        if (text === null) await redis.hDel(prefix + keyOf("m2"), field);
        else await redis.hSet(prefix + keyOf("m2"), field, text);
      }
    }

    /** Fails unless "m2" is reported and the others are found. */
    async function assertReported(store: TestStore): Promise<void> {
      const { storage, prefix } = store;
      const key = keyOf("m2");
      await assertCorrupt(store, () => storage.getMessage("s1", "m2"), key);
      for (const query of QUERIES) {
        await assertCorrupt(store, () => storage.getMessages("s1", query), key);
        const reports: StorageError[] = [];
        const lenient = await bed.open({
          hashTags,
          keyPrefix: prefix,
          onCorrupt: (error) => reports.push(error),
        });
        const found = await idsOf(lenient.storage, query);
        assertEquals(found, query.order === "desc" ? "m4,m3,m1" : "m1,m3,m4");
        assertEquals(reports.length, 1);
        assert(reports[0] instanceof StorageError);
        assertEquals(reports[0].reason, "corrupt-data");
        assertStringIncludes(reports[0].message, prefix + key);
      }
      // A page without it is none of its business.
      assertEquals(await idsOf(storage, { offset: 2, limit: 2 }), "m3,m4");
      assertEquals(await storage.countMessages("s1"), 4);
    }

    for (const fields of BROKEN) {
      it(`is reported and can be removed: ${JSON.stringify(fields)}`, async () => {
        const store = await fill();
        const { storage, redis, prefix } = store;
        await corrupt(store, fields);
        await assertReported(store);
        await storage.deleteMessage("s1", "m2");
        assertEquals(await idsOf(storage), "m1,m3,m4");
        assertEquals(await redis.exists(prefix + keyOf("m2")), 0);
        const again = await storage.addMessage(
          "s1",
          newMessage("again", { id: "m2" }),
        );
        assertEquals(again.sequence, 5);
        assertEquals(await idsOf(storage), "m1,m3,m4,m2");
      });
    }

    it("of another type is reported, written to by nobody, and can be removed", async () => {
      for (
        const remove of [
          (storage: RedisAdapter) => storage.deleteMessage("s1", "m2"),
          (storage: RedisAdapter) => storage.deleteAllMessages("s1"),
          (storage: RedisAdapter) => storage.deleteSession("s1"),
        ]
      ) {
        const store = await fill();
        const { storage, redis, prefix } = store;
        const key = keyOf("m2");
        await redis.unlink(prefix + key);
        await redis.rPush(prefix + key, "a");
        await assertReported(store);
        const sent = [
          newMessage("first"),
          newMessage("Hi", { id: "m2" }),
          newMessage("last"),
        ];
        await assertCorrupt(store, () => storage.addMessages("s1", sent), key);
        await assertCorrupt(
          store,
          () => storage.updateMessage("s1", "m2", { content: "?" }),
          key,
        );
        assertEquals(await storage.countMessages("s1"), 4);
        await remove(storage);
        assertEquals(await redis.exists(prefix + key), 0);
        assert(!(await idsOf(storage)).includes("m2"));
      }
    });

    for (const fields of BROKEN) {
      it(`addMessages() appends nothing beside it: ${JSON.stringify(fields)}`, async () => {
        const store = await fill();
        await corrupt(store, fields);
        const before = await snapshot(store);
        const sent = [newMessage("new"), newMessage("Hi", { id: "m2" })];
        for (const batch of [sent, sent.toReversed()]) {
          await assertCorrupt(
            store,
            () => store.storage.addMessages("s1", batch),
            keyOf("m2"),
          );
        }
        assertEquals(await snapshot(store), before);
      });
    }

    it("updateMessage() does not write to it", async () => {
      for (
        const attributes of [
          "[",
          "[]",
          '["s1"]',
          attributesOf({ createdAt: "1e30" }),
          attributesOf({ sequence: '"2"' }),
          attributesOf({ tokenCount: '"red"' }),
          attributesOf({ tokenCount: "true" }),
          attributesOf({ updatedAt: '"now"' }),
          attributesOf({ id: '"m1"' }),
          attributesOf({ rest: ',"red"' }),
          attributesOf({ rest: ",{},5" }),
          attributesOf({ rest: "]" }),
          `${attributesOf({})} `,
        ]
      ) {
        const store = await fill();
        await corrupt(store, { attributes });
        const before = await snapshot(store);
        await assertCorrupt(
          store,
          () => store.storage.updateMessage("s1", "m2", { content: "?" }),
          keyOf("m2"),
        );
        assertEquals(await snapshot(store), before);
      }
    });

    it("getMessage() reports one that names another message", async () => {
      const store = await fill();
      await corrupt(store, { attributes: attributesOf({ id: '"m1"' }) });
      const { storage } = store;
      await assertCorrupt(
        store,
        () => storage.getMessage("s1", "m2"),
        keyOf("m2"),
      );
    });

    it("updateMessage() does not write beside a content that is gone", async () => {
      const store = await fill();
      const { storage } = store;
      await corrupt(store, { content: null });
      const before = await snapshot(store);
      await assertCorrupt(
        store,
        () => storage.updateMessage("s1", "m2", { tokenCount: 7 }),
        keyOf("m2"),
      );
      assertEquals(await snapshot(store), before);
      await storage.updateMessage("s1", "m2", { content: "mended" });
      assertEquals(await idsOf(storage), "m1,m2,m3,m4");
    });

    it("updateMessage() says that it wrote beside what is corrupt", async () => {
      const store = await fill();
      const { storage, redis, prefix } = store;
      const attributes = attributesOf({ contentType: '"json"' });
      await corrupt(store, { attributes, content: "no JSON" });
      const error = await assertRejects(
        () => storage.updateMessage("s1", "m2", { tokenCount: 7 }),
        StorageError,
        "the fields that were given are stored",
      );
      assertEquals(error.reason, "corrupt-data");
      const stored = await redis.hGet(prefix + keyOf("m2"), "attributes");
      assertStringIncludes(String(stored), '"json",7,');
    });

    it("addMessage() writes nothing where neither order nor number can go on", async () => {
      const name = hashTags ? "session:{s1}" : "session:s1";
      for (
        const [what, value] of [
          ["score", "inf"],
          ["score", "1e18"],
          ["score", "8640000000000000"],
          ["score", "8639999999999999"],
          ["lastSequence", "-5"],
          ["lastSequence", "9".repeat(30)],
        ] as const
      ) {
        const store = await fill();
        const { storage, redis, prefix } = store;
        const isScore = what === "score";
        const key = isScore ? `${name}:messages` : name;
        await redis.sendCommand(
          isScore
            ? ["ZADD", prefix + key, value, "m2"]
            : ["HSET", prefix + key, what, value],
        );
        const before = await snapshot(store);
        const append = () =>
          storage.addMessages("s1", [newMessage(), newMessage()]);
        await assertCorrupt(store, append, key);
        assertEquals(await snapshot(store), before);
      }
    });
  });
}

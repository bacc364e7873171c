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

/** A record of attributes, and a content. */
function recordOf(
  attributes: Record<string, string>,
  content = "m2",
): string {
  return `${attributesOf(attributes)}\n${content}`;
}

const JSON_TYPE = { contentType: '"json"' };

/** What a message's record may be that the adapter never writes; null: it is gone, beside another field. */
const BROKEN: readonly (string | null)[] = [
  null,
  ...["", "\n", "\nm2", "m2", "{\nm2", "null\nm2", "[]\nm2", "5\nm2", "{}\nm2"],
  '["s1"]\nm2',
  // No line feed; one inside of the attributes.
  ...[attributesOf({}), `${attributesOf({})} `],
  recordOf({}).replace(",", ",\n"),
  recordOf({ createdAt: '"yesterday"' }),
  recordOf({ createdAt: "null" }),
  recordOf({ createdAt: "1e300" }),
  recordOf({ createdAt: "9999999999999999" }),
  recordOf({ sequence: '"2"' }),
  recordOf({ tokenCount: '"2"' }),
  recordOf({ updatedAt: '"now"' }),
  recordOf({ updatedAt: "1e300" }),
  recordOf({ rest: ",null" }),
  recordOf({ rest: ",[]" }),
  recordOf({ role: '"robot"' }),
  recordOf({ contentType: '"xml"' }),
  recordOf({ id: "5" }),
  recordOf(JSON_TYPE, "no JSON"),
  recordOf(JSON_TYPE, '{"type":"text"}'),
  recordOf(JSON_TYPE, '[{"type":"text"},null]'),
  recordOf({ sessionId: "null" }),
  // What would be a head, had it been at the beginning.
  `["s1]\n${recordOf({ role: '"tool"' })}`,
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

    /** Changes the record of "m2". */
    async function corrupt(
      { redis, prefix }: TestStore,
      record: string | null,
    ): Promise<void> {
      const key = prefix + keyOf("m2");
      await redis.hSet(key, "color", "red");
      if (record === null) await redis.hDel(key, "message");
      else await redis.hSet(key, "message", record);
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

    for (const record of BROKEN) {
      it(`is reported and can be removed: ${JSON.stringify(record)}`, async () => {
        const store = await fill();
        const { storage, redis, prefix } = store;
        await corrupt(store, record);
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

    for (const record of BROKEN) {
      it(`addMessages() appends nothing beside it: ${JSON.stringify(record)}`, async () => {
        const store = await fill();
        await corrupt(store, record);
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
        const record of [
          "[\nm2",
          "[]\nm2",
          '["s1"]\nm2',
          "m2",
          attributesOf({}),
          recordOf({ createdAt: "1e30" }),
          recordOf({ sequence: '"2"' }),
          recordOf({ tokenCount: '"red"' }),
          recordOf({ tokenCount: "true" }),
          recordOf({ updatedAt: '"now"' }),
          recordOf({ id: '"m1"' }),
          recordOf({ rest: ',"red"' }),
          recordOf({ rest: ",{},5" }),
          recordOf({ rest: "]" }),
          `${attributesOf({})} \nm2`,
        ]
      ) {
        const store = await fill();
        await corrupt(store, record);
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
      await corrupt(store, recordOf({ id: '"m1"' }));
      const { storage } = store;
      await assertCorrupt(
        store,
        () => storage.getMessage("s1", "m2"),
        keyOf("m2"),
      );
    });

    it("updateMessage() says that it wrote beside what is corrupt", async () => {
      const store = await fill();
      const { storage, redis, prefix } = store;
      await corrupt(store, recordOf(JSON_TYPE, "no JSON"));
      const error = await assertRejects(
        () => storage.updateMessage("s1", "m2", { tokenCount: 7 }),
        StorageError,
        "the fields that were given are stored",
      );
      assertEquals(error.reason, "corrupt-data");
      const stored = await redis.hGet(prefix + keyOf("m2"), "message");
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

import { assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  assertRefused,
  bigMessage,
  bigMessages,
  openStepped,
} from "./support/large_appends.ts";
import { newMessage, newSession } from "./support/records.ts";
import { TestBed } from "./support/test_bed.ts";

const GIVEN = bigMessages("a", "b", "c");

describe("addMessages() of many, when it is refused", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  const open = () => openStepped(bed);

  it("reports a corrupt message that it meets, and adds none", async () => {
    for (const place of [0, 1, 2]) {
      const store = await open();
      const { redis, prefix } = store;
      await redis.hSet(`${prefix}message:first`, "message", "[]");
      const given = bigMessages("a", "b");
      given.splice(place, 0, bigMessage("first"));
      const error = await assertRefused(store, given, `${prefix}message:first`);
      assertEquals(error.reason, "corrupt-data");
    }
  });

  it("reports a key of another type, and adds none", async () => {
    const keys = ["message:c", "session:s:messages", "sessions:by-activity"];
    for (const key of keys) {
      const store = await open();
      const { redis, prefix } = store;
      await redis.del(prefix + key);
      await redis.set(prefix + key, "text");
      const error = await assertRefused(store, GIVEN, prefix + key);
      assertEquals(error.reason, "corrupt-data");
    }
  });

  it("reports a count or a last score that is none, and adds none", async () => {
    const store = await open();
    const { redis, prefix } = store;
    const messages = `${prefix}session:s:messages`;
    await redis.zAdd(messages, { score: Infinity, value: "first" });
    await assertRefused(
      store,
      GIVEN,
      "has a last score after which there is no date",
    );
    await redis.zAdd(messages, { score: 1, value: "first" });
    await redis.hSet(`${prefix}session:s`, "lastSequence", "-1");
    await assertRefused(store, GIVEN, "that is no count");
  });

  it("refuses an id that another session has, and adds none", async () => {
    const store = await open();
    await store.other.createSession(newSession({ id: "t" }));
    await store.other.addMessage("t", newMessage("c", { id: "c" }));
    const why = 'message id "c" is in use in session "t"';
    const error = await assertRefused(store, GIVEN, why);
    assertEquals(error.reason, "already-exists");
    assertEquals(error.ids, undefined);
  });

  it("is refused where there is no session, and leaves nothing", async () => {
    const store = await open();
    await store.other.deleteSession("s");
    await assertRefused(store, GIVEN, "not found");
    assertEquals(store.steps.keys.length, 2);
  });
});

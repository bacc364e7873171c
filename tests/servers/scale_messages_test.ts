/**
 * Sessions of many messages: no call blocks the server for long.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { LONGEST_US, longestCommand } from "../support/blocking.ts";
import { newMessage, newSession } from "../support/records.ts";
import { TestBed } from "../support/test_bed.ts";

const SIZE = 1000;

describe(`a session of ${SIZE} messages`, () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("never keeps the server from serving others for long", async () => {
    const { url } = await bed.server();
    const { storage, redis, prefix } = await bed.open({ url, ttlSeconds: 60 });
    const fill = async () => {
      await storage.deleteSession("s1");
      await storage.createSession(newSession({ id: "s1", userId: "ada" }));
      for (let i = 0; i < SIZE; i += 50) {
        const messages = Array.from(
          { length: 50 },
          () => newMessage("A sentence of usual length. ".repeat(10)),
        );
        await storage.addMessages("s1", messages);
      }
    };
    const calls: Record<string, () => Promise<unknown>> = {
      "getMessages()": async () =>
        assertEquals((await storage.getMessages("s1")).length, SIZE),
      // All 1,000 by roles take about what is allowed: rows of a script.
      "getMessages() of 500 by roles": async () =>
        await storage.getMessages("s1", { roles: ["user"], limit: 500 }),
      "addMessage()": () =>
        storage.addMessage("s1", newMessage("Once", { id: "once" })),
      "addMessage() with a new deadline": async () => {
        await redis.hSet(`${prefix}session:s1`, "messagesExpireAt", "1");
        await storage.addMessage("s1", newMessage());
        const deadline = await redis.hGet(
          `${prefix}session:s1`,
          "messagesExpireAt",
        );
        assert(Number(deadline) > 1, "all messages were told");
      },
      // Both fill it first, by calls that are part of what is measured.
      "deleteAllMessages()": async () => {
        await fill();
        await storage.deleteAllMessages("s1");
      },
      "deleteSession()": async () => {
        await fill();
        await storage.deleteSession("s1");
      },
    };
    await fill();
    const figures: string[] = [];
    for (const [name, call] of Object.entries(calls)) {
      const us = await longestCommand(redis, call);
      figures.push(`${name} ${us} µs`);
      assert(us < LONGEST_US, `${name}: a command took ${us} µs`);
    }
    console.log(`longest commands: ${figures.join(", ")}`);
  });
});

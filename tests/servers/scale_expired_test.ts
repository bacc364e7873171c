/**
 * Finding due sessions among many.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { LONGEST_US, longestCommand } from "../support/blocking.ts";
import { countCommands } from "../support/command_stats.ts";
import {
  DUE_SESSIONS,
  fillSessions,
  scaleSessions,
  showFill,
} from "../support/many_sessions.ts";
import { TestBed } from "../support/test_bed.ts";

const COUNT = scaleSessions();

/** Steps of halving that ten times as many sessions may take more. */
const HALVINGS = 4;

describe("getExpiredSessions()", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it(`does the same for 100 due of ${COUNT / 10} and of ${COUNT}`, async () => {
    const counts: Record<string, number>[] = [];
    for (const count of [COUNT / 10, COUNT]) {
      const { url } = await bed.server();
      const { storage, redis } = await bed.open({ url, ttlSeconds: 3600 });
      const sessions = await fillSessions(storage, count, {
        messagesEach: 0,
        onProgress: showFill(count),
      });
      const before = new Date();
      const due = sessions.filter(({ expiresAt }) => expiresAt! <= before)
        .sort((a, b) => a.expiresAt!.getTime() - b.expiresAt!.getTime());
      assertEquals(due.length, DUE_SESSIONS);
      const call = () => storage.getExpiredSessions(before);
      assertEquals(await call(), due.map(({ id }) => id));
      counts.push(await countCommands(redis, call));
      const us = await longestCommand(redis, call);
      assert(us < LONGEST_US, `a command took ${us} µs`);
    }
    const [few, many] = counts as [
      Record<string, number>,
      Record<string, number>,
    ];
    assertEquals(Object.keys(many).sort(), Object.keys(few).sort());
    for (const [name, calls] of Object.entries(many)) {
      assert(calls <= few[name]! + HALVINGS, `${name}: ${calls}`);
    }
    assertEquals(many["evalsha"], 1);
    assertEquals(many["hmget"], DUE_SESSIONS);
  });
});

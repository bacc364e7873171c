/**
 * Runs the copying of sessions to a cluster as a user would.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { SessionFilters } from "@reaatech/session-continuity-storage-redis";
import { sessionKey, SHAPES, writeOlder } from "../support/older_records.ts";
import {
  at,
  COUNTED,
  ID,
  MESSAGES,
  SESSIONS,
} from "../support/older_samples.ts";
import { onCluster } from "../support/places.ts";
import { newMessage, newSession } from "../support/records.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";
import { sharedRedisUrl } from "../support/shared_redis.ts";
import { TestBed } from "../support/test_bed.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs the script, and returns what it prints. */
async function copyToCluster(...args: string[]): Promise<string> {
  const script = ["--quiet", "-A", "examples/copy_to_cluster.ts"];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["run", ...script, ...args],
    { cwd: root },
  );
  return stdout;
}

describe("examples/copy_to_cluster.ts", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("copies sessions as they are, and can be run again", async () => {
    const target = await onCluster(bed);
    const { prefix } = target;
    const source = await bed.open({ keyPrefix: prefix, ttlSeconds: 1000 });
    const { storage } = source;
    // New ones with a TTL, more messages than one batch has, and odd ids.
    const ids = ["new", "a*b", 'é"/', "x:y"];
    for (const id of ids) {
      const userId = "ada";
      await storage.createSession(newSession({ id, userId, expiresAt: at(1) }));
      const messages = Array.from(
        { length: id === "new" ? 1200 : 3 },
        (_, i) => newMessage(`${id} ${i}`, { id: `${id}-${i}` }),
      );
      await storage.addMessages(id, messages);
    }
    await storage.createSession(newSession({ id: "empty" }));
    // Older ones without a TTL.
    const older = { redis: source.redis, prefix, isTagged: false };
    const shape = SHAPES.find((each) =>
      each.scoring === "sequence" && each.hasCounter
    )!;
    for (const session of SESSIONS) {
      const messages = session.id === ID ? MESSAGES : [];
      await writeOlder(older, shape, session, messages, COUNTED);
    }

    const cluster = await sharedRedisCluster();
    for (let run = 0; run < 2; run++) {
      const printed = await copyToCluster(
        ...[await sharedRedisUrl(), cluster.nodes[0]!.url, prefix],
      );
      assertMatch(printed, /^9 sessions copied; the cluster has 9$/m);
      const sessions = await storage.listSessions();
      assertEquals(sessions.length, 9);
      const lists: SessionFilters[] = [
        {},
        { userId: "ada" },
        { tags: ["a/b", "b"] },
        { sortBy: "lastActivityAt", order: "desc" },
      ];
      for (const filters of lists) {
        assertEquals(
          await target.storage.listSessions(filters),
          await storage.listSessions(filters),
        );
      }
      const due = new Date();
      assertEquals(
        (await target.storage.getExpiredSessions(due)).sort(),
        (await storage.getExpiredSessions(due)).sort(),
      );
      for (const { id } of sessions) {
        const messages = await storage.getMessages(id);
        assertEquals(
          await target.storage.getSession(id),
          await storage.getSession(id),
        );
        assertEquals(await target.storage.getMessages(id), messages);
        const left = await target.redis.pTTL(sessionKey(target, id));
        const before = await source.redis.pTTL(`${prefix}session:${id}`);
        assert(before === -1 ? left === -1 : Math.abs(left - before) < 5000);
      }
    }

    // Conversations go on.
    const added = await target.storage.addMessage(ID, newMessage());
    assertEquals(added.sequence, COUNTED + 1);
    assertEquals(await target.storage.getMessages(ID), [...MESSAGES, added]);
    // All keys have their TTL: nothing of those sessions stays.
    await target.pass(1_300_000);
    const left = (await target.storage.listSessions()).map(({ id }) => id);
    assertEquals(left, SESSIONS.map(({ id }) => id));
    const keys = await target.keys();
    const messages = keys.filter((key) => key.startsWith("message:"));
    assertEquals(messages.length, MESSAGES.length + 1);
    for (const key of keys) await target.redis.unlink(prefix + key);
    const names = await source.keys();
    await source.redis.unlink(names.map((name) => prefix + name));
  });
});

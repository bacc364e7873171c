/**
 * Scripts that stop at one of their writes: Redis keeps what they did before.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type {
  RedisAdapter,
  Session,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { FAULT_WRITES, fillForFaults } from "../support/fault_calls.ts";
import { FAULT_CONFIG } from "../support/fault_lane.ts";
import { assertIndexed } from "../support/indexes.ts";
import { passTime } from "../support/passing_time.ts";
import { assertWhole, outlineOf, portray } from "../support/portrait.ts";
import { TestBed } from "../support/test_bed.ts";

const USERS = ["ada", "bob", "cy"];
/** More than a quarter of the TTL, so that writes have deadlines to move. */
const PASSED_MS = 1_000_000;
/** The writes that need memory. */
const COMMANDS = ["zadd", "sadd", "hset"];

describe("a script that stops at a write", () => {
  const bed = new TestBed();
  let stopped = 0;
  let done = 0;
  let calls = 0;
  afterAll(async () => {
    console.log(
      `${stopped} scripts stopped in ${calls} calls, ${done} of them with all done`,
    );
    await bed.close();
  });

  for (const command of COMMANDS) {
    it(`leaves all as before or as after, for readers: ${command}`, async () => {
      const { url } = await bed.server();
      const admin = await bed.client(url);
      const username = `no-${command}`;
      const rules = ["on", ">x", "~*", "+@all", `-${command}`];
      await admin.aclSetUser(username, rules);
      const client = await bed.connect(url, { username, password: "x" });
      for (
        const [name, { run, again, hasIds }] of Object.entries(FAULT_WRITES)
      ) {
        const twin = await openFilled(url);
        await run(twin.storage);
        const after = await viewOf(twin.storage);
        const store = await openFilled(url);
        const before = await viewOf(store.storage);
        const { storage } = await bed.open({
          ...{ ...FAULT_CONFIG, client, keyPrefix: store.prefix },
        });
        const error = await run(storage).then(
          () => undefined,
          (error: StorageError) => error,
        );
        calls++;
        const view = await viewOf(store.storage);
        if (error === undefined) {
          assertEquals(view, after, name);
          continue;
        }
        stopped++;
        assertEquals(error.reason, "access-denied", `${name}: ${error}`);
        assert([before, after].includes(view), `${name} left\n${view}`);
        const { ids } = error;
        assertEquals(ids !== undefined, hasIds === true, `${name}: ids`);
        if (view === after) done++;
        // Without an `again`, one that is done would be done twice.
        if (again !== undefined) await again(store.storage, ids ?? []);
        else if (view === before) await run(store.storage);
        assertEquals(await viewOf(store.storage), after, `${name}, again`);
        assertWhole(await portray(store), name);
        // As on a cluster, a deadline of nothing may stay until its moment.
        const placed = { ...store, isTagged: false, isCluster: true };
        await assertIndexed(placed, USERS);
      }
    });
  }

  async function openFilled(url: string) {
    const store = await bed.open({ ...FAULT_CONFIG, url });
    await fillForFaults(store.storage);
    await passTime(store, PASSED_MS);
    return store;
  }
});

/** Returns all that readers find; fails unless the lists hold what is read one by one. */
async function viewOf(storage: RedisAdapter): Promise<string> {
  const listed = await storage.listSessions();
  const found: Session[] = [];
  for (const id of new Set(["s1", "s2", "x", ...listed.map(({ id }) => id)])) {
    const session = await storage.getSession(id);
    if (session !== null) found.push(session);
  }
  const idsOf = (sessions: readonly Session[]) =>
    sessions.map(({ id }) => id).sort();
  assertEquals(idsOf(listed), idsOf(found));
  for (const userId of USERS) {
    const theirs = found.filter((session) => session.userId === userId);
    const list = await storage.listSessions({ userId });
    assertEquals(idsOf(list), idsOf(theirs), userId);
  }
  const due = found.filter(({ expiresAt }) => expiresAt !== undefined);
  const expired = await storage.getExpiredSessions(new Date(5000));
  assertEquals([...expired].sort(), idsOf(due));
  const messages = await Promise.all(
    listed.map(({ id }) => storage.getMessages(id)),
  );
  return outlineOf(JSON.stringify([listed, messages], undefined, 1));
}

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import process from "node:process";
import { passTime, type Reading } from "./support/passing_time.ts";
import { SharedSessions } from "./support/shared_sessions.ts";
import { TestBed } from "./support/test_bed.ts";
import { LONGEST_TTL_MS, STEPS } from "./support/ttl_steps.ts";

/**
 * How many series of steps are tried: PROPERTY_RUNS=5000 for a long search. To
 * repeat one that failed, pass the `seed` and the `path` of the report to
 * fc.assert.
 */
const RUNS = Number(process.env["PROPERTY_RUNS"] ?? 150);

const SESSION = /^session:([^:]+)$/;

/** Returns the names of a session's messages. */
function messagesOf(id: string, { keys }: Reading): string[] {
  const members = keys.get(`session:${id}:messages`)?.members ?? [];
  return members.map((message) => `message:${message}`);
}

/** Fails unless what belongs to a session ends with it, or soon after it. */
function assertTogether(
  id: string,
  reading: Reading,
  shared: SharedSessions,
): void {
  const { keys } = reading;
  const ttlMs = shared.lastTtl(id);
  const { left, userId } = keys.get(`session:${id}`)!;
  // Without a TTL all of this says that there is none.
  const longest = ttlMs ?? Infinity;
  assertEquals(
    left < Infinity,
    ttlMs !== undefined,
    `session ${id}: ${left} ms`,
  );
  assert(left <= longest, `session ${id} has ${left} ms`);
  const setLeft = keys.get(`session:${id}:messages`)?.left ?? left;
  assert(
    setLeft >= left && setLeft <= left + shared.setSlack(id),
    `the sorted set has ${setLeft} ms, session ${id} has ${left}`,
  );
  for (const name of messagesOf(id, reading)) {
    const messageLeft = keys.get(name)?.left ?? -Infinity;
    assert(messageLeft >= left, `${name} ends before session ${id}`);
    assert(
      messageLeft <= left + longest / 4,
      `${name} ends ${messageLeft - left} ms after session ${id}`,
    );
    assertEquals(messageLeft < Infinity, left < Infinity, name);
  }
  const deadlines = keys.get("sessions:by-deadline")?.members ?? [];
  assert(
    left === Infinity ||
      deadlines.includes(`${id.length}:${id}${userId ?? ""}`),
    `no sweep finds session ${id}`,
  );
  if (userId === undefined) return;
  const user = keys.get(`user:${userId}:sessions`);
  assert(user !== undefined, `user "${userId}" has no set`);
  assert(user.members.includes(id), `user "${userId}" has no session ${id}`);
  assert(user.left >= left, `user "${userId}" ends before session ${id}`);
}

/** Fails unless what belongs to no session any more is gone soon. */
function assertNoLeftovers(reading: Reading): void {
  const { keys } = reading;
  const owned = new Set<string>();
  for (const name of keys.keys()) {
    const id = SESSION.exec(name)?.[1];
    if (id === undefined) continue;
    owned.add(`session:${id}:messages`);
    for (const message of messagesOf(id, reading)) owned.add(message);
  }
  for (const [name, { left }] of keys) {
    if (owned.has(name)) continue;
    if (name.startsWith("message:")) {
      assert(left <= LONGEST_TTL_MS / 4, `${name} has ${left} ms`);
    }
    assert(!name.endsWith(":messages"), `${name} has no session`);
  }
}

/**
 * Fails if a user's set is there for good though no session without a TTL
 * joined it; `joined` has the sets that one did, and is kept up to date.
 */
function assertUsersEnd({ keys }: Reading, joined: Set<string>): void {
  for (const { left, userId } of keys.values()) {
    if (userId === undefined || left < Infinity) continue;
    joined.add(`user:${userId}:sessions`);
  }
  for (const name of joined) if (!keys.has(name)) joined.delete(name);
  for (const [name, { left }] of keys) {
    if (!name.startsWith("user:")) continue;
    assert(left < Infinity || joined.has(name), `${name} has no TTL`);
  }
}

describe("ttlSeconds", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("keeps all keys of a session together, whoever writes whenever", async () => {
    const shared = await SharedSessions.open(bed);
    const property = fc.asyncProperty(
      STEPS,
      async (steps) => {
        let before = await shared.read();
        const joined = new Set<string>();
        for (const step of steps) {
          const write = await shared.take(step, before);
          const reading = await shared.read();
          for (const name of reading.keys.keys()) {
            const id = SESSION.exec(name)?.[1];
            if (id === undefined) continue;
            assertTogether(id, reading, shared);
          }
          assertNoLeftovers(reading);
          assertUsersEnd(reading, joined);
          const written = write && reading.keys.get(`session:${write.session}`);
          if (written) {
            const elapsed = reading.now - before.now;
            assert(written.left >= write.ttlMs - elapsed, "the TTL goes on");
          }
          before = reading;
        }
      },
    ).beforeEach(() => shared.clear());
    await fc.assert(property, { numRuns: RUNS });
  });

  it("leaves nothing of sessions that expired, whoever wrote to them", async () => {
    const shared = await SharedSessions.open(bed);
    const property = fc.asyncProperty(
      STEPS,
      async (steps) => {
        const { store } = shared;
        let reading = await shared.read();
        for (const step of steps) {
          await shared.take(step, reading);
          reading = await shared.read();
        }
        await passTime(store, 2 * LONGEST_TTL_MS);
        const alive = await store.storage.listSessions();
        for (const { id } of alive) {
          assertEquals(shared.lastTtl(id), undefined, `session ${id}`);
        }
        // An adapter without a TTL removes what the others left.
        for (const { id } of alive) await store.storage.deleteSession(id);
        assertEquals(await store.keys(), []);
      },
    ).beforeEach(() => shared.clear());
    await fc.assert(property, { numRuns: Math.ceil(RUNS / 2) });
  });
});

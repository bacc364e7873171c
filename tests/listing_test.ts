import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type {
  RedisAdapter,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import { newSession } from "./support/records.ts";
import { TestBed, type TestStore } from "./support/test_bed.ts";

const bed = new TestBed();

/** Creates sessions side by side; ids "s0000", "s0001", … unless named. */
async function create(
  storage: RedisAdapter,
  count: number,
  given: (i: number) => Parameters<typeof newSession>[0] = () => ({}),
): Promise<void> {
  for (let start = 0; start < count; start += 500) {
    const size = Math.min(500, count - start);
    await Promise.all(
      Array.from({ length: size }, (_, i) =>
        storage.createSession(newSession({
          id: `s${String(start + i).padStart(4, "0")}`,
          ...given(start + i),
        }))),
    );
  }
}

async function idsOf(storage: RedisAdapter, filters: SessionFilters = {}) {
  return (await storage.listSessions(filters)).map(({ id }) => id);
}

/** Gives sessions the same creation, as if they came within one millisecond. */
async function alignCreation(store: TestStore, ids: string[], ms: number) {
  for (const id of ids) {
    const key = `${store.prefix}session:${id}`;
    await store.redis.hSet(key, "createdAt", String(ms));
    await store.redis.zAdd(`${store.prefix}sessions:by-created`, {
      value: id,
      score: ms,
    });
  }
}

/** The order of sorted sets. */
function byBytes(a: string, b: string): number {
  const encoder = new TextEncoder();
  const [x, y] = [encoder.encode(a), encoder.encode(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] !== y[i]) return x[i]! - y[i]!;
  }
  return x.length - y.length;
}

const AWKWARD = [
  "é",
  "z",
  "Z",
  "a",
  "ab",
  "\uffee",
  "😀",
  "a:b",
  "a*",
  "0",
  "-",
  "ä\0",
];

describe("lists", () => {
  afterAll(() => bed.close());

  it("listSessions() orders a tie by the bytes of ids, with and without a user", async () => {
    const store = await bed.open();
    await Promise.all(
      AWKWARD.map((id) =>
        store.storage.createSession(newSession({ id, userId: "ada" }))
      ),
    );
    await alignCreation(store, AWKWARD, 1_700_000_000_000);
    const sorted = [...AWKWARD].sort(byBytes);
    for (const filters of [{}, { userId: "ada" }]) {
      assertEquals(await idsOf(store.storage, filters), sorted);
      for (let offset = 0; offset <= sorted.length; offset++) {
        assertEquals(
          await idsOf(store.storage, { ...filters, offset, limit: 3 }),
          sorted.slice(offset, offset + 3),
        );
      }
    }
  });

  it("listSessions() filters by tags whatever is in them", async () => {
    const { storage } = await bed.open();
    const tags = [
      '"',
      ",",
      "\\",
      '","',
      "]",
      "[",
      "a",
      "",
      "a\\",
      '"a',
      'x,"a',
      "é",
      "😀",
      "\n",
      "\ud800",
    ];
    await create(storage, tags.length, (i) => ({
      metadata: { tags: [`first${i}`, tags[i]!, "last"] },
    }));
    for (const [i, tag] of tags.entries()) {
      const id = `s${String(i).padStart(4, "0")}`;
      assertEquals(await idsOf(storage, { tags: [tag] }), [id], tag);
      assertEquals(await idsOf(storage, { tags: ["none", tag] }), [id], tag);
    }
    assertEquals(
      (await idsOf(storage, { tags: ["last"] })).length,
      tags.length,
    );
    assertEquals(await idsOf(storage, { tags: ["firs", "st", "las"] }), []);
  });

  it("listSessions() pages over more sessions than one batch looks at", async () => {
    const { storage } = await bed.open();
    await create(storage, 2300, (i) => ({
      userId: i % 2 === 0 ? "even" : "odd",
      status: i % 100 === 0 ? "paused" : "active",
      metadata: { tags: [`t${i % 10}`] },
    }));
    const all = await idsOf(storage);
    assertEquals(all.length, 2300);
    assertEquals(new Set(all).size, 2300);
    const number = (id: string) => Number(id.slice(1));
    const expected: [SessionFilters, string[]][] = [
      [{}, all],
      [{ userId: "even" }, all.filter((id) => number(id) % 2 === 0)],
      [{ status: "paused" }, all.filter((id) => number(id) % 100 === 0)],
      [
        { userId: "odd", tags: ["t3", "t4"] },
        all.filter((id) => number(id) % 10 === 3),
      ],
    ];
    for (const [filters, ids] of expected) {
      assertEquals(await idsOf(storage, filters), ids);
      for (
        const offset of [0, 7, 999, 1000, 1001, ids.length - 1, ids.length]
      ) {
        assertEquals(
          await idsOf(storage, { ...filters, offset, limit: 5 }),
          ids.slice(offset, offset + 5),
          `offset ${offset} of ${JSON.stringify(filters)}`,
        );
      }
      const visited: string[] = [];
      for await (const { id } of storage.iterateSessions(filters)) {
        visited.push(id);
      }
      assertEquals(visited, ids);
    }
    const some: string[] = [];
    for await (
      const { id } of storage.iterateSessions({ offset: 150, limit: 250 })
    ) some.push(id);
    assertEquals(some, all.slice(150, 400));
  });

  it("listSessions() reads a user's sessions that just fit one batch", async () => {
    const { storage } = await bed.open();
    await create(storage, 1001, () => ({ userId: "ada" }));
    const before = await idsOf(storage, { userId: "ada" });
    assertEquals(before.length, 1001);
    await storage.deleteSession(before[500]!);
    assertEquals(
      await idsOf(storage, { userId: "ada" }),
      before.filter((_, i) => i !== 500),
    );
  });

  it("listSessions() passes over ids whose session is gone, and forgets them", async () => {
    const store = await bed.open();
    const { storage, redis, prefix } = store;
    await create(storage, 20, () => ({ userId: "ada" }));
    const all = await idsOf(storage);
    const gone = all.filter((_, i) => i % 3 === 0);
    await redis.unlink(gone.map((id) => `${prefix}session:${id}`));
    const left = all.filter((id) => !gone.includes(id));
    assertEquals(
      await idsOf(storage, { offset: 2, limit: 4 }),
      left.slice(2, 6),
    );
    assertEquals(await idsOf(storage, { userId: "ada" }), left);
    assertEquals(await idsOf(storage), left);
    assertEquals(
      await redis.zCard(`${prefix}sessions:by-created`),
      left.length,
    );
    assertEquals(
      await redis.zCard(`${prefix}sessions:by-activity`),
      left.length,
    );
    assertEquals(await redis.sCard(`${prefix}user:ada:sessions`), left.length);
  });

  it("listSessions() forgets a user's session whose other entries are gone", async () => {
    const { storage, redis, prefix } = await bed.open();
    await create(storage, 2, () => ({ userId: "ada" }));
    await redis.unlink(`${prefix}session:s0000`);
    // Without a user it does not know in whose set the session was.
    assertEquals(await idsOf(storage), ["s0001"]);
    assertEquals(await idsOf(storage, { userId: "ada" }), ["s0001"]);
    const members = await redis.sMembers(`${prefix}user:ada:sessions`);
    assertEquals(members, ["s0001"]);
  });

  it("listSessions() has each order of a user's sessions, and a range of creation in both", async () => {
    const store = await bed.open();
    const { storage } = store;
    // By id, by creation and by activity, no two are alike.
    const created = ["c", "a", "d", "b"];
    const active = ["d", "c", "b", "a"];
    await create(storage, 4, (i) => ({ id: created[i]!, userId: "ada" }));
    for (const [i, id] of created.entries()) {
      await alignCreation(store, [id], 1_700_000_000_000 + i);
    }
    for (const [i, id] of active.entries()) {
      await storage.updateSession(id, { lastActivityAt: new Date(i) });
    }
    const createdAfter = new Date(1_700_000_000_001);
    for (const given of [{}, { userId: "ada" }]) {
      const list = (filters: SessionFilters) =>
        idsOf(storage, { ...given, ...filters });
      const sortBy = "lastActivityAt";
      assertEquals(await list({}), created);
      assertEquals(await list({ order: "desc" }), created.toReversed());
      assertEquals(await list({ sortBy }), active);
      assertEquals(await list({ sortBy, order: "desc" }), active.toReversed());
      // A page is read in its own order, all of it in ascending order.
      assertEquals(
        await list({ order: "desc", limit: 3 }),
        created.toReversed().slice(0, 3),
      );
      assertEquals(await list({ createdAfter }), created.slice(1));
      assertEquals(
        await list({ sortBy, createdAfter }),
        active.filter((id) => id !== "c"),
      );
    }
  });

  it("listSessions() returns texts of any characters as they are", async () => {
    const { storage } = await bed.open();
    const odd = ["\x1e", "\x1f", "a\x1fb\x1e", "\0", "", "\n"];
    let count = 0;
    for (const text of odd) {
      const userId = text;
      const activeAgentId = text;
      const metadata = { title: text, tags: [text] };
      // All of it, and each by itself: one that is found can hide the others.
      for (
        const given of [
          { id: `${count}${text}`, userId, activeAgentId, metadata },
          { id: `${count}id${text}` },
          { userId },
          { activeAgentId },
          { metadata },
        ]
      ) {
        const created = await storage.createSession(newSession(given));
        count++;
        const listed = await storage.listSessions();
        assertEquals(listed.filter(({ id }) => id === created.id), [created]);
        assertEquals(listed.length, count);
      }
      assertEquals((await storage.listSessions({ userId })).length, 2);
      assertEquals((await storage.listSessions({ activeAgentId })).length, 2);
    }
  });

  it("listSessions() checks each hint against the session itself", async () => {
    const { storage, redis, prefix } = await bed.open();
    await create(storage, 2, (i) => ({ userId: `user${i}` }));
    await redis.sAdd(`${prefix}user:user0:sessions`, "s0001");
    assertEquals(await idsOf(storage, { userId: "user0" }), ["s0000"]);
    assertEquals(await idsOf(storage, { userId: "user1" }), ["s0001"]);
  });

  it("listSessions() cleans up all that is due, and createSession() some", async () => {
    const store = await bed.open({ ttlSeconds: 1000 });
    const { storage, redis, prefix } = store;
    await create(storage, 2100, (i) => ({ userId: `user${i % 3}` }));
    const names = (await store.keys()).filter((name) =>
      name.startsWith("session:")
    );
    await redis.unlink(names.slice(0, -1).map((name) => prefix + name));
    const deadlines = `${prefix}sessions:by-deadline`;
    const members = await redis.zRange(deadlines, 0, -1);
    for (const value of members) {
      await redis.zAdd(deadlines, { value, score: 1 });
    }
    await storage.createSession(newSession({ id: "new", userId: "user0" }));
    assertEquals(await redis.zCard(deadlines), 2101 - 8);
    assertEquals((await idsOf(storage, { userId: "user9" })).length, 0);
    assertEquals(await redis.zCard(deadlines), 2);
    assertEquals(await redis.zCard(`${prefix}sessions:by-created`), 2);
    assertEquals(await redis.zCard(`${prefix}sessions:by-activity`), 2);
    const users = await Promise.all(
      [0, 1, 2].map((i) => redis.sCard(`${prefix}user:user${i}:sessions`)),
    );
    assertEquals(users.reduce((sum, size) => sum + size), 2);
    assertEquals((await idsOf(storage)).length, 2);
  });

  it("iterateSessions() visits once what is there throughout", async () => {
    const { storage } = await bed.open();
    await create(storage, 350);
    const all = await idsOf(storage);
    const deleted = new Set<string>();
    const visited: string[] = [];
    let added = 0;
    for await (const { id } of storage.iterateSessions()) {
      visited.push(id);
      if (visited.length % 20 !== 0 || added >= 30) continue;
      await storage.createSession(newSession({ id: `new${added++}` }));
      // One that was visited, and one that is still to come.
      for (const each of [visited.at(-1)!, all.at(-visited.length / 20)!]) {
        deleted.add(each);
        await storage.deleteSession(each);
      }
    }
    assertEquals(new Set(visited).size, visited.length);
    const missed = all.filter((id) =>
      !deleted.has(id) && !visited.includes(id)
    );
    assertEquals(missed, []);
    assert(added > 0);
  });

  it("iterateSessions() goes on after an id that others begin with", async () => {
    const store = await bed.open();
    const ids = Array.from({ length: 250 }, (_, i) => "x".repeat(i + 1));
    await create(store.storage, ids.length, (i) => ({ id: ids[i]! }));
    for (let i = 0; i < ids.length; i += 70) {
      const ms = 1_700_000_000_000 + i;
      await alignCreation(store, ids.slice(i, i + 70), ms);
    }
    for (const order of ["asc", "desc"] as const) {
      const visited: string[] = [];
      for await (const { id } of store.storage.iterateSessions({ order })) {
        visited.push(id);
      }
      assertEquals(visited, order === "asc" ? ids : ids.toReversed());
    }
  });

  it("getExpiredSessions() finds all of many with one deadline, the soonest first", async () => {
    const { storage, redis, prefix } = await bed.open();
    const due = Date.UTC(2024, 0, 1);
    await create(storage, 1500, (i) => ({
      expiresAt: new Date(i < 1200 ? due : due - i),
    }));
    const ids = await storage.getExpiredSessions(new Date(due));
    assertEquals(new Set(ids).size, 1500);
    assertEquals(ids[0], "s1499");
    assertEquals(ids[299], "s1200");
    assertEquals(ids[300], "s0000");
    assertEquals(
      await storage.getExpiredSessions(new Date(due - 1200)),
      ids.slice(0, 300),
    );
    await redis.unlink(
      ids.slice(0, 1100).map((id) => `${prefix}session:${id}`),
    );
    assertEquals(
      await storage.getExpiredSessions(new Date(due)),
      ids.slice(1100),
    );
    assertEquals(await redis.zCard(`${prefix}sessions:by-expiry`), 400);
  });
});

/**
 * Lists where there are many sessions: what they return, and that they neither
 * scan nor block. `deno task test:scale` stores more sessions.
 *
 * No times are asserted, but for commands that no repetition makes short.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import type {
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import {
  averageScript,
  LONGEST_US,
  longestCommand,
} from "../support/blocking.ts";
import { countCommands } from "../support/command_stats.ts";
import {
  BUSY_USER,
  fillSessions,
  inOrder,
  RARE,
  scaleSessions,
  showFill,
  USER_SIZE,
} from "../support/many_sessions.ts";
import { TestBed, type TestStore } from "../support/test_bed.ts";

const COUNT = scaleSessions();
const PAGE = 50;

/** Sessions that one script of a list looks at, and that it returns, at most. */
const LOOK_MOST = 300;
const ROWS_MOST = 150;

/** Commands of a script that are not about a single session, at most. */
const OVERHEAD = 60;

interface Query {
  readonly name: string;
  readonly filters: SessionFilters;
  readonly fits: (session: Session) => boolean;
  /** Sessions that a page in the order of creation looks at, at most. */
  readonly looks: number;
}

describe(`lists of ${COUNT} sessions`, () => {
  const bed = new TestBed();
  let store: TestStore;
  let sessions: Session[];
  let queries: Query[];

  beforeAll(async () => {
    const { url } = await bed.server();
    store = await bed.open({ url, ttlSeconds: 3600, timeoutMs: 60_000 });
    const onProgress = showFill(COUNT);
    sessions = await fillSessions(store.storage, COUNT, { onProgress });
    queries = listQueries();
  });
  afterAll(() => bed.close());

  function listQueries(): Query[] {
    const dated = inOrder(sessions);
    const createdAfter = dated[COUNT * 0.4]!.createdAt;
    const createdBefore = dated[COUNT * 0.6]!.createdAt;
    return [
      { name: "all", filters: {}, fits: () => true, looks: PAGE },
      {
        name: "of a user with 100",
        filters: { userId: "user3" },
        fits: ({ userId }) => userId === "user3",
        looks: USER_SIZE,
      },
      {
        name: "of a user with 5 % of all",
        filters: { userId: BUSY_USER },
        fits: ({ userId }) => userId === BUSY_USER,
        // All of that user's, or 20 for each that is returned.
        looks: Math.max(COUNT / 20, 25 * PAGE) + PAGE,
      },
      {
        name: "of a created range",
        filters: { createdAfter, createdBefore },
        fits: ({ createdAt }) =>
          createdAt >= createdAfter && createdAt <= createdBefore,
        looks: PAGE,
      },
      {
        name: "of a status of 1 %",
        filters: RARE.status,
        fits: ({ status }) => status === "paused",
        looks: 110 * PAGE,
      },
      {
        name: "of an agent of 1 %",
        filters: RARE.agent,
        fits: ({ activeAgentId }) => activeAgentId === "rare",
        looks: 110 * PAGE,
      },
      {
        name: "of tags of 1 %",
        filters: RARE.tags,
        fits: ({ metadata }) => metadata.tags?.includes("rare") === true,
        looks: 110 * PAGE,
      },
    ];
  }

  /** Fails unless the action scans nothing, and each script looks at a bounded part. */
  async function assertBounded(
    action: () => Promise<unknown>,
    looks: number,
  ): Promise<void> {
    const counts = await countCommands(store.redis, action);
    for (const name of ["scan", "keys", "smembers", "hgetall", "sort"]) {
      assertEquals(counts[name], undefined, name);
    }
    const { evalsha = 0, hmget = 0 } = counts;
    assert(evalsha > 0);
    // One that fits is read twice where a filter leaves out most.
    assert(hmget <= (LOOK_MOST + ROWS_MOST) * evalsha, JSON.stringify(counts));
    assert(hmget <= looks + PAGE, JSON.stringify(counts));
    const others = Object.values(counts).reduce((a, b) => a + b) - hmget;
    assert(others <= (OVERHEAD + LOOK_MOST / 50) * evalsha + looks / 50);
  }

  for (const sortBy of ["createdAt", "lastActivityAt"] as const) {
    for (const order of ["asc", "desc"] as const) {
      it(`return exact pages by ${sortBy}, ${order}, without a scan`, async () => {
        const { storage, redis } = store;
        const ascending = inOrder(sessions, sortBy);
        const ordered = order === "asc" ? ascending : ascending.toReversed();
        const longest: string[] = [];
        for (const { name, filters, fits, looks } of queries) {
          const expected = ordered.filter(fits).map(({ id }) => id);
          const query = { ...filters, sortBy, order };
          for (const offset of [0, 1, PAGE, expected.length - PAGE / 2]) {
            const page = await storage.listSessions({
              ...query,
              offset,
              limit: PAGE,
            });
            const wanted = expected.slice(offset, offset + PAGE);
            assertEquals(
              page.map(({ id }) => id),
              wanted,
              `${name}, ${offset}`,
            );
          }
          const first = () => storage.listSessions({ ...query, limit: PAGE });
          // By activity, a created range tells not where to begin.
          const isWide = filters.createdAfter && sortBy === "lastActivityAt";
          await assertBounded(first, isWide ? COUNT : looks);
          const us = await longestCommand(redis, first);
          longest.push(`${name} ${us} µs`);
          assert(us < LONGEST_US, `${name}: a command took ${us} µs`);
        }
        console.log(`longest commands: ${longest.join(", ")}`);
      });
    }
  }

  it("return all sessions, in bounded batches", async () => {
    const { storage, redis } = store;
    for (const order of ["asc", "desc"] as const) {
      for (const userId of [undefined, BUSY_USER]) {
        const fitting = sessions.filter((session) =>
          userId === undefined || session.userId === userId
        );
        const wanted = inOrder(fitting).map(({ id }) => id);
        if (order === "desc") wanted.reverse();
        const filters = { order, ...(userId && { userId }) };
        const list = () => storage.listSessions(filters);
        assertEquals((await list()).map(({ id }) => id), wanted);
        await assertBounded(list, COUNT);
        // Of so many commands some wait for another process.
        const us = await averageScript(redis, list);
        console.log(`scripts of a whole list, on average: ${us} µs`);
        assert(us < LONGEST_US, `${us} µs`);
      }
    }
  });
});

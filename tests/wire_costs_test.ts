/**
 * What every method costs on one plain server, exactly.
 *
 * The table is what is expected: a row that differs fails, and says what was
 * measured. The last test then prints the whole table as measured, to be pasted
 * here where the change is meant.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { hasSortRo } from "./support/server_facts.ts";
import { TestBed } from "./support/test_bed.ts";
import {
  WIRE_CALLS,
  type WireCall,
  withoutSort,
} from "./support/wire_calls.ts";
import { type WireCost, WireMeter } from "./support/wire_meter.ts";
import { rowOf, rowsOf, tableOf } from "./support/wire_table.ts";

/**
 * The commands that cross the wire, between a client that is connected and a
 * server that knows the scripts; their round trips; the bytes that are sent and
 * received; and how many commands scripts run on the server, by INFO
 * commandstats.
 */
const TABLE = `
call                                            | commands  | trips | sent  | received | runs
----------------------------------------------- | --------- | ----- | ----- | -------- | ----
createSession()                                 | EVALSHA   |     1 |   485 |       32 |   14
createSession() with user, tags, deadline       | EVALSHA   |     1 |   583 |       32 |   19
getSession()                                    | HGETALL   |     1 |    78 |      482 |    0
getSession() of none                            | HGETALL   |     1 |    78 |        4 |    0
getSession() with refreshTtlOnRead              | EVALSHA   |     1 |   243 |      494 |    6
updateSession()                                 | EVALSHA   |     1 |   331 |      579 |    8
updateSession() of user, tags, deadline         | EVALSHA   |     1 |   436 |      547 |   19
updateSession() with expectedVersion            | EVALSHA   |     1 |   332 |      579 |    8
updateSession() of another version              | EVALSHA   |     1 |   308 |       25 |    3
deleteSession()                                 | EVALSHA   |     1 |   308 |       21 |   14
touchSession()                                  | EVALSHA   |     1 |   243 |       28 |    8
listSessions() of a user's 1                    | EVALSHA   |     1 |   416 |      176 |   10
listSessions() of a user's 10                   | EVALSHA   |     1 |   416 |     1491 |   19
listSessions() of all 10                        | EVALSHA   |     1 |   395 |     1491 |   18
listSessions() by user and tags                 | EVALSHA   |     1 |   452 |      204 |   11
iterateSessions() over 250                      | 3 EVALSHA |     3 |  1347 |    36697 |  290
getExpiredSessions() of none                    | EVALSHA   |     1 |   135 |       22 |    2
getExpiredSessions() of 1                       | EVALSHA   |     1 |   135 |       65 |    5
reindex() of 1                                  | 2 EVALSHA |     2 |   443 |      130 |   14
addMessage()                                    | EVALSHA   |     1 |   448 |       32 |   12
addMessage() of an id that is there             | EVALSHA   |     1 |   448 |      157 |   10
addMessages() of 10                             | EVALSHA   |     1 |  1764 |      177 |   30
addMessages() of 300                            | 3 EVALSHA |     3 | 65625 |      144 |  626
getMessages() of no session                     | SORT_RO   |     1 |   151 |        4 |    0
getMessages() of 0                              | SORT_RO   |     1 |   151 |        4 |    0
getMessages() of 1                              | SORT_RO   |     1 |   151 |      145 |    0
getMessages() of 20                             | SORT_RO   |     1 |   151 |     2836 |    0
getMessages() of the last 20 of 100             | SORT_RO   |     1 |   188 |     2846 |    0
getMessages() of no session, no SORT_RO         | EVALSHA   |     1 |   281 |       16 |    2
getMessages() of 0, no SORT_RO                  | EVALSHA   |     1 |   281 |       16 |    2
getMessages() of 1, no SORT_RO                  | EVALSHA   |     1 |   281 |      200 |    3
getMessages() of 20, no SORT_RO                 | EVALSHA   |     1 |   281 |     3708 |   22
getMessages() of the last 20 of 100, no SORT_RO | EVALSHA   |     1 |   282 |     3718 |   22
getMessages() of the page before                | EVALSHA   |     1 |   283 |     3717 |    2
getMessages() by role, 20 of 60                 | EVALSHA   |     1 |   291 |     3714 |    2
getMessages() by date, 20 of 20                 | EVALSHA   |     1 |   295 |     3708 |    2
getMessages() with refreshTtlOnRead, 20         | EVALSHA   |     1 |   287 |     3708 |    7
getMessages() with cache, 20, first             | EVALSHA   |     1 |   275 |     3779 |    4
getMessages() with cache, 20, again             | EVALSHA   |     1 |   390 |       88 |    4
getMessages() with cache, 20, 1 is new          | EVALSHA   |     1 |   390 |      273 |    5
getMessage()                                    | EVALSHA   |     1 |   348 |      153 |    2
getMessage() of none                            | EVALSHA   |     1 |   348 |       17 |    1
countMessages()                                 | EVALSHA   |     1 |   243 |       16 |    2
updateMessage()                                 | EVALSHA   |     1 |   516 |      156 |   13
deleteMessage()                                 | EVALSHA   |     1 |   391 |       12 |   11
deleteAllMessages() of 20                       | EVALSHA   |     1 |   286 |       12 |   30
health()                                        | PING      |     1 |    14 |        7 |    0
close() that leaves the client open             | -         |     0 |     0 |        0 |    0
`.trim();

const KEY_PREFIX = "test:wire:";
const TTL_SECONDS = 3600;

/** What no call runs but reindex(): the others go by indexes. */
const FORBIDDEN = ["scan", "keys", "sort"];

describe("RedisAdapter on the wire", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());
  const expected = rowsOf(TABLE);
  const measured = new Map<string, string>();
  let meter: WireMeter;
  let isSortable: boolean;

  beforeAll(async () => {
    const { url } = await bed.server();
    meter = await WireMeter.open(bed, url);
    isSortable = await hasSortRo(meter.redis);
  });

  /** Measures a call on a server that has nothing but what it needs. */
  async function measure(
    { options, prepare, call, refusesSort = false }: WireCall,
    ttlSeconds?: number,
  ): Promise<WireCost> {
    const { client, redis } = meter;
    client.refusesSort = refusesSort;
    const ready = async (): Promise<RedisAdapter> => {
      await redis.flushDb();
      const { storage } = await bed.open({
        ...{ client, keyPrefix: KEY_PREFIX, ...options },
        ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
      });
      // A server that refuses SORT_RO is asked for it once.
      await storage.getMessages("none");
      await prepare?.(storage);
      return storage;
    };
    // The server has to know the script before.
    await call(await ready());
    const storage = await ready();
    return await meter.measure(() => call(storage));
  }

  for (const [name, wireCall] of Object.entries(WIRE_CALLS)) {
    it(`${name} costs what the table says`, async () => {
      const cost = await measure(wireCall, TTL_SECONDS);
      // Redis before 7.0 has no SORT_RO: those reads cost what others do where it is refused.
      const isOther = !isSortable && withoutSort(name) in WIRE_CALLS;
      const label = isOther ? withoutSort(name) : name;
      const row = rowOf(label, cost);
      measured.set(label, row);
      const lines = ["The table has", expected.get(label), "and measured is"];
      const runs = `with ${JSON.stringify(cost.runs)} in scripts`;
      assert(
        row === expected.get(label),
        [...lines, row, runs].join("\n"),
      );
      if (!name.startsWith("reindex()")) {
        assertEquals(FORBIDDEN.filter((each) => each in cost.runs), []);
      }
      // Reads slide a TTL only where there is one.
      if (wireCall.options?.refreshTtlOnRead) return;
      const { commands, trips } = await measure(wireCall);
      const sent = { commands: cost.commands, trips: cost.trips };
      assertEquals({ commands, trips }, sent, "without ttlSeconds");
    });
  }

  it("has a row for every method", () => {
    const methods = Object.getOwnPropertyNames(RedisAdapter.prototype)
      .filter((name) => name !== "constructor");
    const rows = [...expected.keys()];
    const without = methods.filter((method) =>
      !rows.some((name) => name.startsWith(`${method}()`))
    );
    assertEquals(without, []);
  });

  it("is what the table as a whole says", () => {
    // A server without SORT_RO cannot tell what it costs.
    const rows = Object.keys(WIRE_CALLS).map((name) =>
      measured.get(name) ?? expected.get(name) ?? name
    );
    const table = tableOf(rows);
    assert(table === TABLE, `The table as measured is\n\n${table}\n`);
  });
});

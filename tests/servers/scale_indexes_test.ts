/**
 * Indexes while many sessions expire and nobody lists.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { scaleSessions, showFill } from "../support/many_sessions.ts";
import { CountingClient } from "../support/counting_client.ts";
import { newSession } from "../support/records.ts";
import { TestBed, type TestClient } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const COUNT = scaleSessions();
const AT_ONCE = 250;
const TTL_SECONDS = 1;
const PATIENCE_MS = 20_000;
const PAUSE_ROUNDS = 5;

const INDEXES = ["by-created", "by-activity", "by-deadline", "by-expiry"];

/**
 * The members of the indexes, then of a user's set, whose session does not
 * exist and whose deadline, where one is known, was before a moment; each with
 * the number of all members, and all at one time. ARGV: prefix, user, the
 * moment in ms, or "inf".
 */
const COUNT_DEAD = `
local prefix, user, before = ARGV[1], ARGV[2], tonumber(ARGV[3]) or math.huge
local reply = {}
local function session_of(member)
  local size = string.match(member, "^%d+")
  return string.sub(member, #size + 2, #size + 1 + tonumber(size))
end
local deadlines = {}
local flat = redis.call("ZRANGE", prefix .. "sessions:by-deadline", 0, -1, "WITHSCORES")
for i = 1, #flat, 2 do deadlines[session_of(flat[i])] = tonumber(flat[i + 1]) end
local function count(members, id_of)
  local dead = 0
  for _, member in ipairs(members) do
    local id = id_of(member)
    if redis.call("EXISTS", prefix .. "session:" .. id) == 0
      and (deadlines[id] or -math.huge) < before then dead = dead + 1 end
  end
  reply[#reply + 1] = dead
  reply[#reply + 1] = #members
end
local function itself(member) return member end
for _, name in ipairs({${INDEXES.map((name) => `"${name}"`).join(", ")}}) do
  count(redis.call("ZRANGE", prefix .. "sessions:" .. name, 0, -1), name == "by-deadline" and session_of or itself)
end
count(redis.call("SMEMBERS", prefix .. "user:" .. user .. ":sessions"), itself)
return reply
`;

/**
 * Returns how many members of each index are dead, of those that died before a
 * moment in ms, and how many there are.
 */
async function countDead(redis: TestClient, prefix: string, before?: number) {
  const args = { arguments: [prefix, "regular", String(before ?? "inf")] };
  const flat = await redis.eval(COUNT_DEAD, args) as number[];
  return [...INDEXES, "user"].map((name, i) => ({
    name,
    dead: flat[2 * i]!,
    all: flat[2 * i + 1]!,
  }));
}

/** Does something right after a number of scripts, before the server can have answered them. */
class PromptClient extends CountingClient {
  #left = Infinity;
  #action = () => {};

  after(scripts: number, action: () => void): void {
    this.#left = scripts;
    this.#action = action;
  }

  override evalSha(
    ...args: Parameters<CountingClient["evalSha"]>
  ): Promise<unknown> {
    const reply = super.evalSha(...args);
    if (--this.#left === 0) this.#action();
    return reply;
  }
}

describe(`the indexes, after ${COUNT} sessions expired`, () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("hold next to no dead entries while nobody lists, and none after a list", async () => {
    const { url } = await bed.server();
    const client = new PromptClient(await bed.client(url));
    const options = { url, client, ttlSeconds: TTL_SECONDS };
    const { storage, redis, prefix } = await bed.open(options);
    const progress = showFill(COUNT);
    const open = () => storage.createSession(newSession({ userId: "regular" }));
    let regular = await open();
    const create = (i: number) =>
      storage.createSession(newSession({
        // One user stays active; each of the others has ten sessions, and goes.
        userId: i % 10 === 0
          ? "regular"
          : `guest${Math.floor(i / 100)}.${i % 9}`,
        ...(i % 2 === 0 && { expiresAt: new Date(Date.UTC(2100, 0, 1)) }),
      }));
    let reading: ReturnType<typeof countDead> | undefined;
    const worst: number[] = [];
    for (let i = 0; i < COUNT; i += AT_ONCE) {
      // It counts right after the last create, whatever keeps this process.
      client.after(AT_ONCE, () => reading = countDead(redis, prefix));
      await Promise.all(
        Array.from({ length: AT_ONCE }, (_, j) => create(i + j)),
      );
      // It stays active, unless this process was kept for more than the TTL.
      if (!await storage.touchSession(regular.id)) regular = await open();
      worst.push(Math.max(...(await reading!).map(({ dead }) => dead)));
      progress(i + AT_ONCE);
    }
    const last = await reading!;
    console.log(
      `dead after the last create: ${
        last.map(({ name, dead, all }) => `${name} ${dead} of ${all}`).join(
          ", ",
        )
      }; at most ${Math.max(...worst)} at any time`,
    );
    for (const { name, all } of last) assert(all > 0, name);
    // A pause of the server within the last creates is not made good by them.
    const latest = worst.slice(-PAUSE_ROUNDS);
    assert(Math.min(...latest) <= COUNT / 100, `dead at last: ${latest}`);
    assert(last[0]!.all < COUNT, "sessions expired meanwhile");

    // Others expire between the list and the count.
    const before = Date.now();
    await storage.listSessions({ limit: 1 });
    for (const { name, dead } of await countDead(redis, prefix, before)) {
      assertEquals(dead, 0, `${name}: ${dead} dead after a list`);
    }
    const isOver = async () =>
      await redis.exists(`${prefix}session:${regular.id}`) === 0 &&
      (await redis.keys(`${prefix}*`)).every((key) =>
        key.startsWith(`${prefix}sessions:`)
      );
    assert(await until(isOver, PATIENCE_MS), "sets of users go by themselves");
    assertEquals(await storage.listSessions({ limit: 1 }), []);
    for (const { name, all } of await countDead(redis, prefix)) {
      assertEquals(all, 0, name);
    }
  });
});

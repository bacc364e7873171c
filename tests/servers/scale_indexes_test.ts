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

const INDEXES = ["by-created", "by-activity", "by-deadline", "by-expiry"];

/**
 * The members of the indexes, then of a user's set, whose session does not
 * exist, all at one moment; then the members of all of them. ARGV: prefix, user.
 */
const COUNT_DEAD = `
local prefix, user = ARGV[1], ARGV[2]
local reply = {}
local function count(members, id_of)
  local dead = 0
  for _, member in ipairs(members) do
    dead = dead + 1 - redis.call("EXISTS", prefix .. "session:" .. id_of(member))
  end
  reply[#reply + 1] = dead
  reply[#reply + 1] = #members
end
local function itself(member) return member end
for _, name in ipairs({${INDEXES.map((name) => `"${name}"`).join(", ")}}) do
  count(redis.call("ZRANGE", prefix .. "sessions:" .. name, 0, -1), name == "by-deadline" and function(member)
    local size = string.match(member, "^%d+")
    return string.sub(member, #size + 2, #size + 1 + tonumber(size))
  end or itself)
end
count(redis.call("SMEMBERS", prefix .. "user:" .. user .. ":sessions"), itself)
return reply
`;

/** Returns how many members of each index are dead, and how many there are. */
async function countDead(redis: TestClient, prefix: string) {
  const args = { arguments: [prefix, "regular"] };
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
    let most = 0;
    for (let i = 0; i < COUNT; i += AT_ONCE) {
      // It counts right after the last create, whatever keeps this process.
      client.after(AT_ONCE, () => reading = countDead(redis, prefix));
      await Promise.all(
        Array.from({ length: AT_ONCE }, (_, j) => create(i + j)),
      );
      // It stays active, unless this process was kept for more than the TTL.
      if (!await storage.touchSession(regular.id)) regular = await open();
      for (const { dead } of await reading!) most = Math.max(most, dead);
      progress(i + AT_ONCE);
    }
    const last = await reading!;
    console.log(
      `dead after the last create: ${
        last.map(({ name, dead, all }) => `${name} ${dead} of ${all}`).join(
          ", ",
        )
      }; at most ${most} at any time`,
    );
    for (const { name, dead, all } of last) {
      assert(all > 0, name);
      assert(dead <= COUNT / 100, `${name}: ${dead} dead of ${all}`);
    }
    assert(last[0]!.all < COUNT, "sessions expired meanwhile");

    await storage.listSessions({ limit: 1 });
    for (const { name, dead } of await countDead(redis, prefix)) {
      // A few can expire between the list and the count.
      assert(dead <= COUNT / 1000, `${name}: ${dead} dead after a list`);
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

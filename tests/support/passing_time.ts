/**
 * Lets time pass for the keys of an adapter, without waiting.
 *
 * @module
 */

import type { TestStore } from "./test_bed.ts";

/**
 * When a key expires, in ms since 1970; -1: never, -2: it is not there.
 * PEXPIRETIME says so too, but only since Redis 7.0.
 */
const END_OF = `
local function clock()
  local time = redis.call("TIME")
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function end_of(key)
  local before, left, after
  repeat
    before = clock()
    left = redis.call("PTTL", key)
    after = clock()
  until before == after
  return left < 0 and left or before + left
end
`;

/** ARGV: the pattern of the keys, the time in ms, the key of the deadlines. */
const PASS = `${END_OF}
local cursor, keys = "0", {}
repeat
  local found = redis.call("SCAN", cursor, "MATCH", ARGV[1], "COUNT", 10000)
  cursor = found[1]
  for _, key in ipairs(found[2]) do keys[key] = true end
until cursor == "0"
for key in pairs(keys) do
  local kind = redis.call("TYPE", key).ok
  if kind == "hash" and redis.call("HEXISTS", key, "messagesExpireAt") == 1 then
    redis.call("HINCRBY", key, "messagesExpireAt", -ARGV[2])
  elseif key == ARGV[3] then
    for _, member in ipairs(redis.call("ZRANGE", key, 0, -1)) do
      redis.call("ZINCRBY", key, -ARGV[2], member)
    end
  end
  local moment = end_of(key)
  if moment >= 0 then redis.call("PEXPIREAT", key, string.format("%.0f", moment - ARGV[2])) end
end
`;

/**
 * Moves every deadline of an adapter's keys to an earlier moment, as if so
 * much time had passed. Keys whose time is over are gone then.
 */
export async function passTime(
  { redis, prefix }: Pick<TestStore, "redis" | "prefix">,
  ms: number,
): Promise<void> {
  // Lua would write -0, which is no integer to Redis.
  if (ms === 0) return;
  const pattern = `${prefix.replace(/[\\*?[\]]/g, "\\$&")}*`;
  const deadlines = `${prefix}sessions:by-deadline`;
  await redis.eval(PASS, {
    arguments: [pattern, String(Math.round(ms)), deadlines],
  });
}

/** Returns when a key expires, in ms since 1970; Infinity: never, -Infinity: it is not there. */
export async function endOf(store: TestStore, name: string): Promise<number> {
  const keys = [store.prefix + name];
  const script = `${END_OF} return end_of(KEYS[1])`;
  // A Lua number comes as an integer.
  const moment = await store.redis.eval(script, { keys }) as number;
  if (moment === -1) return Infinity;
  return moment === -2 ? -Infinity : moment;
}

/** Returns the server's time, in ms since 1970. */
export async function serverTime({ redis }: TestStore): Promise<number> {
  const [seconds, micros] = await redis.time() as unknown as string[];
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

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

/**
 * How long all keys of a pattern have left, as PTTL says it, and the time in
 * ms at which that was so. No millisecond passes between two of them, also
 * where the clock goes on during a script but PTTL does not (since Redis 7.2).
 */
const LEFTS_OF = `${END_OF}
local function lefts_of(pattern)
  local cursor, lefts, now = "0", {}, nil
  repeat
    local found = redis.call("SCAN", cursor, "MATCH", pattern, "COUNT", 10000)
    cursor = found[1]
    for _, key in ipairs(found[2]) do lefts[key] = -2 end
  until cursor == "0"
  repeat
    now = clock()
    for key in pairs(lefts) do lefts[key] = redis.call("PTTL", key) end
  until clock() == now
  return lefts, now
end
`;

/** ARGV: the pattern of the keys, the time in ms, the key of the deadlines. */
const PASS = `${LEFTS_OF}
local lefts, now = lefts_of(ARGV[1])
for key, left in pairs(lefts) do
  local kind = redis.call("TYPE", key).ok
  if kind == "hash" and redis.call("HEXISTS", key, "messagesExpireAt") == 1 then
    redis.call("HINCRBY", key, "messagesExpireAt", -ARGV[2])
  elseif key == ARGV[3] then
    for _, member in ipairs(redis.call("ZRANGE", key, 0, -1)) do
      redis.call("ZINCRBY", key, -ARGV[2], member)
    end
  end
  if left >= 0 then redis.call("PEXPIREAT", key, string.format("%.0f", now + left - ARGV[2])) end
end
`;

/** ARGV: the pattern of the keys. */
const READ = `${LEFTS_OF}
local lefts, now = lefts_of(ARGV[1])
local reply = {}
for key, left in pairs(lefts) do
  local kind = redis.call("TYPE", key).ok
  local user, members = false, {}
  if kind == "hash" then user = redis.call("HGET", key, "userId") end
  if kind == "set" then members = redis.call("SMEMBERS", key) end
  if kind == "zset" then members = redis.call("ZRANGE", key, 0, -1) end
  if left ~= -2 then reply[#reply + 1] = {key, left, user, members} end
end
return {now, reply}
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
  const deadlines = `${prefix}sessions:by-deadline`;
  await redis.eval(PASS, {
    arguments: [patternOf(prefix), String(Math.round(ms)), deadlines],
  });
}

function patternOf(prefix: string): string {
  return `${prefix.replace(/[\\*?[\]]/g, "\\$&")}*`;
}

/** A key at one moment. */
export interface KeyReading {
  /** How long it has left, in ms; Infinity: for good. */
  readonly left: number;
  /** The user that a session's hash names. */
  readonly userId: string | undefined;
  /** What a set or a sorted set holds. */
  readonly members: readonly string[];
}

/** All keys of an adapter at one moment. */
export interface Reading {
  /** The server's time, in ms since 1970. */
  readonly now: number;
  /** The keys, by their names without the prefix. */
  readonly keys: ReadonlyMap<string, KeyReading>;
}

/** Reads how long each key of an adapter has left, all within one millisecond. */
export async function readKeys(
  { redis, prefix }: Pick<TestStore, "redis" | "prefix">,
): Promise<Reading> {
  // The shape that READ returns.
  const [now, rows] = await redis.eval(READ, {
    arguments: [patternOf(prefix)],
  }) as [number, [string, number, string | null, string[]][]];
  const keys = new Map<string, KeyReading>();
  for (const [key, ms, user, members] of rows) {
    const left = ms === -1 ? Infinity : ms;
    keys.set(key.slice(prefix.length), {
      left,
      userId: user ?? undefined,
      members,
    });
  }
  return { now, keys };
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
export async function serverTime(
  { redis }: Pick<TestStore, "redis">,
): Promise<number> {
  const [seconds, micros] = await redis.time() as unknown as string[];
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

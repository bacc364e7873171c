/**
 * Reads all that an adapter has stored in one round trip, and tells whether it
 * is whole.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { TestStore } from "./test_bed.ts";

/** ARGV: the pattern of the keys. */
const READ = `
local function clock()
  local time = redis.call("TIME")
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local lefts, now = {}, nil
local cursor, rows, seen = "0", {}, {}
repeat
  local found = redis.call("SCAN", cursor, "MATCH", ARGV[1], "COUNT", 10000)
  cursor = found[1]
  for _, key in ipairs(found[2]) do seen[key] = true end
until cursor == "0"
-- All within one millisecond, also where the clock goes on during a script.
repeat
  now = clock()
  for key in pairs(seen) do lefts[key] = redis.call("PTTL", key) end
until clock() == now
for key in pairs(seen) do
  local kind, value = redis.call("TYPE", key).ok, {}
  if kind == "hash" then value = redis.call("HGETALL", key) end
  if kind == "set" then value = redis.call("SMEMBERS", key) end
  if kind == "zset" then value = redis.call("ZRANGE", key, 0, -1, "WITHSCORES") end
  rows[#rows + 1] = {key, kind, lefts[key], value}
end
return rows
`;

/** A key: how long it has left, in ms, or -1; what it holds, in pairs but for a set. */
interface KeyPortrait {
  readonly kind: string;
  readonly left: number;
  readonly value: readonly string[];
}

/** All keys of an adapter, by their names without the prefix. */
export type Portrait = ReadonlyMap<string, KeyPortrait>;

/** Reads all keys of an adapter at one moment. */
export async function portray(
  { redis, prefix }: Pick<TestStore, "redis" | "prefix">,
): Promise<Portrait> {
  // The shape that READ returns; fresh prefixes hold no special characters.
  const rows = await redis.eval(READ, { arguments: [`${prefix}*`] }) as [
    key: string,
    kind: string,
    left: number,
    value: string[],
  ][];
  const sorted = rows.sort(([a], [b]) => a < b ? -1 : 1);
  return new Map(
    sorted.map(([key, kind, left, value]) => {
      const name = key.slice(prefix.length);
      const isOrdered = name.endsWith(":messages");
      const size = kind === "set" ? 1 : 2;
      const entries = Array.from(
        { length: value.length / size },
        (_, i) => value.slice(i * size, (i + 1) * size).join(" = "),
      );
      if (!isOrdered) entries.sort();
      return [name, { kind, left, value: entries }];
    }),
  );
}

/** Returns what is stored as one text, to tell whether it is the same. */
export function textOf(portrait: Portrait): string {
  return [...portrait].map(([name, { kind, left, value }]) =>
    [`${name} ${kind} ${left < 0 ? "for good" : "for a time"}`, ...value]
      .join("\n  ")
  ).join("\n");
}

/** Returns a text without what differs from one time to the next: moments and made-up ids. */
export function outlineOf(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<moment>")
    .replace(/\b1\d{12}\b/g, "<moment>")
    .replace(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, "<id>");
}

/**
 * Fails unless every session has its messages and they have their session, and
 * all that belongs together expires together.
 */
export function assertWhole(portrait: Portrait, about: string): void {
  const listed: string[] = [];
  for (const [name, session] of portrait) {
    const id = /^session:([^:]+)$/.exec(name)?.[1];
    if (id === undefined) continue;
    const tag = id.startsWith("{") ? `${id}:` : "";
    const field = (key: string) =>
      session.value.find((each) => each.startsWith(`${key} = `))
        ?.slice(key.length + 3);
    const order = portrait.get(`${name}:messages`);
    const members = (order?.value ?? []).map((each) => each.split(" = "));
    const userId = field("userId");
    const owned = [
      ...members.map(([messageId]) => `message:${tag}${messageId}`),
      ...(userId === undefined ? [] : [`user:${userId}:sessions`]),
    ];
    for (const key of [...owned, ...(order ? [`${name}:messages`] : [])]) {
      const left = portrait.get(key)?.left ?? -2;
      assert(left !== -2, `${about}: ${key} is missing`);
      const outlives = left === -1 ||
        session.left !== -1 && left >= session.left;
      assert(outlives, `${about}: ${key} ends before ${name}`);
      const endsToo = session.left === -1 || left !== -1;
      assert(endsToo, `${about}: ${key} stays behind ${name}`);
    }
    listed.push(...owned.filter((key) => key.startsWith("message:")));
    const newest = Number(members.at(-1)?.[1] ?? 0);
    assert(Number(field("lastActivityAt")) >= newest, `${about}: ${name}`);
    assert(Number(field("lastSequence")) >= members.length, about);
  }
  const kept = [...portrait.keys()].filter((name) => /^message:/.test(name));
  assertEquals(kept, listed.sort(), `${about}: messages`);
}

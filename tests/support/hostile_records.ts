/**
 * Records that somebody wrote by hand, badly: of one session, "s1", and of the
 * indexes, beside a session "s2" that nobody touched.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type {
  RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { assertRefusal } from "./hostile_contents.ts";
import type { HostilePlace } from "./hostile_places.ts";
import { JSON_VALUES, TEXTS } from "./hostile_values.ts";
import { newMessage, newSession } from "./records.ts";

/** Something that is written by hand. */
export interface Scribble {
  /** The key, but for what a hash tag changes. */
  readonly key: string;
  readonly write: readonly (string | Uint8Array)[];
  /** Whether the key is removed before. */
  readonly replaces: boolean;
}

const HASHES = ["session:s1", "message:m1", "message:m2"];
const SORTED = [
  "session:s1:messages",
  "sessions:by-created",
  "sessions:by-activity",
  "sessions:by-expiry",
  "sessions:by-deadline",
];
const OTHERS = ["user:ada:sessions", "session:s1:seq"];

const FIELDS = [
  ...["id", "userId", "activeAgentId", "status", "metadata", "tags"],
  ...["participants", "schemaVersion", "createdAt", "lastActivityAt"],
  ...["expiresAt", "tokenBudget", "compression", "compressionState"],
  ...["tokenCount", "messageCount", "version", "lastSequence"],
  ...["messagesExpireAt", "creationToken", "content", "contentType", "role"],
  ...["sessionId", "sequence", "updatedAt", "__proto__", "toString"],
];

const SAMPLES = [
  ...["", "0", "-1", "1.5", "1e999", "nan", "inf", "0x10", "9".repeat(30)],
  ...["9007199254740993", "-9223372036854775808", "8640000000000001", "s2"],
  ...["2026-01-01T00:00:00.000Z", "2026-99-99T99:99:99Z", "s1", "m1", "json"],
  ...["string", "active", "user", "null", "[]", "{}", "[[", "[1]", '["a"]'],
  ...['{"title":5}', '{"tags":"x"}', '{"tags":[5]}', '{"__proto__":{"x":1}}'],
  ...['[{"id":"p","role":"user","joinedAt":5}]', '{"strategy":"hybrid"}', '"'],
  "[".repeat(5000),
  `{"tags":${"[".repeat(2000)}${"]".repeat(2000)}}`,
];

/** What an adapter writes into a message, and what can go wrong with it. */
const ATTRIBUTES: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    `["s1",5,1,"user","string",null,null,"m1"]`,
    `["s1",5,1,"user","string",null,null,"n1"]`,
    `["s1",5,1,"user","string",null,null,"m1",{},"s2"]`,
    `["s1",5,6,1,"user","string",null,null,"m1"]`,
    `["s1",5,"user","string",null,null,"m1"]`,
    `["s1",9e99,1,"user","string",null,null,"m1"]`,
    `["s1",8640000000000001,1,"user","string",null,null,"m1"]`,
    `["s1",5,-1,"user","string",null,null,"m1"]`,
    `["s1",5,1e999,"user","string",null,null,"m1"]`,
    `["s1",5,1,"user","string","x",null,"m1"]`,
    `["s1",5,1,"user","string",1.,null,"m1"]`,
    `["s1",5,1,"user","string",null,null,5]`,
    `["s1",5,1,"user","string",null,null,"m1",5]`,
    `["s1",5,1,"user","string",null,null,"m1",{},[]]`,
    `["s1",5,1,"user","string",null,null,"m1",{"toolCalls":5}]`,
    `["s1",5,1,"user","string",null,null,"m1",{"__proto__":{"role":"user"}}]`,
    `[5,1,"user","string",null,null,"s1","m1"]`,
    `["s1",5,1,"user","json",null,null,"m1"]`,
    `["s1",5,1,"root","string",null,null,"m1"]`,
    `["s\\u0031",5,1,"user","string",null,null,"m1"]`,
    `["s2",5,1,"user","string",null,null,"m1"]`,
    `["\\ud800",5,1,"user","string",null,null,"m1"]`,
    `[null,5,1,"user","string",null,null,"m1"]`,
    `{"0":"s1","1":5,"2":1,"3":"user","4":"string","7":"m1","length":8}`,
  ),
  fc.tuple(fc.nat({ max: 45 }), fc.nat({ max: 5 }), TEXTS).map(
    ([at, count, text]) => {
      const whole = `["s1",5,1,"user","string",null,null,"m1",{}]`;
      return whole.slice(0, at) + text + whole.slice(at + count);
    },
  ),
);

/** What follows attributes, and what can go wrong with it. */
const CONTENTS = fc.oneof(
  { arbitrary: fc.constant("\nm1"), weight: 4 },
  fc.constantFrom("", "\n", "\n[", "\n\nm1", "\0\nm1", "\r\nm1", " \nm1"),
  fc.constant('\n[{"type":"text","text":"m1"}]'),
);
const RECORDS = fc.tuple(ATTRIBUTES, CONTENTS).map((parts) => parts.join(""));

const BYTES = fc.uint8Array({ maxLength: 12 });
const VALUES: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { arbitrary: fc.constantFrom(...SAMPLES), weight: 4 },
  { arbitrary: TEXTS, weight: 1 },
  { arbitrary: JSON_VALUES.map((value) => JSON.stringify(value)), weight: 1 },
  { arbitrary: BYTES, weight: 1 },
);
const SCORES = fc.constantFrom(
  ...["0", "-1", "1.5", "inf", "-inf", "1e18", "1e300", "5e-324"],
  ...["8640000000000001", "9007199254740993", "4000000000000"],
);
const MEMBERS = fc.oneof(
  fc.constantFrom("s1", "s2", "m1", "n1", "2:s1ada", "9:s1", "gone", ":", "x:"),
  VALUES,
);

const SCRIBBLES: fc.Arbitrary<Scribble> = fc.oneof(
  // A field.
  fc.tuple(
    fc.constantFrom(...HASHES),
    fc.oneof(fc.constantFrom(...FIELDS), BYTES),
    VALUES,
  ).map(([key, field, value]) => ({
    key,
    write: ["HSET", field, value],
    replaces: false,
  })),
  fc.tuple(fc.constantFrom("message:m1", "message:m2"), RECORDS).map(
    ([key, value]) => ({
      key,
      write: ["HSET", "message", value],
      replaces: false,
    }),
  ),
  // A field that is gone.
  fc.tuple(
    fc.constantFrom(...HASHES),
    fc.constantFrom(...FIELDS, "message"),
  ).map(([key, field]) => ({ key, write: ["HDEL", field], replaces: false })),
  // A record of fields at random.
  fc.tuple(
    fc.constantFrom(...HASHES),
    fc.array(fc.tuple(fc.constantFrom(...FIELDS), VALUES), {
      minLength: 1,
      maxLength: 6,
    }),
  ).map(([key, fields]) => ({
    key,
    write: ["HSET", ...fields.flat()],
    replaces: true,
  })),
  // An entry.
  fc.tuple(fc.constantFrom(...SORTED), SCORES, MEMBERS).map(
    ([key, score, member]) => ({
      key,
      write: ["ZADD", score, member],
      replaces: false,
    }),
  ),
  MEMBERS.map((member) => ({
    key: "user:ada:sessions",
    write: ["SADD", member],
    replaces: false,
  })),
  // Another type.
  fc.tuple(
    fc.constantFrom(...HASHES, ...SORTED, ...OTHERS),
    fc.constantFrom("SET", "SADD", "RPUSH"),
    VALUES,
  ).map(([key, command, value]) => ({
    key,
    write: [command, value],
    replaces: true,
  })),
);

/** A few of them, and in what order the calls that follow are made. */
export interface ScribbledStore {
  readonly scribbles: readonly Scribble[];
  readonly calls: readonly (keyof typeof CALLS)[];
}

/** All calls on the session, and on all sessions. */
const CALLS = {
  getSession: (s: RedisAdapter) => s.getSession("s1"),
  getMessages: (s: RedisAdapter) => s.getMessages("s1"),
  newest: (s: RedisAdapter) => s.getMessages("s1", { order: "desc", limit: 1 }),
  byRole: (s: RedisAdapter) => s.getMessages("s1", { roles: ["user"] }),
  getMessage: (s: RedisAdapter) => s.getMessage("s1", "m1"),
  countMessages: (s: RedisAdapter) => s.countMessages("s1"),
  listSessions: (s: RedisAdapter) => s.listSessions(),
  byUser: (s: RedisAdapter) => s.listSessions({ userId: "ada" }),
  byTag: (s: RedisAdapter) => s.listSessions({ tags: ["a"] }),
  byActivity: (s: RedisAdapter) =>
    s.listSessions({ sortBy: "lastActivityAt", order: "desc", limit: 2 }),
  iterate: (s: RedisAdapter) => s.iterateSessions().next(),
  getExpired: (s: RedisAdapter) => s.getExpiredSessions(new Date(5000)),
  updateSession: (s: RedisAdapter) =>
    s.updateSession("s1", { userId: "bob", expiresAt: new Date(6) }),
  touchSession: (s: RedisAdapter) => s.touchSession("s1"),
  addMessage: (s: RedisAdapter) =>
    s.addMessage("s1", newMessage("new", { id: "m3" })),
  addAgain: (s: RedisAdapter) =>
    s.addMessages("s1", [
      newMessage("again", { id: "m1" }),
      newMessage("more", { id: "m4" }),
    ]),
  updateMessage: (s: RedisAdapter) =>
    s.updateMessage("s1", "m1", { content: "edited", metadata: {} }),
  deleteMessage: (s: RedisAdapter) => s.deleteMessage("s1", "m2"),
  deleteAll: (s: RedisAdapter) => s.deleteAllMessages("s1"),
  createOther: (s: RedisAdapter) =>
    s.createSession(newSession({ userId: "ada" })),
  reindex: (s: RedisAdapter) => s.reindex(),
} as const;

const NAMES = Object.keys(CALLS) as (keyof typeof CALLS)[];

/** Any of them. */
export const SCRIBBLED_STORES: fc.Arbitrary<ScribbledStore> = fc.record({
  scribbles: fc.array(SCRIBBLES, { minLength: 1, maxLength: 4 }),
  calls: fc.shuffledSubarray(NAMES, { minLength: 4, maxLength: 10 }),
});

/** Makes both sessions. */
export async function fillForScribbles(place: HostilePlace): Promise<void> {
  const storage = place.open({ ttlSeconds: 600 });
  for (const [id, letter] of [["s1", "m"], ["s2", "n"]] as const) {
    await storage.createSession(newSession({
      id,
      userId: "ada",
      expiresAt: new Date(1000),
      metadata: { tags: ["a"] },
    }));
    for (const number of [1, 2]) {
      const sent = { id: `${letter}${number}`, metadata: { annotations: {} } };
      await storage.addMessage(id, newMessage(`of ${id}`, sent));
    }
  }
}

/** Fails unless every call answers, or tells what is wrong, and "s2" stays what it is. */
export async function assertBorne(
  place: HostilePlace,
  { scribbles, calls }: ScribbledStore,
): Promise<void> {
  const corrupt: StorageError[] = [];
  const storage = place.open({ ttlSeconds: 600 });
  const tolerant = place.open({
    ttlSeconds: 600,
    onCorrupt: (error) => corrupt.push(error),
  });
  const whole = {
    session: await storage.getSession("s2"),
    messages: await storage.getMessages("s2"),
  };
  for (const { key, write: [command, ...args], replaces } of scribbles) {
    const name = keyOf(place, key);
    if (replaces) await place.send("UNLINK", name);
    // Some do not fit what an earlier one has left there.
    await place.send(command!, name, ...args).catch((error) => {
      if (!/^WRONGTYPE/.test(error.message)) throw error;
    });
  }
  for (const name of calls) {
    for (const each of [storage, tolerant]) {
      try {
        await CALLS[name](each);
      } catch (error) {
        assertRefusal(error, ["corrupt-data", "not-found", "already-exists"]);
      }
    }
    assertEquals(await storage.getMessages("s2"), whole.messages, name);
    assertEquals(await storage.getSession("s2"), whole.session, name);
  }
  for (const error of corrupt) assertRefusal(error, ["corrupt-data"]);
  await storage.deleteSession("s1");
  assertEquals(await storage.getSession("s1"), null);
  assertEquals(await storage.getMessages("s1"), []);
  assertEquals(await storage.getMessages("s2"), whole.messages);
  const left = await place.read();
  assert(!/^session:\{?s1\}?[: ]/m.test(left), left);
}

function keyOf({ isTagged }: HostilePlace, key: string): string {
  if (!isTagged) return key;
  return key.replace(/^session:s1/, "session:{s1}")
    .replace(/^message:/, "message:{s1}:");
}

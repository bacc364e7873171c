/**
 * Random steps of several adapters with different TTLs on the same sessions.
 *
 * @module
 */

import fc from "fast-check";
import {
  ConcurrencyError,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import type { Reading } from "./passing_time.ts";
import { newMessage, newSession, unset } from "./records.ts";
import type { TestStoreOptions } from "./test_bed.ts";

/** The adapters, by the names that a counterexample calls them by. */
export const ADAPTERS = {
  "8 s": { ttlSeconds: 8 },
  "20 s": { ttlSeconds: 20, refreshTtlOnRead: true },
  "100 s": { ttlSeconds: 100 },
  "no TTL": {},
} as const satisfies Record<string, TestStoreOptions>;

/** The name of an adapter. */
export type AdapterName = keyof typeof ADAPTERS;

/** The longest TTL of an adapter, in ms. */
export const LONGEST_TTL_MS = 100_000;

/** A call of one adapter; each uses what it needs of the rest. */
export interface Call {
  readonly by: AdapterName;
  readonly call: keyof typeof CALLS;
  readonly session: string;
  readonly message: string;
  readonly user: string | undefined;
}

/** What happens next: a call, or that time passes. */
export type Step = Call | { readonly passMs: number };

/** Makes a call, and tells whether it started the session's TTL again. */
type MakeCall = (
  storage: RedisAdapter,
  call: Call,
  before: Reading,
) => Promise<boolean>;

/** An id that is in use in another session would be refused. */
function messageId({ session, message }: Call): string {
  return session + message;
}

function hasMessage(call: Call, { keys }: Reading): boolean {
  const ids = keys.get(`session:${call.session}:messages`)?.members;
  return ids?.includes(messageId(call)) ?? false;
}

function userOf({ user }: Call): { userId?: string } {
  return user === undefined ? unset("userId") : { userId: user };
}

/** Whether the adapter's reads start the TTL again too. */
function isKeen({ by }: Call): boolean {
  return "refreshTtlOnRead" in ADAPTERS[by];
}

const CALLS = {
  "createSession()": async (storage, call) => {
    const { user } = call;
    const owner = user === undefined ? {} : { userId: user };
    await storage.createSession(newSession({ id: call.session, ...owner }));
    return true;
  },
  "updateSession()": async (storage, call) => {
    await storage.updateSession(call.session, userOf(call));
    return true;
  },
  "updateSession() of the expected version": async (storage, call) => {
    const session = await storage.getSession(call.session);
    const expectedVersion = session?.version ?? 1;
    await storage.updateSession(call.session, userOf(call), {
      expectedVersion,
    });
    return true;
  },
  "updateSession() of a stale version": async (storage, call) => {
    const options = { expectedVersion: 1_000_000 };
    await storage.updateSession(call.session, userOf(call), options);
    return true;
  },
  "addMessage()": async (storage, call, before) => {
    const message = newMessage("Hi", { id: messageId(call) });
    await storage.addMessage(call.session, message);
    // A message that is there already is not written again.
    return !hasMessage(call, before);
  },
  "addMessages()": async (storage, call) => {
    const message = newMessage("Hi", { id: messageId(call) });
    await storage.addMessages(call.session, [message, newMessage()]);
    return true;
  },
  "updateMessage()": async (storage, call) => {
    const updates = { content: "Ho" };
    await storage.updateMessage(call.session, messageId(call), updates);
    return true;
  },
  "deleteMessage()": async (storage, call, before) => {
    await storage.deleteMessage(call.session, messageId(call));
    return hasMessage(call, before);
  },
  "deleteAllMessages()": async (storage, call) => {
    await storage.deleteAllMessages(call.session);
    return true;
  },
  "touchSession()": (storage, call) => storage.touchSession(call.session),
  "getSession()": async (storage, call) =>
    await storage.getSession(call.session) !== null && isKeen(call),
  "getMessages()": async (storage, call) => {
    await storage.getMessages(call.session);
    return isKeen(call);
  },
  "listSessions()": async (storage, call) => {
    await storage.listSessions(userOf(call));
    return false;
  },
  "deleteSession()": async (storage, call) => {
    await storage.deleteSession(call.session);
    return false;
  },
} as const satisfies Record<string, MakeCall>;

/** Makes a call as MakeCall says; one that is refused starts no TTL. */
export async function makeCall(
  storage: RedisAdapter,
  call: Call,
  before: Reading,
): Promise<boolean> {
  const make: MakeCall = CALLS[call.call];
  try {
    return await make(storage, call, before);
  } catch (error) {
    if (error instanceof ConcurrencyError) return false;
    const reason = error instanceof StorageError ? error.reason : undefined;
    if (reason === "not-found" || reason === "already-exists") return false;
    throw error;
  }
}

/** How often each call is made: most need a session, or a message, that is there. */
const WEIGHTS: Readonly<Record<Call["call"], number>> = {
  "createSession()": 6,
  "updateSession()": 2,
  "updateSession() of the expected version": 2,
  "updateSession() of a stale version": 1,
  "addMessage()": 6,
  "addMessages()": 2,
  "updateMessage()": 3,
  "deleteMessage()": 3,
  "deleteAllMessages()": 1,
  "touchSession()": 2,
  "getSession()": 2,
  "getMessages()": 2,
  "listSessions()": 1,
  "deleteSession()": 1,
};

/** A counterexample is easier to read without `__proto__`. */
const PLAIN = { noNullPrototype: true };

/** Makes a step. Waits last up to a quarter of one of the TTLs, or beyond all of them. */
const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      by: fc.constantFrom(...Object.keys(ADAPTERS) as AdapterName[]),
      call: fc.oneof(
        ...Object.entries(WEIGHTS).map(([name, weight]) => ({
          weight,
          arbitrary: fc.constant(name as Call["call"]),
        })),
      ),
      session: fc.constantFrom("1", "2"),
      message: fc.constantFrom("a", "b"),
      user: fc.constantFrom(undefined, "ada", "bob"),
    }, PLAIN),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      passMs: fc.oneof(
        ...[1000, 2000, 5000, 25_000, 130_000].map((max) => fc.nat({ max })),
      ),
    }, PLAIN),
  },
);

/** Makes series of steps. */
export const STEPS: fc.Arbitrary<Step[]> = fc.array(STEP, {
  maxLength: 100,
  size: "max",
});

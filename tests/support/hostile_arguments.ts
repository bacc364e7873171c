/**
 * Calls with arguments of any kind.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { assertRefusal } from "./hostile_contents.ts";
import type { HostilePlace } from "./hostile_places.ts";
import { TEXTS, VALUES } from "./hostile_values.ts";

/** A method and what it is called with. */
export interface HostileCall {
  readonly method: (typeof METHODS)[number];
  readonly args: readonly unknown[];
}

const METHODS = [
  "createSession",
  "getSession",
  "updateSession",
  "deleteSession",
  "listSessions",
  "iterateSessions",
  "addMessage",
  "addMessages",
  "getMessages",
  "getMessage",
  "countMessages",
  "updateMessage",
  "deleteMessage",
  "deleteAllMessages",
  "touchSession",
  "getExpiredSessions",
] as const;

const OPTIONS = [
  ...["userId", "status", "activeAgentId", "tags", "createdAfter"],
  ...["createdBefore", "limit", "offset", "order", "sortBy", "after"],
  ...["before", "roles", "expectedVersion", "id", "role", "content"],
];

const ARGUMENTS = fc.oneof(
  VALUES,
  TEXTS,
  fc.constant("x"),
  fc.dictionary(
    fc.constantFrom(...OPTIONS),
    fc.oneof(VALUES, fc.array(VALUES, { maxLength: 2 })),
    { maxKeys: 2, noNullPrototype: true },
  ),
  fc.array(VALUES, { maxLength: 2 }),
);

/** Calls of any method with anything. */
export const CALLS: fc.Arbitrary<HostileCall> = fc.record({
  method: fc.constantFrom(...METHODS),
  args: fc.array(ARGUMENTS, { minLength: 1, maxLength: 3 }),
});

/** Fails unless the call does what it says, or refuses; a session that it does not name stays as it is. */
export async function assertHarmless(
  place: HostilePlace,
  { method, args }: HostileCall,
): Promise<void> {
  const storage = place.open();
  const kept = await storage.getSession("s");
  const messages = await storage.getMessages("s");
  // The types forbid most of what is given.
  const call = storage[method] as (...args: readonly unknown[]) => unknown;
  try {
    const result = call.apply(storage, [...args]);
    await (method === "iterateSessions"
      ? (result as AsyncGenerator).next()
      : result);
  } catch (error) {
    assertRefusal(error, [
      ...["invalid-argument", "not-found", "already-exists"],
      "CONCURRENCY_CONFLICT",
    ]);
  }
  assertEquals(await storage.getSession("s"), kept);
  assertEquals(await storage.getMessages("s"), messages);
}

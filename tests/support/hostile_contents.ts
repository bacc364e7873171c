/**
 * Sessions and messages of hostile values: each comes back as it was given, or
 * is refused before anything is written.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  ConcurrencyError,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import type { HostilePlace } from "./hostile_places.ts";
import { JSON_OBJECTS, JSON_VALUES, TEXTS, VALUES } from "./hostile_values.ts";
import { newMessage, newSession } from "./records.ts";

/** Properties of a session or a message. */
type Fields = Record<string, unknown>;

/** What is written, and whether JSON carries all of it, so that it must not be refused. */
export interface Writing {
  readonly by: "create" | "update" | "append" | "edit";
  readonly fields: Fields;
  readonly isCarried: boolean;
}

const NUMBERS = fc.oneof(
  fc.constantFrom(0, -1, 1e21, 5e-324, 1.7976931348623157e308),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each || 0),
);
const WELL_FORMED = TEXTS.map((text) => text.toWellFormed());
const DATES = fc.date({ noInvalidDate: true });

const SESSION_FIELDS: Record<string, fc.Arbitrary<unknown>> = {
  userId: WELL_FORMED,
  activeAgentId: WELL_FORMED,
  metadata: fc.record({
    title: TEXTS,
    tags: fc.array(TEXTS, { maxLength: 3 }),
    custom: JSON_VALUES,
  }),
  participants: fc.array(
    fc.record({
      id: WELL_FORMED.map((text) => `p${text}`),
      role: fc.constantFrom("user", "agent", "observer"),
      joinedAt: DATES,
      metadata: JSON_OBJECTS,
    }),
    { maxLength: 2 },
  ),
  expiresAt: DATES,
  tokenCount: NUMBERS,
  schemaVersion: NUMBERS,
  compressionState: fc.record({
    strategy: fc.constant("hybrid"),
    summary: TEXTS,
    keptMessageIds: fc.array(TEXTS, { maxLength: 2 }),
    signature: TEXTS,
    compressedTokenCount: NUMBERS,
    updatedAt: DATES,
  }),
};

const MESSAGE_FIELDS: Record<string, fc.Arbitrary<unknown>> = {
  content: fc.oneof(
    TEXTS,
    fc.array(
      fc.record({ type: fc.constant("text"), text: TEXTS, more: JSON_VALUES }),
      { maxLength: 3 },
    ),
  ),
  metadata: fc.record({
    toolCalls: fc.array(
      fc.record({ id: TEXTS, name: TEXTS, arguments: TEXTS }),
      { maxLength: 2 },
    ),
    toolResults: fc.array(fc.record({ toolCallId: TEXTS, result: TEXTS }), {
      maxLength: 2,
    }),
    annotations: JSON_OBJECTS,
  }, { requiredKeys: [] }),
  tokenCount: NUMBERS,
  updatedAt: DATES,
};

/** Writes of any values, carried or not. */
export const WRITINGS: fc.Arbitrary<Writing> = fc
  .constantFrom("create", "update", "append", "edit").chain((by) => {
    const carried = by === "create" || by === "update"
      ? SESSION_FIELDS
      : MESSAGE_FIELDS;
    const names = Object.keys(carried);
    const some = (fields: Record<string, fc.Arbitrary<unknown>>) =>
      fc.record(fields, { requiredKeys: [] });
    return fc.oneof(
      some(carried).map((fields) => ({ by, fields, isCarried: true })),
      fc.tuple(some(carried), fc.constantFrom(...names), VALUES).map(
        ([fields, name, value]) => ({
          by,
          fields: { ...fields, [name]: value },
          isCarried: false,
        }),
      ),
    );
  });

/** How many inputs a write has. */
export const inputsOf = ({ fields }: Writing): number =>
  Object.keys(fields).length;

/** Makes the session and the message that writes change. */
export async function fillForWriting(place: HostilePlace): Promise<void> {
  const storage = place.open();
  await storage.createSession(newSession({ id: "s" }));
  await storage.addMessage("s", newMessage("Hi", { id: "m" }));
}

/** Fails unless the write carries all that was given, or leaves everything as it was. */
export async function assertCarriedOrRefused(
  place: HostilePlace,
  { by, fields, isCarried }: Writing,
): Promise<void> {
  const storage = place.open();
  const before = await place.read();
  let written: Fields;
  try {
    written = await write(storage, by, fields);
  } catch (error) {
    if (isCarried) throw error;
    assertRefusal(error);
    assertEquals(await place.read(), before, "something was written");
    return;
  }
  for (const [name, value] of Object.entries(fields)) {
    assertSame(written[name], value, name);
  }
  assertEquals(await readAgain(storage, by, written), written);
}

async function write(
  storage: RedisAdapter,
  by: Writing["by"],
  fields: Fields,
): Promise<Fields> {
  // The types forbid most of what is given.
  const given = fields as never;
  const record = by === "create"
    ? await storage.createSession({ ...newSession(), ...given as object })
    : by === "update"
    ? await storage.updateSession("s", given)
    : by === "append"
    ? await storage.addMessage("s", { ...newMessage(), ...given as object })
    : await storage.updateMessage("s", "m", given);
  return { ...record };
}

async function readAgain(
  storage: RedisAdapter,
  by: Writing["by"],
  { id }: Fields,
): Promise<unknown> {
  if (by === "create" || by === "update") {
    const listed = await storage.listSessions();
    const session = await storage.getSession(id as string);
    assertEquals(listed.find((each) => each.id === id), session ?? undefined);
    return session;
  }
  const history = await storage.getMessages("s");
  const message = await storage.getMessage("s", id as string);
  assertEquals(history.find((each) => each.id === id), message ?? undefined);
  return message;
}

/** Fails unless JSON has the same for both, in the same order, and texts and Dates are the same. */
function assertSame(actual: unknown, given: unknown, name: string): void {
  // A field that is given as undefined is absent, or has a default.
  if (given === undefined) return;
  const expected = given instanceof Date || typeof given === "string"
    ? given
    : JSON.parse(JSON.stringify(given));
  const found = actual instanceof Date || typeof actual === "string"
    ? actual
    : JSON.parse(JSON.stringify(actual));
  assertEquals(found, expected, name);
  assertEquals(JSON.stringify(actual), JSON.stringify(given), name);
}

/** Fails unless the error is one of the adapter's own, with the right reason. */
export function assertRefusal(
  error: unknown,
  reasons: readonly string[] = ["invalid-argument"],
): void {
  if (error instanceof ConcurrencyError && reasons.includes(error.code)) return;
  assert(error instanceof StorageError, String(error));
  // What a getter of the caller's throws has no reason that the adapter knows.
  const isThrown = error.cause instanceof Error && error.cause.message === "no";
  assert(
    reasons.includes(error.reason) || isThrown && error.reason === "unknown",
    `${error.reason}: ${error.message}`,
  );
  assert(error.message.startsWith("Cannot "), error.message);
}

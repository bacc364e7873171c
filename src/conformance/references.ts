/**
 * Whether a store and its callers change each other's objects.
 *
 * @module
 */

import { equal, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { fullMessage, fullSession, newSession } from "./samples.ts";

/** Declares the tests of objects that are passed in and handed out. */
export function describeReferences({ test }: Group): void {
  test("createSession() keeps no reference to the caller's objects", async ({ adapter }) => {
    const given = fullSession();
    const made = await adapter.createSession(given);
    spoil(given);
    const { id, createdAt, lastActivityAt } = made;
    equal(made, { ...fullSession(), id, createdAt, lastActivityAt });
    equal(await adapter.getSession(id), made);
  });

  test("updateSession() keeps no reference to the caller's objects", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const given = fullSession();
    const updated = await adapter.updateSession(id, given);
    spoil(given);
    equal(updated, { ...updated, ...fullSession() });
    equal(await adapter.getSession(id), updated);
  });

  test("getSession() returns objects that are the caller's own", async ({ adapter }) => {
    const made = await adapter.createSession(fullSession());
    const { id } = made;
    // A stored object that is handed out would change along with a mere reference.
    const before = structuredClone(made);
    spoil(made);
    equal(await adapter.getSession(id), before);
    spoil(present(await adapter.getSession(id)));
    equal(await adapter.getSession(id), before);
    spoil(present((await adapter.listSessions())[0]));
    equal(await adapter.getSession(id), before);
    const updated = await adapter.updateSession(id, { userId: "bob" });
    const after = structuredClone(updated);
    spoil(updated);
    equal(await adapter.getSession(id), after);
  });

  test("addMessage() keeps no reference to the caller's objects", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const given = fullMessage();
    const added = await adapter.addMessage(id, given);
    spoil(given);
    equal(await adapter.getMessages(id), [added]);
    const { content, metadata } = fullMessage();
    equal([added.content, added.metadata], [content, metadata]);
    spoil(added);
    spoil(present((await adapter.getMessages(id))[0]));
    const [read] = await adapter.getMessages(id);
    equal([read?.content, read?.metadata], [content, metadata]);
  });
}

/** Changes everything inside of an object, dates included. */
function spoil(value: object): void {
  if (value instanceof Date) value.setTime(0);
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) spoil(inner);
  }
  Reflect.set(value, "spoiled", true);
}

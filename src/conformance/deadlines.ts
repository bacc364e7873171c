/**
 * What a storage adapter knows of the deadlines that applications set.
 *
 * @module
 */

import { equal } from "./assertions.ts";
import type { Group } from "./group.ts";
import { newMessage, newSession, unset } from "./samples.ts";

/** Declares the tests of getExpiredSessions(). */
export function describeDeadlines({ test }: Group): void {
  const noon = new Date("2031-01-01T12:00:00.000Z");
  const at = (milliseconds: number) => new Date(noon.getTime() + milliseconds);

  test("getExpiredSessions() includes a deadline at that very moment", async ({ adapter }) => {
    await adapter.createSession(newSession({ id: "due", expiresAt: noon }));
    equal(await adapter.getExpiredSessions(at(-1)), []);
    equal(await adapter.getExpiredSessions(noon), ["due"]);
    equal(await adapter.getExpiredSessions(at(1)), ["due"]);
  });

  test("getExpiredSessions() returns the soonest first", async ({ adapter }) => {
    const deadlines = { c: 30, a: 20, d: 10, b: 40, e: 60_000 };
    for (const [id, due] of Object.entries(deadlines)) {
      await adapter.createSession(newSession({ id, expiresAt: at(due) }));
    }
    await adapter.createSession(newSession({ id: "never" }));
    equal(await adapter.getExpiredSessions(at(40)), ["d", "a", "c", "b"]);
    equal(await adapter.getExpiredSessions(at(9)), []);
  });

  test("getExpiredSessions() returns a session whatever its status", async ({ adapter }) => {
    const statuses = ["active", "paused", "completed", "expired"] as const;
    for (const [index, status] of statuses.entries()) {
      await adapter.createSession(
        newSession({ id: status, status, expiresAt: at(index) }),
      );
    }
    equal(await adapter.getExpiredSessions(at(10)), statuses);
  });

  test("getExpiredSessions() follows the deadline", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    equal(await adapter.getExpiredSessions(noon), []);
    await adapter.updateSession(id, { expiresAt: at(20) });
    equal(await adapter.getExpiredSessions(noon), []);
    await adapter.updateSession(id, { expiresAt: at(-10) });
    equal(await adapter.getExpiredSessions(noon), [id]);
    await adapter.addMessage(id, newMessage());
    equal(await adapter.getExpiredSessions(noon), [id]);
    await adapter.updateSession(id, { expiresAt: at(10) });
    equal(await adapter.getExpiredSessions(noon), []);
    equal(await adapter.getExpiredSessions(at(10)), [id]);
    await adapter.updateSession(id, unset("expiresAt"));
    equal(await adapter.getExpiredSessions(at(10)), []);
  });

  test("getExpiredSessions() removes nothing", async ({ adapter }) => {
    const made = await adapter.createSession(
      newSession({ expiresAt: new Date("2001-01-01") }),
    );
    equal(await adapter.getExpiredSessions(noon), [made.id]);
    equal(await adapter.getExpiredSessions(noon), [made.id]);
    equal(await adapter.getSession(made.id), made);
    await adapter.deleteSession(made.id);
    equal(await adapter.getExpiredSessions(noon), []);
  });
}

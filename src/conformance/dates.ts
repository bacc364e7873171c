/**
 * How the dates of sessions and messages come back: as Dates, to the
 * millisecond.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Session } from "../types.ts";
import { equal, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { fullMessage, fullSession, newSession } from "./samples.ts";

/** Declares the tests of round trips of dates. */
export function describeDates({ test }: Group): void {
  test("getSession() returns every date as a Date", async ({ adapter }) => {
    const { id } = await adapter.createSession(fullSession());
    for (
      const session of [
        present(await adapter.getSession(id)),
        present((await adapter.listSessions())[0]),
        await adapter.updateSession(id, { userId: "bob" }),
      ]
    ) {
      const [first, second] = session.participants;
      const found = [
        session.createdAt,
        session.lastActivityAt,
        session.expiresAt,
        first?.joinedAt,
        second?.joinedAt,
        second?.leftAt,
        session.compressionState?.updatedAt,
      ];
      equal(found.map((date) => date instanceof Date), found.map(() => true));
    }
  });

  test("getMessages() returns every date as a Date", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const added = await adapter.addMessage(id, fullMessage());
    const [read] = await adapter.getMessages(id);
    const updated = await adapter.updateMessage(id, added.id, {});
    for (const message of [added, present(read), updated]) {
      assert.ok(message.createdAt instanceof Date);
      assert.ok(message.updatedAt instanceof Date);
    }
  });

  test("createSession() keeps remote dates to the millisecond", async ({ adapter }) => {
    for (const milliseconds of [0, -1, -62135596800000, 253402300799999]) {
      const date = new Date(milliseconds);
      const fields: Partial<Session> = {
        expiresAt: date,
        participants: [{ id: "p", role: "user", joinedAt: date, leftAt: date }],
      };
      const made = await adapter.createSession(newSession(fields));
      equal(made, { ...made, ...fields });
      equal(await adapter.getSession(made.id), made);
    }
  });
}

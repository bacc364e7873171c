/**
 * How a storage adapter keeps writers apart by the version of a session.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  equal,
  isConflict,
  present,
  property,
  rejection,
} from "./assertions.ts";
import type { Group } from "./group.ts";
import { failures, race, RACERS, soleWinner } from "./racing.ts";
import { fullSession, newSession } from "./samples.ts";
import type { CompleteAdapter } from "./subject.ts";

/** Declares the tests of `expectedVersion`. */
export function describeLocking(group: Group): void {
  if (group.capabilities.optimisticLocking) expectedVersion(group);
  else refusesExpectedVersion(group);
}

function expectedVersion({ test }: Group): void {
  test("updateSession() accepts the expected version", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const updated = await adapter.updateSession(
      id,
      { userId: "ada" },
      { expectedVersion: 1 },
    );
    equal([updated.userId, updated.version], ["ada", 2]);
    equal(await adapter.getSession(id), updated);
  });

  test("updateSession() refuses a stale version", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(fullSession());
    await adapter.updateSession(id, { userId: "eve" });
    for (const stale of [3, 5, 0]) {
      await subject.changesNothing(async () => {
        const error = await rejection(() =>
          adapter.updateSession(
            id,
            { status: "completed", userId: "bob" },
            { expectedVersion: stale },
          )
        );
        isConflict(error, id, stale, 4);
      });
    }
  });

  test("updateSession() takes a whole session and locks it", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const mine = present(await adapter.getSession(id));
    const theirs = present(await adapter.getSession(id));
    const updated = await adapter.updateSession(
      id,
      { ...mine, userId: "ada" },
      { expectedVersion: 1 },
    );
    assert.equal(updated.version, 2);
    const error = await rejection(() =>
      adapter.updateSession(
        id,
        { ...theirs, userId: "eve" },
        { expectedVersion: 1 },
      )
    );
    isConflict(error, id, 1, 2);
    equal(await adapter.getSession(id), updated);
  });

  test("updateSession() sets another version than the expected one", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const updated = await adapter.updateSession(
      id,
      { version: 7 },
      { expectedVersion: 1 },
    );
    assert.equal(updated.version, 7);
    equal(await adapter.getSession(id), updated);
  });

  test("updateSession() finds no version of a missing session", async (subject) => {
    const { adapter } = subject;
    await subject.fails(
      () => adapter.updateSession("nobody", {}, { expectedVersion: 1 }),
      "not-found",
      { names: ["nobody"] },
    );
  });

  test(`updateSession() lets one of ${RACERS} racers win`, async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const outcomes = await race(
      await subject.contenders(),
      (racer, number) =>
        racer.updateSession(
          id,
          { userId: `racer${number}`, tokenCount: number },
          { expectedVersion: 1 },
        ),
    );
    const winner = soleWinner(outcomes);
    for (const error of failures(outcomes)) isConflict(error, id, 1, 2);
    assert.equal(winner.version, 2);
    assert.equal(winner.userId, `racer${winner.tokenCount}`);
    equal(await adapter.getSession(id), winner);
  });

  test("updateSession() loses no step of a counter", async (subject) => {
    const { id } = await subject.adapter.createSession(
      newSession({ tokenCount: 0 }),
    );
    const outcomes = await race(
      await subject.contenders(),
      (racer) => countUp(racer, id),
    );
    equal(failures(outcomes), []);
    const session = present(await subject.adapter.getSession(id));
    equal([session.tokenCount, session.version], [RACERS, RACERS + 1]);
  });
}

function refusesExpectedVersion({ test }: Group): void {
  test("updateSession() refuses expectedVersion", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    await subject.changesNothing(() =>
      subject.fails(
        () =>
          adapter.updateSession(id, { userId: "ada" }, { expectedVersion: 1 }),
        "invalid-argument",
      )
    );
  });
}

/** Adds one to `tokenCount`, trying again while others are faster. */
async function countUp(adapter: CompleteAdapter, id: string): Promise<void> {
  // Each lost attempt is another racer's only win.
  for (let attempt = 1; attempt <= RACERS; attempt++) {
    const { tokenCount = 0, version = 0 } = present(
      await adapter.getSession(id),
    );
    try {
      await adapter.updateSession(
        id,
        { tokenCount: tokenCount + 1 },
        { expectedVersion: version },
      );
      return;
    } catch (error) {
      if (property(error, "code") !== "CONCURRENCY_CONFLICT") throw error;
    }
  }
  assert.fail(`A racer loses ${RACERS} times, more often than others can win`);
}

/**
 * What a storage adapter does when several callers write at once. Nothing here
 * depends on timing: the tests assert what must hold however the calls
 * interleave.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Session } from "../types.ts";
import { equal, present, property } from "./assertions.ts";
import type { Group } from "./group.ts";
import { describeLocking } from "./locking.ts";
import { describeMessageRaces } from "./message_races.ts";
import {
  failures,
  race,
  RACERS,
  ROUNDS,
  soleWinner,
  successes,
} from "./racing.ts";
import { newMessage, newSession } from "./samples.ts";

/** Declares the tests of optimistic locking and of concurrent writes. */
export function describeConcurrency(group: Group): void {
  describeLocking(group);
  updateSession(group);
  createSession(group);
  deleteSession(group);
  describeMessageRaces(group);
}

function updateSession({ test }: Group): void {
  test("updateSession() lets writers of different fields both win", async (subject) => {
    const { adapter } = subject;
    const fields: Partial<Session>[] = [
      { userId: "ada" },
      { activeAgentId: "planner" },
      { status: "completed" },
      { metadata: { title: "Trains" } },
      { tokenCount: 9 },
      { messageCount: 3 },
      { schemaVersion: 2 },
      { expiresAt: new Date("2031-01-01") },
    ];
    const contenders = await subject.contenders();
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await adapter.createSession(newSession());
      await Promise.all(
        fields.map((field, index) =>
          present(contenders[index % contenders.length])
            .updateSession(id, field)
        ),
      );
      const session = present(await adapter.getSession(id));
      equal(session, {
        ...session,
        ...Object.assign({}, ...fields),
        version: fields.length + 1,
      });
    }
  });

  test("updateSession() gives every update a version of its own", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const outcomes = await race(
      await subject.contenders(),
      (racer, number) => racer.updateSession(id, { userId: `racer${number}` }),
    );
    const updated = successes(outcomes);
    const versions = updated.map(({ version }) => version ?? 0);
    equal(
      versions.sort((a, b) => a - b),
      Array.from({ length: RACERS }, (_, index) => index + 2),
    );
    const last = updated.find(({ version }) => version === RACERS + 1);
    equal(await adapter.getSession(id), last);
  });
}

function createSession({ test }: Group): void {
  test(`createSession() lets one of ${RACERS} racers take an id`, async (subject) => {
    const { adapter } = subject;
    const outcomes = await race(
      await subject.contenders(),
      (racer, number) =>
        racer.createSession(
          newSession({ id: "wanted", userId: `racer${number}` }),
        ),
    );
    const winner = soleWinner(outcomes);
    for (const error of failures(outcomes)) {
      assert.equal(property(error, "code"), "STORAGE_ERROR");
    }
    equal(await adapter.getSession("wanted"), winner);
    equal(await adapter.listSessions(), [winner]);
    const index = await Promise.all(
      outcomes.map((_, number) =>
        adapter.listSessions({ userId: `racer${number}` })
      ),
    );
    equal(index.flat(), [winner]);
  });
}

function deleteSession({ test }: Group): void {
  test("deleteSession() is not undone by a racing write", async (subject) => {
    const { adapter } = subject;
    const contenders = await subject.contenders();
    for (let round = 0; round < ROUNDS; round++) {
      await adapter.createSession(newSession({ id: "brief" }));
      const outcomes = await race(
        contenders,
        (racer, number): Promise<unknown> => {
          if (number === RACERS / 2) return racer.deleteSession("brief");
          return number % 3 === 0
            ? racer.updateSession("brief", { userId: "ada" })
            : racer.addMessage("brief", newMessage());
        },
      );
      for (const error of failures(outcomes)) {
        assert.equal(property(error, "code"), "STORAGE_ERROR");
      }
      assert.equal(await adapter.getSession("brief"), null);
      equal(await adapter.listSessions(), []);
      equal(await adapter.listSessions({ userId: "ada" }), []);
      equal(await adapter.getMessages("brief"), []);
      await adapter.createSession(newSession({ id: "brief" }));
      equal(await adapter.getMessages("brief"), []);
      await adapter.deleteSession("brief");
    }
  });
}

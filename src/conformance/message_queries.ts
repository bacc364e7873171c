/**
 * What a storage adapter finds among the messages of a session.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Message, MessageQueryOptions, MessageRole } from "../types.ts";
import { equal, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { newMessage, newSession, unset } from "./samples.ts";
import type { Subject } from "./subject.ts";

const MESSAGES = 24;
const ROLES: MessageRole[] = ["user", "assistant", "system", "user", "tool"];

/** Declares the tests of reading a part of a history. */
export function describeMessageQueries({ test }: Group): void {
  const queries: Record<string, MessageQueryOptions> = {
    "no options": {},
    "the order asc": { order: "asc" },
    "the order desc": { order: "desc" },
    "a limit": { limit: 5 },
    "a limit of 0": { limit: 0 },
    "a limit beyond the end": { limit: 1000 },
    "an offset": { offset: 5 },
    "an offset of 0": { offset: 0 },
    "an offset beyond the end": { offset: 1000 },
    "an offset and a limit": { offset: 4, limit: 3 },
    "a page that runs over the end": { offset: 20, limit: 10 },
    "a page in the order desc": { offset: 4, limit: 3, order: "desc" },
    "one role": { roles: ["assistant"] },
    "two roles": { roles: ["tool", "user"] },
    "no role in particular": { roles: [] },
    "a page of a role": { roles: ["tool"], offset: 1, limit: 2 },
    "the newest of a role": { roles: ["user"], order: "desc", limit: 3 },
    "a limit of 0 and a role": { roles: ["user"], limit: 0 },
  };
  for (const [name, query] of Object.entries(queries)) {
    test(`getMessages() reads by ${name}`, async (subject) => {
      const messages = await conversation(subject);
      const { sessionId } = present(messages[0]);
      const expected = choose(messages, query);
      equal(await subject.adapter.getMessages(sessionId, query), expected);
    });
  }

  test("getMessages() excludes both ends of a time range", async (subject) => {
    const messages = await conversation(subject);
    const { sessionId } = present(messages[0]);
    const after = present(messages[3]).createdAt;
    const before = present(messages.at(-4)).createdAt;
    const ranges: MessageQueryOptions[] = [
      { after },
      { before },
      { after, before },
      { after, before: after },
      { after: before, before: after },
      { after, order: "desc" },
      { before, order: "desc", limit: 2 },
      { after, before, limit: 4, offset: 2 },
      { after, before, roles: ["user"], order: "desc", limit: 3, offset: 1 },
      { after, roles: ["tool"] },
    ];
    for (const range of ranges) {
      const expected = choose(messages, range);
      equal(await subject.adapter.getMessages(sessionId, range), expected);
    }
  });

  test("getMessages() takes an undefined option as absent", async (subject) => {
    const messages = await conversation(subject);
    const read = await subject.adapter.getMessages(
      present(messages[0]).sessionId,
      unset("limit", "offset", "order", "after", "before", "roles"),
    );
    equal(read, messages);
  });

  test("getMessages() returns a page that is short only at the end", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    await Promise.all(
      Array.from({ length: 150 }, (_, index) =>
        adapter.addMessage(
          id,
          newMessage({ role: index % 10 === 9 ? "tool" : "user" }),
        )),
    );
    const all = await adapter.getMessages(id, { roles: ["tool"] });
    assert.equal(all.length, 15);
    for (const order of ["asc", "desc"] as const) {
      const expected = order === "asc" ? all : all.toReversed();
      const page = (offset: number) =>
        adapter.getMessages(id, { roles: ["tool"], offset, limit: 4, order });
      equal(await page(0), expected.slice(0, 4));
      equal(await page(4), expected.slice(4, 8));
      equal(await page(8), expected.slice(8, 12));
      equal(await page(12), expected.slice(12));
      equal(await page(16), []);
    }
  });
}

/** Stores messages of all roles over several moments; returns them in order. */
async function conversation(subject: Subject): Promise<Message[]> {
  const { adapter } = subject;
  const { id } = await adapter.createSession(newSession());
  const messages: Message[] = [];
  for (let index = 0; index < MESSAGES; index++) {
    const role = present(ROLES[index % ROLES.length]);
    messages.push(await adapter.addMessage(id, newMessage({ role })));
    if (index % 6 === 5) await subject.tick();
  }
  return messages;
}

/** Says what a query has to return, in the plainest way. */
function choose(messages: Message[], query: MessageQueryOptions): Message[] {
  const { after, before, roles = [], order } = query;
  const { offset = 0, limit = Infinity } = query;
  const matching = messages.filter(({ createdAt, role }) =>
    (after === undefined || createdAt > after) &&
    (before === undefined || createdAt < before) &&
    (roles.length === 0 || roles.includes(role))
  );
  return (order === "desc" ? matching.toReversed() : matching)
    .slice(offset, offset + limit);
}

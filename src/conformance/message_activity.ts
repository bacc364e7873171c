/**
 * Which calls on messages count as activity of their session: those that
 * append, and no others.
 *
 * @module
 */

import { equal, later, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { fullSession, newMessage } from "./samples.ts";
import type { CompleteAdapter, Subject } from "./subject.ts";

/** Declares the tests of what moves `lastActivityAt`, and of what does not. */
export function describeMessageActivity(group: Group): void {
  moves(group);
  doesNotMove(group);
}

function moves({ test, capabilities }: Group): void {
  test("addMessage() moves lastActivityAt and nothing else", async (subject) => {
    const { adapter } = subject;
    const made = await adapter.createSession(fullSession());
    await subject.tick();
    await adapter.addMessage(made.id, newMessage());
    const session = present(await adapter.getSession(made.id));
    later(session.lastActivityAt, made.lastActivityAt);
    equal(session, { ...made, lastActivityAt: session.lastActivityAt });
  });

  if (!capabilities.addMessages) return;
  test("addMessages() moves lastActivityAt and nothing else", async (subject) => {
    const { adapter } = subject;
    const made = await adapter.createSession(fullSession());
    await subject.tick();
    await adapter.addMessages(made.id, [newMessage(), newMessage()]);
    const session = present(await adapter.getSession(made.id));
    later(session.lastActivityAt, made.lastActivityAt);
    equal(session, { ...made, lastActivityAt: session.lastActivityAt });
  });
}

function doesNotMove({ test, capabilities }: Group): void {
  test("addMessage() leaves the session as it is when it is repeated", async (subject) => {
    await leavesSession(
      subject,
      (adapter, id) => adapter.addMessage(id, newMessage({ id: "m1" })),
    );
  });

  test("updateMessage() leaves the session as it is", async (subject) => {
    await leavesSession(
      subject,
      (adapter, id) => adapter.updateMessage(id, "m1", { content: "Anew" }),
    );
  });

  test("deleteMessage() leaves the session as it is", async (subject) => {
    await leavesSession(
      subject,
      (adapter, id) => adapter.deleteMessage(id, "m1"),
    );
  });

  test("deleteAllMessages() leaves the session as it is", async (subject) => {
    await leavesSession(
      subject,
      (adapter, id) => adapter.deleteAllMessages(id),
    );
  });

  if (!capabilities.addMessages) return;
  test("addMessages() leaves the session as it is when it is repeated", async (subject) => {
    await leavesSession(
      subject,
      (adapter, id) => adapter.addMessages(id, [newMessage({ id: "m1" })]),
    );
  });
}

async function leavesSession(
  subject: Subject,
  call: (adapter: CompleteAdapter, id: string) => Promise<unknown>,
): Promise<void> {
  const { adapter } = subject;
  const { id } = await adapter.createSession(fullSession());
  await adapter.addMessage(id, newMessage({ id: "m1" }));
  const before = await adapter.getSession(id);
  await subject.tick();
  await call(adapter, id);
  equal(await adapter.getSession(id), before);
  equal(await adapter.listSessions(), [before]);
}

/**
 * What a storage adapter does with several messages in one call.
 *
 * @module
 */

import { equal } from "./assertions.ts";
import type { Group } from "./group.ts";
import { fullMessage, invalid, newMessage, newSession } from "./samples.ts";

/** Declares the tests of addMessages(). */
export function describeMessageBatches(group: Group): void {
  appends(group);
  allOrNone(group);
}

function appends({ test }: Group): void {
  test("addMessages() appends the messages in their order", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const first = await adapter.addMessage(id, newMessage());
    const given = [
      fullMessage(),
      newMessage({ id: "z" }),
      newMessage({ id: "a", role: "tool" }),
    ];
    const added = await adapter.addMessages(id, given);
    equal(
      added,
      given.map((message, index) => ({
        ...message,
        id: added[index]?.id,
        sessionId: id,
        sequence: index + 2,
        createdAt: added[index]?.createdAt,
      })),
    );
    equal(added.slice(1).map((message) => message.id), ["z", "a"]);
    equal(await adapter.getMessages(id), [first, ...added]);
  });

  test("addMessages() accepts an empty list", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    equal(await adapter.addMessages(id, []), []);
    equal(await adapter.getMessages(id), []);
  });

  test("addMessages() appends nothing twice when it is repeated", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const batch = [newMessage({ id: "m1" }), newMessage({ id: "m2" })];
    const added = await adapter.addMessages(id, batch);
    equal(await adapter.addMessages(id, batch), added);
    equal(await adapter.getMessages(id), added);
    const [known, fresh] = await adapter.addMessages(id, [
      newMessage({ id: "m2", content: "Else" }),
      newMessage({ id: "m3" }),
    ]);
    equal(known, added[1]);
    equal(await adapter.getMessages(id), [...added, fresh]);
  });
}

function allOrNone({ test, capabilities }: Group): void {
  test("addMessages() refuses a missing session and writes nothing", async (subject) => {
    const { adapter } = subject;
    await subject.fails(
      () => adapter.addMessages("nobody", [newMessage({ id: "m1" })]),
      "not-found",
      { names: ["nobody"] },
    );
    equal(await adapter.getMessages("nobody"), []);
    await adapter.createSession(newSession({ id: "nobody" }));
    equal(await adapter.getMessages("nobody"), []);
  });

  test("addMessages() writes nothing if one message is unusable", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const unusable = [
      invalid({ role: "robot" }),
      invalid({ content: 42 }),
      invalid({ id: "" }),
      invalid({ metadata: { annotations: { big: 1n } } }),
    ];
    for (const fields of unusable) {
      await subject.changesNothing(() =>
        subject.fails(
          () =>
            adapter.addMessages(id, [
              newMessage(),
              newMessage(invalid(fields)),
              newMessage(),
            ]),
          "invalid-argument",
          { names: [id] },
        )
      );
    }
  });

  if (!capabilities.messageIdsUniqueAcrossSessions) return;
  test("addMessages() writes nothing if another session uses an id", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(newSession());
    const other = await adapter.createSession(newSession());
    await adapter.addMessage(other.id, newMessage({ id: "m2" }));
    await subject.changesNothing(() =>
      subject.fails(
        () =>
          adapter.addMessages(id, [
            newMessage({ id: "m1" }),
            newMessage({ id: "m2" }),
            newMessage({ id: "m3" }),
          ]),
        "already-exists",
        { names: ["m2"] },
      )
    );
  });
}

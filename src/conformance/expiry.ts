/**
 * When sessions leave a store by themselves. Where the store's clock cannot be
 * moved these tests sleep, with 700 ms to spare for a slow machine.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { SessionId } from "../types.ts";
import { equal } from "./assertions.ts";
import type { Group } from "./group.ts";
import { newMessage, newSession } from "./samples.ts";
import type { CompleteAdapter, Subject } from "./subject.ts";

const TTL_SECONDS = 2;
/** More than half a TTL: two of them are over only if nothing slid it. */
const PAUSE_MS = 1200;
const PATIENCE_MS = 10_000;

/** A call on a session that is about to expire. */
interface Call {
  /** The capability that the call needs. */
  readonly needs?: "addMessages" | "touchSession";
  /** How many messages the call leaves of two. */
  readonly leaves: number;
  readonly run: (adapter: CompleteAdapter, id: SessionId) => Promise<unknown>;
}

const WRITES: Record<string, Call> = {
  updateSession: {
    leaves: 2,
    run: (adapter, id) => adapter.updateSession(id, { tokenCount: 1 }),
  },
  addMessage: {
    leaves: 3,
    run: (adapter, id) => adapter.addMessage(id, newMessage()),
  },
  addMessages: {
    needs: "addMessages",
    leaves: 4,
    run: (adapter, id) => adapter.addMessages(id, [newMessage(), newMessage()]),
  },
  updateMessage: {
    leaves: 2,
    run: (adapter, id) => adapter.updateMessage(id, `${id}1`, { content: "" }),
  },
  deleteMessage: {
    leaves: 1,
    run: (adapter, id) => adapter.deleteMessage(id, `${id}1`),
  },
  deleteAllMessages: {
    leaves: 0,
    run: (adapter, id) => adapter.deleteAllMessages(id),
  },
  touchSession: {
    needs: "touchSession",
    leaves: 2,
    run: (adapter, id) => adapter.touchSession(id),
  },
};

const READS: Record<string, Call> = {
  getSession: {
    leaves: 2,
    run: (adapter, id) => adapter.getSession(id),
  },
  getMessages: {
    leaves: 2,
    run: (adapter, id) => adapter.getMessages(id),
  },
};

/** Declares the tests of TTLs and of deadlines. */
export function describeExpiry(group: Group): void {
  const { capabilities } = group;
  expiresAt(group);
  if (capabilities.ttl) {
    ttlSeconds(group);
    expired(group);
  } else {
    group.refuses("ttlSeconds", { ttlSeconds: TTL_SECONDS });
  }
  if (capabilities.refreshTtlOnRead) refreshTtlOnRead(group);
  else group.refuses("refreshTtlOnRead", { refreshTtlOnRead: true });
}

function expiresAt({ test }: Group): void {
  test("expiresAt removes nothing by itself", async ({ adapter }) => {
    const made = await adapter.createSession(
      newSession({ expiresAt: new Date("2001-01-01") }),
    );
    equal(await adapter.getSession(made.id), made);
    const message = await adapter.addMessage(made.id, newMessage());
    equal(await adapter.getMessages(made.id), [message]);
    const [listed] = await adapter.listSessions();
    assert.equal(listed?.id, made.id);
  });
}

function ttlSeconds({ testWith, capabilities }: Group): void {
  const test = testWith({ ttlSeconds: TTL_SECONDS });
  const writes = Object.fromEntries(
    Object.entries(WRITES).filter(([, { needs }]) =>
      needs === undefined || capabilities[needs]
    ),
  );

  test("ttlSeconds starts again with every write and with no read", async (subject) => {
    const kept = await survivors(subject, { ...writes, ...READS });
    equal(kept, Object.keys(writes));
  });
}

function refreshTtlOnRead({ testWith }: Group): void {
  const test = testWith({ ttlSeconds: TTL_SECONDS, refreshTtlOnRead: true });

  test("refreshTtlOnRead lets getSession() and getMessages() slide the TTL", async (subject) => {
    equal(await survivors(subject, READS), Object.keys(READS));
  });
}

function expired({ testWith, capabilities }: Group): void {
  const test = testWith({ ttlSeconds: 1 });

  test("ttlSeconds removes the session and all that belongs to it", async (subject) => {
    const { adapter } = subject;
    await store(adapter, "gone");
    await expire(subject, "gone");
    equal(await adapter.getMessages("gone"), []);
    equal(await adapter.listSessions(), []);
    equal(await adapter.listSessions({ userId: "ada" }), []);
    equal(await adapter.getExpiredSessions(new Date("2040-01-01")), []);
    if (capabilities.getMessage) {
      assert.equal(await adapter.getMessage("gone", "gone1"), null);
    }
    if (capabilities.countMessages) {
      assert.equal(await adapter.countMessages("gone"), 0);
    }
    if (capabilities.touchSession) {
      assert.equal(await adapter.touchSession("gone"), false);
    }
    if (capabilities.iterateSessions) {
      for await (const { id } of adapter.iterateSessions()) assert.fail(id);
    }
    for (
      const call of [
        () => adapter.updateSession("gone", { userId: "ada" }),
        () => adapter.addMessage("gone", newMessage()),
        () => adapter.updateMessage("gone", "gone1", { content: "Still?" }),
      ]
    ) {
      await subject.fails(call, "not-found", { names: ["gone"] });
    }
    await adapter.deleteMessage("gone", "gone1");
    await adapter.deleteSession("gone");
    assert.equal(await adapter.getSession("gone"), null);
    equal(await adapter.listSessions({ userId: "ada" }), []);
    equal(await adapter.getMessages("gone"), []);
  });

  test("createSession() takes an expired id and none of its leftovers", async (subject) => {
    const { adapter } = subject;
    await store(adapter, "again");
    await expire(subject, "again");
    const made = await adapter.createSession(newSession({ id: "again" }));
    equal(await adapter.getSession("again"), made);
    equal(await adapter.getMessages("again"), []);
    equal(await adapter.listSessions({ userId: "ada" }), []);
    equal(await adapter.getExpiredSessions(new Date("2040-01-01")), []);
    const message = await adapter.addMessage(
      "again",
      newMessage({ id: "again2", content: "Anew" }),
    );
    equal([message.content, message.sequence], ["Anew", 1]);
    equal(await adapter.getMessages("again"), [message]);
  });

  if (!capabilities.sharedStore) return;
  test("ttlSeconds ends nothing that an adapter without it wrote", async (subject) => {
    const other = await subject.another();
    const kept = await other.createSession(newSession({ id: "kept" }));
    await store(subject.adapter, "gone");
    await expire(subject, "gone");
    equal(await subject.adapter.getSession("kept"), kept);
    equal(await subject.adapter.listSessions(), [kept]);
  });
}

/** Stores a session that every index knows, with two messages. */
async function store(adapter: CompleteAdapter, id: SessionId): Promise<void> {
  await adapter.createSession(
    newSession({ id, userId: "ada", expiresAt: new Date("2031-01-01") }),
  );
  await adapter.addMessage(id, newMessage({ id: `${id}1` }));
  await adapter.addMessage(id, newMessage({ id: `${id}2` }));
}

async function expire(subject: Subject, id: SessionId): Promise<void> {
  const gone = async () => await subject.adapter.getSession(id) === null;
  assert.ok(await subject.until(gone, PATIENCE_MS), `"${id}" never expires`);
}

/**
 * Makes each call on a session of its own in the middle of its life, and
 * returns the names of those that kept their session and its messages alive.
 */
async function survivors(
  subject: Subject,
  calls: Record<string, Call>,
): Promise<string[]> {
  const { adapter } = subject;
  const entries = Object.entries(calls);
  await Promise.all(
    [...Object.keys(calls), "idle"].map((name) => store(adapter, name)),
  );
  await subject.elapse(PAUSE_MS);
  await Promise.all(entries.map(([name, { run }]) => run(adapter, name)));
  await subject.elapse(PAUSE_MS);
  assert.equal(await adapter.getSession("idle"), null, "Nothing expires");
  const alive: string[] = [];
  for (const [name, { leaves }] of entries) {
    const session = await adapter.getSession(name);
    const messages = await adapter.getMessages(name);
    if (session === null) {
      equal(messages, [], `Messages of ${name} outlive their session`);
      continue;
    }
    assert.equal(messages.length, leaves, `Messages expire after ${name}()`);
    alive.push(name);
  }
  return alive;
}

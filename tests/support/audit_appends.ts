/**
 * Holds what a load of appends was told against what is stored in the end.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type {
  Message,
  RedisAdapter,
} from "@reaatech/session-continuity-storage-redis";
import { type AppendLedger, type LoggedAppend, userOf } from "./append_load.ts";

const PAGE = 500;

/** What came of the appends. */
export interface AppendAudit {
  /** How many were acknowledged. */
  readonly acknowledged: number;
  /** The acknowledged ones that are gone. */
  readonly lost: readonly LoggedAppend[];
  /** How many were never acknowledged and are stored all the same. */
  readonly unheard: number;
}

/**
 * Fails unless the sessions hold what was appended, once, in the order of
 * acknowledgement, by whatever adapter and whichever way they are read; and
 * unless every failure was an outage. What was lost is for the caller to judge.
 */
export async function auditAppends(
  ledger: AppendLedger,
): Promise<AppendAudit> {
  assertEquals(ledger.faults, []);
  const [first, ...others] = ledger.adapters;
  const stored = new Set<string>();
  for (const sessionId of ledger.sessionIds) {
    const messages = await pagesOf(first!, sessionId);
    assertInOrder(messages, ledger.appends);
    for (const { id } of messages) stored.add(id);
    await assertReadsAgree(first!, sessionId, messages);
    for (const other of others) {
      assertEquals(await pagesOf(other, sessionId), messages);
    }
  }
  for (const adapter of ledger.adapters) {
    await assertListed(adapter, ledger.sessionIds);
    assertEquals((await adapter.health()).status, "healthy");
  }
  const acknowledged = ledger.appends.filter(isAcknowledged);
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter(({ id }) => !stored.has(id)),
    unheard:
      ledger.appends.filter((append) =>
        !isAcknowledged(append) && stored.has(append.id)
      ).length,
  };
}

function isAcknowledged({ message }: LoggedAppend): boolean {
  return message !== undefined;
}

async function pagesOf(
  adapter: RedisAdapter,
  sessionId: string,
): Promise<Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const page = await adapter.getMessages(sessionId, {
      offset: messages.length,
      limit: PAGE,
    });
    messages.push(...page);
    if (page.length < PAGE) return messages;
  }
}

/** Fails unless messages are as acknowledged, each once, in an order that their writers saw. */
function assertInOrder(
  messages: readonly Message[],
  appends: readonly LoggedAppend[],
): void {
  const sent = new Map(appends.map((append) => [append.id, append]));
  const ids = messages.map(({ id }) => id);
  assertEquals(ids.length, new Set(ids).size, "a message is there twice");
  const last = new Map<string, number>();
  let lastSentAt = 0;
  let lastCreatedAt = 0;
  for (const [index, message] of messages.entries()) {
    const { id, sequence, createdAt } = message;
    const append = sent.get(id);
    assert(append !== undefined, `nobody sent ${id}`);
    assertEquals(append.sessionId, message.sessionId);
    assertEquals(message.content, `content of ${id}`);
    if (append.message !== undefined) assertEquals(message, append.message);
    const { writer, number, sentAt, acknowledgedAt } = append;
    assert(number > (last.get(writer) ?? -1), `${id} is before its time`);
    assert(lastSentAt <= acknowledgedAt, `${id} is behind what came later`);
    assertEquals(sequence, index + 1, id);
    assert(+createdAt >= lastCreatedAt, `${id} is older than what precedes`);
    last.set(writer, number);
    lastSentAt = Math.max(lastSentAt, sentAt);
    lastCreatedAt = +createdAt;
  }
}

/** Fails unless every other way to read a session tells of the same messages. */
async function assertReadsAgree(
  adapter: RedisAdapter,
  sessionId: string,
  messages: readonly Message[],
): Promise<void> {
  const newest = messages.at(-1)!;
  const session = await adapter.getSession(sessionId);
  assertEquals(session?.lastActivityAt, newest.createdAt);
  assertEquals(await adapter.countMessages(sessionId), messages.length);
  const latest = await adapter.getMessages(sessionId, {
    order: "desc",
    limit: 10,
  });
  assertEquals(latest, messages.slice(-10).reverse());
  const users = await adapter.getMessages(sessionId, {
    roles: ["user"],
    limit: 10,
  });
  assertEquals(users, messages.slice(0, 10));
  assertEquals(await adapter.getMessage(sessionId, newest.id), newest);
}

/** Fails unless the lists hold these sessions, as they are read, and no others. */
async function assertListed(
  adapter: RedisAdapter,
  sessionIds: readonly string[],
): Promise<void> {
  const listed = await adapter.listSessions();
  assertEquals(listed.map(({ id }) => id), sessionIds);
  for (const session of listed) {
    assertEquals(await adapter.getSession(session.id), session);
    const userId = userOf(session.id);
    assertEquals(await adapter.listSessions({ userId }), [session]);
  }
  const visited = await Array.fromAsync(adapter.iterateSessions());
  assertEquals(visited, listed);
}

/**
 * Holds what a load of appends was told against what is stored in the end.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type {
  Message,
  RedisAdapter,
  Session,
} from "@reaatech/session-continuity-storage-redis";
import { contentOf, userOf } from "./append_load.ts";
import type { CallLedger, LoggedAppend, LoggedCreate } from "./call_ledger.ts";
import type { Reading } from "./passing_time.ts";

const PAGE = 500;

/** What came of the calls. */
export interface AppendAudit {
  /** How many appends were acknowledged. */
  readonly acknowledged: number;
  /** The acknowledged ones that are gone. */
  readonly lost: readonly LoggedAppend[];
  /** How many sessions were created, as was acknowledged. */
  readonly created: number;
  /** Those of them that are gone. */
  readonly lostSessions: readonly LoggedCreate[];
  /** All sessions that are there, in the order of their ids. */
  readonly sessionIds: readonly string[];
}

/**
 * Fails unless the sessions hold what was appended, once, in the order of
 * acknowledgement, by whatever adapter and whichever way they are read; unless
 * the lists hold all of them and nothing else; and unless every failure was an
 * outage. What was lost is for the caller to judge.
 */
export async function auditAppends(ledger: CallLedger): Promise<AppendAudit> {
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
  const sessionIds = [...ledger.sessionIds];
  const lostSessions: LoggedCreate[] = [];
  for (const create of ledger.creates) {
    const isThere = await first!.getSession(create.id) !== null;
    if (isThere) sessionIds.push(create.id);
    if (!isThere && create.isAcknowledged) lostSessions.push(create);
  }
  sessionIds.sort();
  const listed = await assertListed(first!, sessionIds);
  for (const adapter of ledger.adapters) {
    assertEquals(await adapter.listSessions(), listed);
    assertEquals((await adapter.health()).status, "healthy");
  }
  const acknowledged = ledger.appends.filter(isAcknowledged);
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter(({ id }) => !stored.has(id)),
    created: ledger.creates.filter((each) => each.isAcknowledged).length,
    lostSessions,
    sessionIds,
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
    assertEquals(message.content, contentOf(id));
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

/** Fails unless the lists hold these sessions, as they are read, and no others; returns them. */
async function assertListed(
  adapter: RedisAdapter,
  sessionIds: readonly string[],
): Promise<Session[]> {
  const listed = await adapter.listSessions();
  assertEquals(listed.map(({ id }) => id).sort(), sessionIds);
  for (const session of listed) {
    assertEquals(await adapter.getSession(session.id), session);
    const userId = userOf(session.id);
    assertEquals(await adapter.listSessions({ userId }), [session]);
  }
  const visited: Session[] = [];
  for await (const session of adapter.iterateSessions()) visited.push(session);
  assertEquals(visited, listed);
  return listed;
}

/**
 * Fails unless the indexes of one server name these sessions and no others,
 * and every message that is kept belongs to one of them.
 */
export function assertNothingDead(
  { keys }: Reading,
  sessionIds: readonly string[],
): void {
  const membersOf = (name: string) => [...keys.get(name)?.members ?? []].sort();
  for (const index of ["sessions:by-created", "sessions:by-activity"]) {
    assertEquals(membersOf(index), sessionIds, index);
  }
  const names = [...keys.keys()];
  const users = names.filter((name) => name.startsWith("user:")).sort();
  const wanted = sessionIds.map((id) => `user:${userOf(id)}:sessions`).sort();
  assertEquals(users, wanted);
  for (const id of sessionIds) {
    assertEquals(membersOf(`user:${userOf(id)}:sessions`), [id]);
  }
  const kept = names.filter((name) => name.startsWith("message:")).sort();
  const listed = sessionIds.flatMap((id) =>
    membersOf(`session:${id}:messages`)
  );
  assertEquals(kept, listed.map((id) => `message:${id}`).sort());
}

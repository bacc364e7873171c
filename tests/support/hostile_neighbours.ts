/**
 * Two sessions whose ids, users and messages somebody could take for one
 * another: each must keep what is its own.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  type RedisAdapter,
  type Session,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import type { HostilePlace } from "./hostile_places.ts";
import { ID_PAIRS, TEXTS } from "./hostile_values.ts";
import { newMessage, newSession } from "./records.ts";

/** Names of two neighbours: one has the first of each pair, the other the second. */
export interface Neighbours {
  readonly prefix: string;
  readonly sessions: readonly [string, string];
  readonly users: readonly [string, string];
  readonly messages: readonly [string, string];
  readonly tags: readonly [string, string];
}

const PREFIXES = TEXTS.filter((text) => text.isWellFormed());

/** Any neighbours. */
export const NEIGHBOURS: fc.Arbitrary<Neighbours> = fc.record({
  prefix: PREFIXES,
  sessions: ID_PAIRS,
  users: ID_PAIRS,
  messages: ID_PAIRS,
  tags: ID_PAIRS,
});

/** How many inputs they are. */
export const NEIGHBOUR_INPUTS = 9;

/** Whether docs/storage.md says that a session cannot have the id. */
export function isRefused(id: string, isTagged: boolean): boolean {
  return isTagged ? id.includes("}") : /:(messages|seq)$/.test(id);
}

/** Fails unless neither of the two ever sees, changes or removes what is the other's. */
export async function keepApart(
  place: HostilePlace,
  { prefix, sessions, users, messages, tags }: Neighbours,
): Promise<void> {
  const { isTagged } = place;
  const keyPrefix = isTagged ? prefix.replaceAll("{", "") : prefix;
  const storage = place.open({ keyPrefix, ttlSeconds: 600 });
  const allowed = sessions.filter((id) => !isRefused(id, isTagged));
  for (const id of sessions) {
    if (!allowed.includes(id)) await assertRefusedId(place, storage, id);
  }
  if (allowed.length < 2) return;
  for (const i of [0, 1] as const) {
    const made = await storage.createSession(newSession({
      id: sessions[i],
      userId: users[i],
      activeAgentId: users[i],
      tokenCount: i,
      expiresAt: new Date(1000 + i),
      metadata: { tags: [tags[i]], custom: { [users[i]]: i } },
    }));
    assertEquals(made.id, sessions[i]);
    assertEquals(made.userId, users[i]);
    const sent = newMessage(`of ${i}`, { id: messages[i] });
    assertEquals((await storage.addMessage(sessions[i], sent)).id, messages[i]);
  }
  const neighbour = (i: 0 | 1) => (1 - i) as 0 | 1;
  for (const i of [0, 1] as const) {
    const other = neighbour(i);
    const userId = users[i];
    const own = await storage.getSession(sessions[i]);
    assertEquals([own?.id, own?.tokenCount], [sessions[i], i]);
    for (
      const filters of [
        { userId },
        { activeAgentId: userId },
        { tags: [tags[i]] },
        { userId, tags: [...tags] },
      ]
    ) assertEquals(await storage.listSessions(filters), [own!]);
    assertEquals(await idsOf(storage, userId), [sessions[i]]);
    assertEquals(
      await storage.listSessions({ userId, tags: [tags[other]] }),
      [],
    );
    await assertOwnMessages(storage, sessions[i], messages[i], `of ${i}`);
    assertEquals(await storage.getMessage(sessions[i], messages[other]), null);
    await assertReason(
      storage.updateMessage(sessions[i], messages[other], { content: "?" }),
      "not-found",
    );
    await storage.deleteMessage(sessions[i], messages[other]);
    if (!isTagged) {
      const taken = newMessage("?", { id: messages[other] });
      await assertReason(
        storage.addMessage(sessions[i], taken),
        "already-exists",
      );
    }
  }
  const all = [...sessions].sort();
  const listed = await storage.listSessions();
  assertEquals(listed.map(({ id }) => id).sort(), all);
  assertEquals(await storage.getExpiredSessions(new Date(2000)), [...sessions]);
  await storage.reindex();
  // The first one's message is lost, and the other takes its id.
  const [first, second] = sessions;
  const key = `${keyPrefix}message:${isTagged ? `{${first}}:` : ""}${
    messages[0]
  }`;
  assertEquals(await place.send("UNLINK", key), 1);
  await storage.addMessage(second, newMessage("taken", { id: messages[0] }));
  await storage.updateSession(first, { userId: users[1] });
  assertEquals(await idsOf(storage, users[0]), []);
  assertEquals(await idsOf(storage, users[1]), [...all]);
  await storage.deleteMessage(first, messages[0]);
  await storage.deleteAllMessages(first);
  await storage.deleteSession(first);
  assertEquals(await storage.getSession(first), null);
  const left = await storage.listSessions({ userId: users[1] });
  assertEquals(left.map(({ tokenCount }) => tokenCount), [1]);
  const texts = (await storage.getMessages(second)).map(({ content }) =>
    content
  );
  assertEquals(texts, ["of 1", "taken"]);
  await storage.deleteSession(second);
  assertEquals(await place.read(), "", "something is left behind");
}

async function assertOwnMessages(
  storage: RedisAdapter,
  session: string,
  id: string,
  content: string,
): Promise<void> {
  for (const options of [{}, { roles: ["user" as const] }, { offset: 0 }]) {
    const found = await storage.getMessages(session, options);
    assertEquals(
      found.map((each) => [each.id, each.sessionId, each.content]),
      [[id, session, content]],
    );
  }
  const edited = await storage.updateMessage(session, id, {
    metadata: { annotations: { [session]: id } },
  });
  assertEquals(edited.metadata, { annotations: { [session]: id } });
  assertEquals(await storage.getMessage(session, id), edited);
}

async function idsOf(
  storage: RedisAdapter,
  userId: string,
): Promise<string[]> {
  const found: Session[] = [];
  for await (const each of storage.iterateSessions({ userId })) {
    found.push(each);
  }
  return found.map(({ id }) => id).sort();
}

async function assertRefusedId(
  place: HostilePlace,
  storage: RedisAdapter,
  id: string,
): Promise<void> {
  const before = await place.read();
  for (
    const call of [
      () => storage.createSession(newSession({ id })),
      () => storage.getSession(id),
      () => storage.updateSession(id, {}),
      () => storage.deleteSession(id),
      () => storage.addMessage(id, newMessage()),
      () => storage.getMessages(id),
      () => storage.deleteAllMessages(id),
      () => storage.touchSession(id),
    ]
  ) await assertReason(call(), "invalid-argument");
  assertEquals(await place.read(), before);
}

/** Fails unless the call fails for the reason. */
export async function assertReason(
  call: Promise<unknown>,
  reason: string,
): Promise<void> {
  const error = await assertRejects(() => call, StorageError, "Cannot ");
  assertEquals(error.reason, reason, error.message);
  assert(error.message.length < 1000, "a long message");
}

/**
 * Writes what the documented adapter wrote: a field per property, dates as ISO
 * 8601 text, "" for what is unset, and no index but the sets of users.
 *
 * @module
 */

import type {
  Message,
  Session,
} from "@reaatech/session-continuity-storage-redis";
import type { PlacedStore } from "./places.ts";

/** How versions of the documented adapter differ. */
export interface OlderShape {
  /** What the sorted set is scored by. */
  readonly scoring: "createdAt" | "sequence";
  /** Whether a string counts the session's messages. */
  readonly hasCounter: boolean;
  /** Whether the user has a set of sessions. */
  readonly hasUserSet: boolean;
}

/** All of them. */
export const SHAPES: readonly OlderShape[] = ["createdAt", "sequence"].flatMap(
  (scoring) =>
    [true, false].flatMap((hasCounter) =>
      [true, false].map((hasUserSet) => ({
        scoring: scoring as OlderShape["scoring"],
        hasCounter,
        hasUserSet,
      }))
    ),
);

/** Returns a shape in words. */
export function describeShape(
  { scoring, hasCounter, hasUserSet }: OlderShape,
): string {
  return `scored by ${scoring}, ${hasCounter ? "a" : "no"} counter, ` +
    `${hasUserSet ? "a" : "no"} set of the user`;
}

/** Names a key of a session: its hash, or what follows that name. */
export function sessionKey(
  { prefix, isTagged }: Pick<PlacedStore, "prefix" | "isTagged">,
  id: string,
  end = "",
): string {
  return `${prefix}session:${isTagged ? `{${id}}` : id}${end}`;
}

/** Names the key of a message. */
export function messageKey(
  { prefix, isTagged }: Pick<PlacedStore, "prefix" | "isTagged">,
  sessionId: string,
  id: string,
): string {
  return `${prefix}message:${isTagged ? `{${sessionId}}:` : ""}${id}`;
}

/** The properties that every hash of a session or of a message had, set or not. */
const SESSION_FIELDS = [
  ...["userId", "activeAgentId", "expiresAt", "tokenBudget", "compression"],
  ...["compressionState", "tokenCount", "messageCount", "version"],
];
const MESSAGE_FIELDS = ["tokenCount", "sequence", "metadata"];

/**
 * Writes a session with its messages as the documented adapter did.
 *
 * @param counted what its counter says, if there is one: how many there ever were
 */
export async function writeOlder(
  store: Pick<PlacedStore, "redis" | "prefix" | "isTagged">,
  { scoring, hasCounter, hasUserSet }: OlderShape,
  session: Session,
  messages: readonly Message[] = [],
  counted: number = messages.length,
): Promise<void> {
  const { redis, prefix } = store;
  const { id, userId } = session;
  const work: Promise<unknown>[] = [
    redis.hSet(sessionKey(store, id), fieldsOf(session, SESSION_FIELDS)),
  ];
  if (hasUserSet && userId !== undefined) {
    work.push(redis.sAdd(`${prefix}user:${userId}:sessions`, id));
  }
  if (hasCounter) {
    work.push(redis.set(sessionKey(store, id, ":seq"), String(counted)));
  }
  for (const message of messages) {
    const { content, sequence, createdAt } = message;
    const score = scoring === "sequence" ? sequence! : createdAt.getTime();
    const order = sessionKey(store, id, ":messages");
    work.push(
      redis.zAdd(order, { value: message.id, score }),
      redis.hSet(messageKey(store, id, message.id), {
        ...fieldsOf(message, MESSAGE_FIELDS),
        contentType: typeof content === "string" ? "string" : "json",
      }),
    );
  }
  await Promise.all(work);
}

function fieldsOf(
  record: Session | Message,
  names: readonly string[],
): Record<string, string> {
  const unset = Object.fromEntries(names.map((name) => [name, ""]));
  const set = Object.entries(record).map(([name, value]) => [
    name,
    typeof value === "string"
      ? value
      : value instanceof Date
      ? value.toISOString()
      : JSON.stringify(value),
  ]);
  return { ...unset, ...Object.fromEntries(set) };
}

/**
 * Sessions and messages as plain hashes, a field per property, for the
 * contenders that keep them so.
 *
 * @module
 */

import type { FoundSession } from "./contender.ts";

/** A hash as it comes: a field that is not there is as good as an empty one. */
type Hash = Readonly<Record<string, string>>;

/** A session, its fields decoded. */
export interface PlainSession extends FoundSession {
  readonly userId: string;
  readonly createdAt: Date;
  readonly version: number;
}

/** A message, its fields decoded. */
export interface PlainMessage {
  readonly role: string;
  readonly content: string;
  readonly createdAt: Date;
}

/** Returns the fields of a new session. */
export function newSessionHash(
  id: string,
  userId: string,
): Record<string, string> {
  const now = new Date().toISOString();
  return {
    id,
    userId,
    activeAgentId: "",
    status: "active",
    metadata: JSON.stringify({ title: "Travel plans", tags: ["travel"] }),
    participants: "[]",
    schemaVersion: "1",
    createdAt: now,
    lastActivityAt: now,
    version: "1",
  };
}

/** Decodes a session. */
export function toSession(hash: Hash): PlainSession {
  return {
    ...hash,
    userId: hash["userId"] ?? "",
    metadata: JSON.parse(hash["metadata"] ?? "{}"),
    participants: JSON.parse(hash["participants"] ?? "[]"),
    schemaVersion: Number(hash["schemaVersion"]),
    createdAt: new Date(hash["createdAt"] ?? ""),
    lastActivityAt: new Date(hash["lastActivityAt"] ?? ""),
    version: Number(hash["version"]),
  } as PlainSession;
}

/** Decodes a message. */
export function toMessage(hash: Hash): PlainMessage {
  const { content, metadata, tokenCount } = hash;
  return {
    ...hash,
    content,
    metadata: metadata ? JSON.parse(metadata) : undefined,
    tokenCount: tokenCount ? Number(tokenCount) : undefined,
    createdAt: new Date(hash["createdAt"] ?? ""),
  } as unknown as PlainMessage;
}

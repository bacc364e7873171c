/**
 * Sessions and messages of the time of the documented adapter.
 *
 * @module
 */

import type {
  Message,
  Session,
} from "@reaatech/session-continuity-storage-redis";

/** When the first session was created. */
export const CREATED = Date.UTC(2024, 1, 29, 23, 59, 58, 7);
/** The session that has all there can be; the second one to be created. */
export const ID = "old:1";

const base = {
  status: "active" as const,
  metadata: {},
  participants: [],
  schemaVersion: 1,
};

/** Returns the date so many seconds after the first creation. */
export function at(seconds: number): Date {
  return new Date(CREATED + seconds * 1000);
}

/** Four sessions, by their creation. Their activity has another order. */
export const SESSIONS: readonly [Session, Session, Session, Session] = [
  // As little as there can be.
  { ...base, id: "old:0", createdAt: at(0), lastActivityAt: at(0) },
  {
    id: ID,
    userId: "ada",
    activeAgentId: "guide",
    status: "paused",
    metadata: { title: "Old", tags: ["a/b", "\x7f", 'q"', "é"] },
    participants: [
      { id: "ada", role: "user", joinedAt: at(10), leftAt: at(11) },
    ],
    schemaVersion: 2,
    createdAt: at(10),
    lastActivityAt: at(90),
    expiresAt: at(100),
    tokenBudget: {
      maxTokens: 1000,
      reserveTokens: 10,
      overflowStrategy: "truncate",
    },
    compression: { strategy: "sliding_window", targetTokens: 500 },
    compressionState: {
      strategy: "sliding_window",
      keptMessageIds: ["m2"],
      signature: "s",
      compressedTokenCount: 4,
      updatedAt: at(12),
    },
    tokenCount: 7,
    messageCount: 5,
    version: 3,
  },
  {
    ...base,
    id: "old:2",
    userId: "ada",
    metadata: { tags: ["b"] },
    createdAt: at(20),
    lastActivityAt: at(30),
    expiresAt: at(50),
  },
  {
    ...base,
    id: "old:3",
    userId: "bob",
    activeAgentId: "guide",
    metadata: { tags: [] },
    createdAt: at(30),
    lastActivityAt: at(40),
  },
];

/** Its messages; two have one createdAt. The counter of the session is further on. */
export const MESSAGES: readonly Message[] = [
  message(1, { role: "system", content: "" }),
  message(2, { role: "user", content: '["text"]', tokenCount: 3 }),
  message(3, {
    role: "assistant",
    content: [{ type: "text", text: "Hi" }],
    metadata: {
      annotations: { empty: [] },
      toolCalls: [{ id: "c1", name: "trains", arguments: "{}" }],
    },
  }),
  message(4, { role: "tool", content: "9:12", createdAt: at(13) }),
  message(5, { role: "user", content: "Thanks", tokenCount: 0 }),
];

/** What the session's counter says: some messages were deleted. */
export const COUNTED = 8;

function message(
  sequence: number,
  given: Pick<Message, "role" | "content"> & Partial<Message>,
): Message {
  return {
    id: `m${sequence}`,
    sessionId: ID,
    sequence,
    createdAt: at(10 + sequence),
    ...given,
  };
}

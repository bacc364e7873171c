/**
 * The records that the tests store.
 *
 * @module
 */

import type { Message, NewMessage, NewSession, Session } from "../types.ts";

/** Makes a session with nothing optional in it, but for the fields given. */
export function newSession(fields: Partial<Session> = {}): NewSession {
  return {
    status: "active",
    metadata: {},
    participants: [],
    schemaVersion: 1,
    ...fields,
  };
}

/** Makes a message with nothing optional in it, but for the fields given. */
export function newMessage(fields: Partial<Message> = {}): NewMessage {
  return { role: "user", content: "Hello", ...fields };
}

/** Makes a session with every field that a caller may set but the id. */
export function fullSession(): NewSession {
  return {
    userId: "ada",
    activeAgentId: "planner",
    status: "paused",
    metadata: {
      title: "Travel plans",
      tags: ["travel", "rail"],
      source: "web",
      custom: { locale: "fr", steps: [1, { done: false }] },
    },
    participants: [
      {
        id: "ada",
        role: "user",
        metadata: { device: "phone" },
        joinedAt: new Date("2024-02-29T12:34:56.789Z"),
      },
      {
        id: "planner",
        role: "agent",
        joinedAt: new Date("2024-02-29T12:34:57.001Z"),
        leftAt: new Date("2024-03-01T00:00:00.000Z"),
      },
    ],
    schemaVersion: 4,
    expiresAt: new Date("2031-01-01T00:00:00.123Z"),
    tokenBudget: {
      maxTokens: 8192,
      reserveTokens: 512,
      overflowStrategy: "compress",
    },
    compression: {
      strategy: "sliding_window",
      targetTokens: 4096,
      minMessages: 2,
      maxMessages: 50,
    },
    tokenCount: 321,
    messageCount: 7,
    compressionState: {
      strategy: "sliding_window",
      summary: "They talk about trains.",
      summaryTokenCount: 6,
      keptMessageIds: ["m1", "m2"],
      signature: "abc123",
      compressedTokenCount: 120,
      updatedAt: new Date("2024-03-01T10:20:30.405Z"),
    },
    version: 3,
  };
}

/** Makes a message with every field that a caller may set but the id. */
export function fullMessage(): NewMessage {
  return {
    role: "assistant",
    content: [
      { type: "text", text: "Look:" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
    ],
    tokenCount: 12,
    metadata: {
      toolCalls: [{ id: "call1", name: "trains", arguments: '{"to":"Lyon"}' }],
      toolResults: [{ toolCallId: "call0", result: "[]", isError: false }],
      annotations: { model: "large", score: 0.25, sources: [] },
    },
    updatedAt: new Date("2024-03-01T10:20:30.405Z"),
  };
}

/** Names fields that an update gives as undefined. */
export function unset<K extends string>(...names: K[]): Record<K, never> {
  // With exactOptionalPropertyTypes an optional field does not take undefined,
  // yet undefined is how callers remove one.
  return Object.fromEntries(
    names.map((name) => [name, undefined]),
  ) as Record<K, never>;
}

/** Passes a value that the types forbid, as callers from JavaScript do. */
export function invalid<T>(value: unknown): T {
  return value as T; // The tests are about values that are not a T.
}

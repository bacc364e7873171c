/**
 * What an adapter last read of histories, to be held against the server at the
 * next read: docs/caching.md says why the two then agree.
 *
 * @module
 */

import type { Message, MessageId, SessionId } from "./types.ts";

/**
 * A message that is kept: nothing of it is handed out that a caller could
 * change. One flat object, since a read again is bound by memory: dates as
 * milliseconds, and what could be changed as JSON.
 */
export interface HeldMessage {
  readonly id: MessageId;
  readonly sessionId: SessionId;
  readonly role: Message["role"];
  readonly tokenCount: number | undefined;
  readonly sequence: number | undefined;
  /** Text, or JSON of parts. */
  readonly content: string;
  readonly isJson: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number | undefined;
  readonly metadata: string | undefined;
}

/** Consecutive messages of a history, in its order; one at least. */
export interface HeldPart {
  /** Stands for all edits and deletes that the session has seen. */
  readonly revision: string;
  /** How many messages come before the part. */
  readonly first: number;
  readonly messages: readonly HeldMessage[];
  /** The score of the last message, as Redis writes it. */
  readonly lastScore: string;
}

/** Parts of histories, those that were read last, with so many messages at most. */
export class HistoryCache {
  readonly #most: number;
  // A Map keeps the order in which its entries were added.
  readonly #parts = new Map<SessionId, HeldPart>();
  #messages = 0;

  /** @param maxMessages how many messages to keep, of all sessions together */
  constructor(maxMessages: number) {
    this.#most = maxMessages;
  }

  /** Returns what is kept of a session. */
  get(id: SessionId): HeldPart | undefined {
    return this.#parts.get(id);
  }

  /** Keeps what was read now, and forgets what was not read for longest. */
  set(id: SessionId, part: HeldPart): void {
    this.delete(id);
    if (part.messages.length > this.#most) return;
    this.#parts.set(id, part);
    this.#messages += part.messages.length;
    for (const oldest of this.#parts.keys()) {
      if (this.#messages <= this.#most) break;
      this.delete(oldest);
    }
  }

  /** Forgets a session. */
  delete(id: SessionId): void {
    this.#messages -= this.#parts.get(id)?.messages.length ?? 0;
    this.#parts.delete(id);
  }
}

/**
 * Returns the token that an edit or a delete leaves in its session. A random
 * one: a counter would come back to the same number after a failover.
 */
export function newRevision(): string {
  return crypto.randomUUID();
}

/** Returns a message to keep; the caller may go on to change the one that was given. */
export function hold(message: Message): HeldMessage {
  const { content, metadata } = message;
  const isJson = typeof content !== "string";
  // Each by name: what `...rest` makes, Node reads ten times as slowly.
  return {
    id: message.id,
    sessionId: message.sessionId,
    role: message.role,
    tokenCount: message.tokenCount,
    sequence: message.sequence,
    content: isJson ? JSON.stringify(content) : content,
    isJson,
    createdAtMs: message.createdAt.getTime(),
    updatedAtMs: message.updatedAt?.getTime(),
    metadata: metadata && JSON.stringify(metadata),
  };
}

/** Returns a message for a caller, who may change it. */
export function release(held: HeldMessage): Message {
  const message: Message = {
    id: held.id,
    sessionId: held.sessionId,
    role: held.role,
    // What is JSON was read from JSON, so it comes back as it was.
    content: held.isJson ? JSON.parse(held.content) : held.content,
    createdAt: new Date(held.createdAtMs),
  };
  if (held.tokenCount !== undefined) message.tokenCount = held.tokenCount;
  if (held.sequence !== undefined) message.sequence = held.sequence;
  if (held.metadata !== undefined) message.metadata = JSON.parse(held.metadata);
  if (held.updatedAtMs !== undefined) {
    message.updatedAt = new Date(held.updatedAtMs);
  }
  return message;
}

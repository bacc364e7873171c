/**
 * What an adapter last read of histories, to be held against the server at the
 * next read: docs/caching.md says why the two then agree.
 *
 * @module
 */

import type { Message, SessionId } from "./types.ts";

/** A message that is kept: nothing of it is handed out that a caller could change. */
export interface HeldMessage {
  readonly message: Readonly<Message>;
  /** Content that is no text, and metadata, as JSON. */
  readonly content?: string;
  readonly metadata?: string;
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
  return {
    message: copy(message),
    ...(typeof content === "string"
      ? {}
      : { content: JSON.stringify(content) }),
    ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
  };
}

/** Returns a message for a caller, who may change it. */
export function release({ message, content, metadata }: HeldMessage): Message {
  const released = copy(message);
  // What is JSON was read from JSON, so it comes back as it was.
  if (content !== undefined) released.content = JSON.parse(content);
  if (metadata !== undefined) released.metadata = JSON.parse(metadata);
  return released;
}

/** Copies a message and its dates. */
function copy(message: Message): Message {
  const copied = { ...message, createdAt: new Date(message.createdAt) };
  if (message.updatedAt !== undefined) {
    copied.updatedAt = new Date(message.updatedAt);
  }
  return copied;
}

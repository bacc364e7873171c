/**
 * The plainest storage adapter that keeps the contract: a map and arrays. It
 * shows that the conformance suite can be passed without Redis, and the broken
 * adapters are made of it.
 *
 * @module
 */

import type {
  IStorageAdapter,
  Message,
  MessageQueryOptions,
  NewMessage,
} from "@reaatech/session-continuity-storage-redis";
import type { AdapterExtensions } from "@reaatech/session-continuity-storage-redis/conformance";
import { list, Refusal } from "./memory_checks.ts";
import {
  checkQuery,
  copyMessage,
  copyMessageUpdates,
} from "./memory_records.ts";
import { MemorySessions } from "./memory_sessions.ts";
import type { Entry } from "./memory_store.ts";

/** A message that has its id and no place yet. */
export type Draft = NewMessage & { id: string };

/** Keeps sessions and their messages in memory. */
export class MemoryAdapter extends MemorySessions
  implements IStorageAdapter, AdapterExtensions {
  addMessage(sessionId: string, message: NewMessage): Promise<Message> {
    return this.attempt(`append to session "${sessionId}"`, () => {
      this.checkId(sessionId, "session id");
      const [added] = this.append(sessionId, [message]);
      return added!; // One goes in, one comes out.
    });
  }

  addMessages(sessionId: string, messages: NewMessage[]): Promise<Message[]> {
    return this.attempt(`append to session "${sessionId}"`, () => {
      this.checkId(sessionId, "session id");
      list(messages, "messages");
      return this.append(sessionId, messages);
    });
  }

  getMessage(sessionId: string, messageId: string): Promise<Message | null> {
    return this.attempt(`read message "${messageId}"`, () => {
      this.checkId(sessionId, "session id");
      this.checkId(messageId, "message id");
      const message = this.find(sessionId)?.messages
        .find(({ id }) => id === messageId);
      return structuredClone(message ?? null);
    });
  }

  getMessages(
    sessionId: string,
    options: MessageQueryOptions = {},
  ): Promise<Message[]> {
    return this.attempt(`read messages of session "${sessionId}"`, () => {
      this.checkId(sessionId, "session id");
      checkQuery(options);
      const entry = this.find(sessionId);
      if (entry && this.settings.refreshTtlOnRead) this.slide(entry);
      return structuredClone(this.choose(entry?.messages ?? [], options));
    });
  }

  countMessages(sessionId: string): Promise<number> {
    return this.attempt(`count messages of session "${sessionId}"`, () => {
      this.checkId(sessionId, "session id");
      return this.find(sessionId)?.messages.length ?? 0;
    });
  }

  updateMessage(
    sessionId: string,
    messageId: string,
    updates: Partial<Message>,
  ): Promise<Message> {
    const action = `update message "${messageId}" of session "${sessionId}"`;
    return this.attempt(action, () => {
      this.checkId(sessionId, "session id");
      this.checkId(messageId, "message id");
      const { set, removed } = copyMessageUpdates(updates);
      const entry = this.get(sessionId);
      const message = entry.messages.find(({ id }) => id === messageId);
      if (!message) throw new Refusal("not-found", "not found");
      for (const name of removed) delete message[name];
      Object.assign(message, { updatedAt: new Date(this.store.now) }, set);
      this.slide(entry);
      return structuredClone(message);
    });
  }

  deleteMessage(sessionId: string, messageId: string): Promise<void> {
    const action = `delete message "${messageId}" of session "${sessionId}"`;
    return this.attempt(action, () => {
      this.checkId(sessionId, "session id");
      this.checkId(messageId, "message id");
      const entry = this.find(sessionId);
      const index = entry?.messages.findIndex(({ id }) => id === messageId);
      if (entry === undefined || index === undefined || index < 0) return;
      entry.messages.splice(index, 1);
      this.slide(entry);
    });
  }

  deleteAllMessages(sessionId: string): Promise<void> {
    return this.attempt(`delete messages of session "${sessionId}"`, () => {
      this.checkId(sessionId, "session id");
      const entry = this.find(sessionId);
      if (!entry) return;
      entry.messages = [];
      this.slide(entry);
    });
  }

  /** Filters, then orders, then pages. */
  protected choose(
    messages: Message[],
    options: MessageQueryOptions,
  ): Message[] {
    const { after, before, roles = [], order } = options;
    const { offset = 0, limit = Infinity } = options;
    const matching = messages.filter(({ createdAt, role }) =>
      (after === undefined || createdAt > after) &&
      (before === undefined || createdAt < before) &&
      (roles.length === 0 || roles.includes(role))
    );
    if (order === "desc") matching.reverse();
    return matching.slice(offset, offset + limit);
  }

  /** Appends all messages, or refuses and appends none. */
  protected append(sessionId: string, messages: NewMessage[]): Message[] {
    const drafts = messages.map((message) => this.draft(message));
    const entry = this.get(sessionId);
    for (const { id } of drafts) this.checkUnused(id, entry);
    const before = entry.messages.length;
    const added = drafts.map((draft) => this.place(entry, draft));
    // What is only repeated is no activity.
    if (entry.messages.length > before) this.move(entry);
    return structuredClone(added);
  }

  /** Copies a message that is to be appended. */
  protected draft(message: NewMessage): Draft {
    const { id = crypto.randomUUID() } = message as Partial<Message>;
    this.checkId(id, "message id");
    return { ...copyMessage(message), id };
  }

  /** Refuses a message id that another session uses. */
  protected checkUnused(messageId: string, entry: Entry): void {
    for (const other of this.live()) {
      if (other === entry) continue;
      if (!other.messages.some(({ id }) => id === messageId)) continue;
      const why = `message "${messageId}" is another session's`;
      throw new Refusal("already-exists", why);
    }
  }

  /** Adds one message at the end, unless it is there. */
  protected place(entry: Entry, draft: Draft): Message {
    const known = entry.messages.find(({ id }) => id === draft.id);
    if (known) return known;
    const message: Message = {
      ...draft,
      sessionId: entry.session.id,
      sequence: ++entry.lastSequence,
      createdAt: new Date(this.store.now),
    };
    entry.messages.push(message);
    return message;
  }
}

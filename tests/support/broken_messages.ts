/**
 * Adapters that do the wrong thing with the messages of a session.
 *
 * @module
 */

import type {
  Message,
  NewMessage,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { type Draft, MemoryAdapter } from "./memory_adapter.ts";
import type { Entry } from "./memory_store.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_MESSAGES: Record<string, BrokenAdapter> = {
  "updateMessage() reaches into other sessions": class extends MemoryAdapter {
    override updateMessage(
      sessionId: string,
      messageId: string,
      updates: Partial<Message>,
    ): Promise<Message> {
      const owner = this.live().find(({ messages }) =>
        messages.some(({ id }) => id === messageId)
      );
      const id = owner?.session.id ?? sessionId;
      return super.updateMessage(id, messageId, updates);
    }
  },

  "updateMessage() lets a message change its session": class
    extends MemoryAdapter {
    override async updateMessage(
      ...given: Parameters<MemoryAdapter["updateMessage"]>
    ): Promise<Message> {
      const [sessionId, messageId, updates] = given;
      const updated = await super.updateMessage(...given);
      const { sessionId: moved = sessionId } = updates;
      const stored = this.get(sessionId).messages
        .find(({ id }) => id === messageId);
      return structuredClone(
        Object.assign(stored ?? updated, { sessionId: moved }),
      );
    }
  },

  "deleteMessage() leaves the message": class extends MemoryAdapter {
    override deleteMessage(): Promise<void> {
      return Promise.resolve();
    }
  },

  "deleteMessage() reaches into other sessions": class extends MemoryAdapter {
    override async deleteMessage(_: string, messageId: string): Promise<void> {
      for (const { session } of this.live()) {
        await super.deleteMessage(session.id, messageId);
      }
    }
  },

  "getMessage() reaches into other sessions": class extends MemoryAdapter {
    override getMessage(_: string, messageId: string): Promise<Message | null> {
      return this.attempt("read", () => {
        const messages = this.live().flatMap((entry) => entry.messages);
        const found = messages.find(({ id }) => id === messageId);
        return structuredClone(found ?? null);
      });
    }
  },

  "addMessage() keeps the caller's createdAt": class extends MemoryAdapter {
    readonly #dates = new Map<string, Date>();

    protected override draft(message: NewMessage): Draft {
      const draft = super.draft(message);
      const { createdAt } = message as Partial<Message>;
      if (createdAt) this.#dates.set(draft.id, createdAt);
      return draft;
    }

    protected override place(entry: Entry, draft: Draft): Message {
      const placed = super.place(entry, draft);
      const { createdAt } = placed;
      placed.createdAt = this.#dates.get(draft.id) ?? createdAt;
      return placed;
    }
  },

  "addMessage() stores the same id twice": class extends MemoryAdapter {
    protected override place(entry: Entry, draft: Draft): Message {
      const placed = super.place(entry, { ...draft, id: crypto.randomUUID() });
      return Object.assign(placed, { id: draft.id });
    }
  },

  "addMessage() replaces the message of the same id": class
    extends MemoryAdapter {
    protected override place(entry: Entry, draft: Draft): Message {
      return Object.assign(super.place(entry, draft), draft);
    }
  },

  "addMessage() makes an id although one is given": class
    extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      return { ...super.draft(message), id: crypto.randomUUID() };
    }
  },

  "addMessage() takes an id that another session uses": class
    extends MemoryAdapter {
    protected override checkUnused(): void {}
  },

  "addMessage() returns nothing for a missing session": class
    extends MemoryAdapter {
    protected override append(id: string, given: NewMessage[]): Message[] {
      return this.find(id) ? super.append(id, given) : [];
    }
  },

  "addMessage() leaves lastActivityAt as it is": class extends MemoryAdapter {
    protected override move(entry: Entry): void {
      this.slide(entry);
    }
  },

  "addMessages() stores what comes before an unusable message": class
    extends MemoryAdapter {
    override async addMessages(
      sessionId: string,
      messages: NewMessage[],
    ): Promise<Message[]> {
      const added: Message[] = [];
      for (const message of messages) {
        added.push(await this.addMessage(sessionId, message));
      }
      return added;
    }
  },

  "deleteAllMessages() deletes the session": class extends MemoryAdapter {
    override deleteAllMessages(sessionId: string): Promise<void> {
      return this.deleteSession(sessionId);
    }
  },

  "deleteAllMessages() deletes those of every session": class
    extends MemoryAdapter {
    override async deleteAllMessages(): Promise<void> {
      for (const { session } of this.live()) {
        await super.deleteAllMessages(session.id);
      }
    }
  },

  "deleteAllMessages() leaves the last message": class extends MemoryAdapter {
    override deleteAllMessages(sessionId: string): Promise<void> {
      return this.attempt("delete", () => {
        const entry = this.get(sessionId);
        entry.messages = entry.messages.slice(-1);
      });
    }
  },

  "countMessages() counts what was ever added": class extends MemoryAdapter {
    override countMessages(sessionId: string): Promise<number> {
      return this.attempt(
        "count",
        () => this.find(sessionId)?.lastSequence ?? 0,
      );
    }
  },
};

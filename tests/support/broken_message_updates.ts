/**
 * Adapters that update, delete or count messages wrongly.
 *
 * @module
 */

import type { Message } from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";
import { Refusal } from "./memory_checks.ts";

type UpdateMessageGiven = Parameters<MemoryAdapter["updateMessage"]>;

/** The adapters, by their defects. */
export const BROKEN_FOR_MESSAGE_UPDATES: Record<string, BrokenAdapter> = {
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

  "updateMessage() removes what is not given": class extends MemoryAdapter {
    override updateMessage(
      ...[sessionId, messageId, updates]: UpdateMessageGiven
    ): Promise<Message> {
      const absent = { tokenCount: undefined, metadata: undefined };
      // A field may be given as undefined, which the type of updates hides.
      const whole = { ...absent, ...updates } as Partial<Message>;
      return super.updateMessage(sessionId, messageId, whole);
    }
  },

  "updateMessage() takes undefined as absent": class extends MemoryAdapter {
    override updateMessage(
      ...[sessionId, messageId, updates]: UpdateMessageGiven
    ): Promise<Message> {
      const given = Object.entries(updates)
        .filter(([, value]) => value !== undefined);
      return super.updateMessage(
        sessionId,
        messageId,
        Object.fromEntries(given),
      );
    }
  },

  "updateMessage() moves a given updatedAt to now": class
    extends MemoryAdapter {
    override updateMessage(
      ...[sessionId, messageId, updates]: UpdateMessageGiven
    ): Promise<Message> {
      const { updatedAt: _, ...rest } = updates;
      return super.updateMessage(sessionId, messageId, rest);
    }
  },

  "updateMessage() stores whatever is passed": class extends MemoryAdapter {
    override async updateMessage(
      ...given: UpdateMessageGiven
    ): Promise<Message> {
      const updated = await super.updateMessage(...given);
      const stored = this.get(updated.sessionId).messages
        .find(({ id }) => id === updated.id);
      return structuredClone(
        Object.assign(stored ?? updated, { ...given[2], ...stored }),
      );
    }
  },

  "updateMessage() is activity": class extends MemoryAdapter {
    override async updateMessage(
      ...given: UpdateMessageGiven
    ): Promise<Message> {
      const updated = await super.updateMessage(...given);
      this.move(this.get(updated.sessionId));
      return updated;
    }
  },

  "deleteMessage() is activity": class extends MemoryAdapter {
    override async deleteMessage(id: string, messageId: string): Promise<void> {
      await super.deleteMessage(id, messageId);
      const entry = this.find(id);
      if (entry) this.move(entry);
    }
  },

  "deleteMessage() takes the id for a pattern": class extends MemoryAdapter {
    override async deleteMessage(id: string, messageId: string): Promise<void> {
      for (const message of await this.getMessages(id)) {
        const start = messageId.replace(/\*$/, "");
        const matches = start === messageId
          ? message.id === messageId
          : message.id.startsWith(start);
        if (matches) await super.deleteMessage(id, message.id);
      }
    }
  },

  "deleteMessage() refuses a missing message": class extends MemoryAdapter {
    override async deleteMessage(id: string, messageId: string): Promise<void> {
      const message = await this.getMessage(id, messageId);
      if (message) return await super.deleteMessage(id, messageId);
      await this.attempt(`delete message "${messageId}"`, () => {
        throw new Refusal("not-found", "not found");
      });
    }
  },

  "deleteAllMessages() refuses a missing session": class extends MemoryAdapter {
    override async deleteAllMessages(id: string): Promise<void> {
      await this.attempt(`delete messages of "${id}"`, () => this.get(id));
      await super.deleteAllMessages(id);
    }
  },

  "deleteAllMessages() is activity": class extends MemoryAdapter {
    override async deleteAllMessages(id: string): Promise<void> {
      await super.deleteAllMessages(id);
      const entry = this.find(id);
      if (entry) this.move(entry);
    }
  },
};

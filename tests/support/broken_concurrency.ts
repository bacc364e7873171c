/**
 * Adapters that look and then write, with time in between for others.
 *
 * @module
 */

import {
  ConcurrencyError,
  type Message,
  type NewMessage,
  type NewSession,
  type Session,
  type UpdateSessionOptions,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_CONCURRENCY: Record<string, BrokenAdapter> = {
  "updateSession() compares the version before it writes": class
    extends MemoryAdapter {
    override async updateSession(
      id: string,
      updates: Partial<Session>,
      options: UpdateSessionOptions = {},
    ): Promise<Session> {
      const { expectedVersion } = options;
      const stored = await this.getSession(id);
      if (stored?.version !== expectedVersion) {
        return await super.updateSession(id, updates, options);
      }
      await Promise.resolve();
      const { version: _, ...rest } = updates;
      return await super.updateSession(id, rest);
    }
  },

  "updateSession() writes back all that it has read": class
    extends MemoryAdapter {
    override async updateSession(
      id: string,
      updates: Partial<Session>,
      options?: UpdateSessionOptions,
    ): Promise<Session> {
      const { version: _, lastActivityAt: __, ...read } =
        await this.getSession(id) ?? {};
      await Promise.resolve();
      return await super.updateSession(id, { ...read, ...updates }, options);
    }
  },

  "updateSession() takes a whole session's version as a new one": class
    extends MemoryAdapter {
    override async updateSession(
      id: string,
      updates: Partial<Session>,
      options?: UpdateSessionOptions,
    ): Promise<Session> {
      const updated = await super.updateSession(id, updates, options);
      const { version = updated.version ?? 1 } = updates;
      const { session = updated } = this.find(id) ?? {};
      session.version = version;
      return { ...updated, version };
    }
  },

  "updateSession() ignores expectedVersion": class extends MemoryAdapter {
    override updateSession(
      id: string,
      updates: Partial<Session>,
    ): Promise<Session> {
      return super.updateSession(id, updates);
    }
  },

  "updateSession() brings a deleted session back": class extends MemoryAdapter {
    override async updateSession(
      ...given: Parameters<MemoryAdapter["updateSession"]>
    ): Promise<Session> {
      const entry = this.find(given[0]);
      await Promise.resolve();
      if (entry) this.store.entries.set(given[0], entry);
      return await super.updateSession(...given);
    }
  },

  "createSession() looks for the id before it writes": class
    extends MemoryAdapter {
    override async createSession(given: NewSession): Promise<Session> {
      const { id } = given as Partial<Session>;
      if (id === undefined || this.find(id)) {
        return await super.createSession(given);
      }
      const { id: draft, ...rest } = await super.createSession({
        ...given,
        ...{ id: crypto.randomUUID() },
      });
      this.store.entries.delete(draft);
      this.insert(structuredClone({ ...rest, id }));
      return { ...rest, id };
    }
  },

  "addMessage() looks for the id before it writes": class
    extends MemoryAdapter {
    override async addMessage(
      sessionId: string,
      message: NewMessage,
    ): Promise<Message> {
      const id = String(Reflect.get(message, "id"));
      const stored = this.find(sessionId)?.messages ?? [];
      const known = stored.some((each) => each.id === id);
      await Promise.resolve();
      const added = await super.addMessage(sessionId, {
        ...message,
        ...known ? {} : { id: crypto.randomUUID() },
      });
      if (known || id === "undefined") return added;
      const entry = this.get(sessionId);
      const placed = entry.messages.find((each) => each.id === added.id);
      return structuredClone(Object.assign(placed ?? added, { id }));
    }
  },

  "deleteAllMessages() deletes one after the other": class
    extends MemoryAdapter {
    override async deleteAllMessages(sessionId: string): Promise<void> {
      for (const { id } of await this.getMessages(sessionId)) {
        await this.deleteMessage(sessionId, id);
      }
    }
  },

  "addMessages() appends one after the other": class extends MemoryAdapter {
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

  "updateMessage() writes back all that it has read": class
    extends MemoryAdapter {
    override async updateMessage(
      sessionId: string,
      messageId: string,
      updates: Partial<Message>,
    ): Promise<Message> {
      const { updatedAt: _, ...read } =
        await this.getMessage(sessionId, messageId) ?? {};
      await Promise.resolve();
      const whole = { ...read, ...updates };
      return await super.updateMessage(sessionId, messageId, whole);
    }
  },

  "updateSession() counts no version when one is expected": class
    extends MemoryAdapter {
    override async updateSession(
      id: string,
      updates: Partial<Session>,
      options: UpdateSessionOptions = {},
    ): Promise<Session> {
      const updated = await super.updateSession(id, updates, options);
      const { expectedVersion: version } = options;
      if (version === undefined || "version" in updates) return updated;
      return await super.updateSession(id, { version });
    }
  },

  "updateSession() takes a missing session for a stale version": class
    extends MemoryAdapter {
    override async updateSession(
      id: string,
      updates: Partial<Session>,
      options: UpdateSessionOptions = {},
    ): Promise<Session> {
      const { expectedVersion } = options;
      if (expectedVersion !== undefined && !this.find(id)) {
        throw new ConcurrencyError(id, expectedVersion, 0);
      }
      return await super.updateSession(id, updates, options);
    }
  },

  "updateSession() reads the version, then writes the next": class
    extends MemoryAdapter {
    override async updateSession(
      id: string,
      updates: Partial<Session>,
      options: UpdateSessionOptions = {},
    ): Promise<Session> {
      const stored = await this.getSession(id);
      if (!stored || options.expectedVersion !== undefined) {
        return await super.updateSession(id, updates, options);
      }
      const version = (stored.version ?? 0) + 1;
      return await super.updateSession(id, { version, ...updates }, options);
    }
  },
};

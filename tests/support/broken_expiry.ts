/**
 * Adapters that keep sessions too long or not long enough.
 *
 * @module
 */

import type {
  Message,
  MessageQueryOptions,
  Session,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { type Draft, MemoryAdapter } from "./memory_adapter.ts";
import type { Entry } from "./memory_store.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_EXPIRY: Record<string, BrokenAdapter> = {
  "messages expire before their session": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      options: MessageQueryOptions,
    ): Message[] {
      const { ttlSeconds = Infinity } = this.settings;
      const start = this.store.now - ttlSeconds * 1000;
      return super.choose(
        messages.filter(({ createdAt }) => createdAt.getTime() > start),
        options,
      );
    }
  },

  "addMessage() does not slide the TTL": class extends MemoryAdapter {
    protected override append(
      ...given: Parameters<MemoryAdapter["append"]>
    ): Message[] {
      const entry = this.get(given[0]);
      const { goneAt } = entry;
      const added = super.append(...given);
      entry.goneAt = goneAt;
      return added;
    }
  },

  "touchSession() does not slide the TTL": class extends MemoryAdapter {
    override async touchSession(id: string): Promise<boolean> {
      return await this.getSession(id) !== null;
    }
  },

  "updateSession() removes the TTL": class extends MemoryAdapter {
    protected override slide(entry: Entry): void {
      if (this.settings.ttlSeconds === 1 && entry.messages.length > 0) {
        entry.goneAt = Infinity;
      } else super.slide(entry);
    }
  },

  "ttlSeconds counts from the creation": class extends MemoryAdapter {
    protected override slide(entry: Entry): void {
      if (entry.goneAt === Infinity) super.slide(entry);
    }
  },

  "ttlSeconds is ignored": class extends MemoryAdapter {
    protected override slide(): void {}
  },

  "getSession() always slides the TTL": class extends MemoryAdapter {
    override async getSession(id: string): Promise<Session | null> {
      const session = await super.getSession(id);
      const entry = session ? this.find(id) : undefined;
      if (entry) this.slide(entry);
      return session;
    }
  },

  "getMessages() never slides the TTL": class extends MemoryAdapter {
    override async getMessages(
      ...given: Parameters<MemoryAdapter["getMessages"]>
    ): Promise<Message[]> {
      const goneAt = this.find(given[0])?.goneAt;
      const messages = await super.getMessages(...given);
      const entry = this.find(given[0]);
      if (entry && goneAt !== undefined) entry.goneAt = goneAt;
      return messages;
    }
  },

  "an expired session leaves its messages": class extends MemoryAdapter {
    protected override find(id: string): Entry | undefined {
      const entry = this.store.entries.get(id);
      const found = super.find(id);
      if (entry && !found) this.#left.set(id, entry);
      return found;
    }

    protected override insert(session: Session): void {
      super.insert(session);
      const left = this.#left.get(session.id);
      if (left) this.get(session.id).messages = left.messages;
    }

    readonly #left = new Map<string, Entry>();
  },

  "an expired session keeps the ids of its messages": class
    extends MemoryAdapter {
    readonly #used = new Set<string>();

    protected override place(entry: Entry, draft: Draft): Message {
      const known = entry.messages.find(({ id }) => id === draft.id);
      if (!known && this.#used.has(draft.id)) {
        return { ...super.place(entry, draft), content: "" };
      }
      this.#used.add(draft.id);
      return super.place(entry, draft);
    }
  },

  "expiresAt removes the session": class extends MemoryAdapter {
    protected override find(id: string): Entry | undefined {
      const entry = super.find(id);
      const { expiresAt } = entry?.session ?? {};
      const due = expiresAt?.getTime() ?? Infinity;
      return due > this.store.now ? entry : undefined;
    }
  },
};

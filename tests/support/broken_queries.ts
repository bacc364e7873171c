/**
 * Adapters that find too much, too little or the wrong page.
 *
 * @module
 */

import type {
  Message,
  MessageQueryOptions,
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_QUERIES: Record<string, BrokenAdapter> = {
  "getMessages() filters roles after paging": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { roles = [], ...rest }: MessageQueryOptions,
    ): Message[] {
      return super.choose(messages, rest)
        .filter(({ role }) => roles.length === 0 || roles.includes(role));
    }
  },

  "getMessages() includes the end of a time range": class
    extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { before, ...rest }: MessageQueryOptions,
    ): Message[] {
      if (!before) return super.choose(messages, rest);
      const end = new Date(before.getTime() + 1);
      return super.choose(messages, { ...rest, before: end });
    }
  },

  "getMessages() pages before it reverses": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { order, ...rest }: MessageQueryOptions,
    ): Message[] {
      const page = super.choose(messages, rest);
      return order === "desc" ? page.reverse() : page;
    }
  },

  "getMessages() takes a limit of 0 for none": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { limit, ...rest }: MessageQueryOptions,
    ): Message[] {
      return super.choose(messages, limit ? { ...rest, limit } : rest);
    }
  },

  "listSessions() ignores the status of a user's sessions": class
    extends MemoryAdapter {
    protected override matches(
      session: Session,
      { status, ...rest }: SessionFilters,
    ): boolean {
      const given = status && !rest.userId ? { ...rest, status } : rest;
      return super.matches(session, given);
    }
  },

  "listSessions() wants all tags": class extends MemoryAdapter {
    protected override matches(
      session: Session,
      filters: SessionFilters,
    ): boolean {
      const { tags = [] } = filters;
      return super.matches(session, filters) &&
        tags.every((tag) => session.metadata.tags?.includes(tag));
    }
  },

  "listSessions() excludes the start of a time range": class
    extends MemoryAdapter {
    protected override matches(
      session: Session,
      filters: SessionFilters,
    ): boolean {
      const { createdAfter } = filters;
      return super.matches(session, filters) &&
        (!createdAfter || session.createdAt > createdAfter);
    }
  },

  "listSessions() takes userId for a pattern": class extends MemoryAdapter {
    protected override matches(
      session: Session,
      { userId, ...rest }: SessionFilters,
    ): boolean {
      const starts = userId?.replace(/\*$/, "") ?? "";
      return super.matches(session, rest) &&
        (session.userId ?? "").startsWith(starts);
    }
  },

  "listSessions() fails once there is a message": class extends MemoryAdapter {
    override async listSessions(filters?: SessionFilters): Promise<Session[]> {
      for (const { messages } of this.live()) {
        if (messages.length > 0) throw new TypeError("Not a session");
      }
      return await super.listSessions(filters);
    }
  },

  "listSessions() keeps a user index that updates do not reach": class
    extends MemoryAdapter {
    readonly #users = new Map<string, string | undefined>();

    protected override insert(session: Session): void {
      this.#users.set(session.id, session.userId);
      super.insert(session);
    }

    protected override matches(
      session: Session,
      filters: SessionFilters,
    ): boolean {
      const userId = this.#users.get(session.id);
      const { userId: _, ...rest } = session;
      return super.matches(
        userId === undefined ? rest : { ...rest, userId },
        filters,
      );
    }
  },

  "listSessions() filters after paging": class extends MemoryAdapter {
    override async listSessions(
      { offset = 0, limit = Infinity, ...rest }: SessionFilters = {},
    ): Promise<Session[]> {
      const page = (await super.listSessions()).slice(offset, offset + limit);
      return page.filter((session) => this.matches(session, rest));
    }
  },

  "listSessions() orders by createdAt alone": class extends MemoryAdapter {
    override async listSessions(filters?: SessionFilters): Promise<Session[]> {
      const sessions = await super.listSessions(filters);
      const index = [...this.store.entries.keys()];
      return sessions.sort((a, b) =>
        a.createdAt.getTime() - b.createdAt.getTime() ||
        index.indexOf(a.id) - index.indexOf(b.id)
      );
    }
  },

  "iterateSessions() counts its way through a changing list": class
    extends MemoryAdapter {
    override async *iterateSessions(
      filters?: SessionFilters,
    ): AsyncGenerator<Session> {
      for (let offset = 0;; offset++) {
        const page = { ...filters, offset, limit: 1 };
        const [session] = (await this.listSessions(page)).reverse();
        if (!session) return;
        yield session;
      }
    }
  },

  "getExpiredSessions() excludes a deadline at that moment": class
    extends MemoryAdapter {
    override getExpiredSessions(before: Date): Promise<string[]> {
      return super.getExpiredSessions(new Date(before.getTime() - 1));
    }
  },

  "getExpiredSessions() returns ids in alphabetical order": class
    extends MemoryAdapter {
    override async getExpiredSessions(before: Date): Promise<string[]> {
      return (await super.getExpiredSessions(before)).sort();
    }
  },

  "getExpiredSessions() deletes what it returns": class extends MemoryAdapter {
    override async getExpiredSessions(before: Date): Promise<string[]> {
      const ids = await super.getExpiredSessions(before);
      for (const id of ids) await this.deleteSession(id);
      return ids;
    }
  },
};

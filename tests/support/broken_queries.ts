/**
 * Adapters that find too many sessions, too few or the wrong page.
 *
 * @module
 */

import type {
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_QUERIES: Record<string, BrokenAdapter> = {
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

  "listSessions() fails where nothing was ever stored": class
    extends MemoryAdapter {
    override async listSessions(filters?: SessionFilters): Promise<Session[]> {
      if (this.store.entries.size === 0) throw new TypeError("No index");
      return await super.listSessions(filters);
    }
  },

  "listSessions() knows of no status and no agent": class
    extends MemoryAdapter {
    protected override matches(
      session: Session,
      { status: _, activeAgentId: __, ...rest }: SessionFilters,
    ): boolean {
      return super.matches(session, rest);
    }
  },

  "listSessions() finds a tag inside of another": class extends MemoryAdapter {
    protected override matches(
      session: Session,
      { tags = [], ...rest }: SessionFilters,
    ): boolean {
      const stored = session.metadata.tags?.join() ?? "";
      return super.matches(session, rest) &&
        (tags.length === 0 || tags.some((tag) => stored.includes(tag)));
    }
  },

  "listSessions() takes the limit for the last index": class
    extends MemoryAdapter {
    override async listSessions(
      { offset = 0, limit = Infinity, ...rest }: SessionFilters = {},
    ): Promise<Session[]> {
      return (await super.listSessions(rest)).slice(offset, limit + 1);
    }
  },

  "listSessions() stays at the last session beyond the end": class
    extends MemoryAdapter {
    override async listSessions(
      { offset = 0, ...rest }: SessionFilters = {},
    ): Promise<Session[]> {
      const last = (await super.listSessions()).length - 1;
      return await super.listSessions({
        ...rest,
        offset: Math.min(offset, Math.max(last, 0)),
      });
    }
  },

  "iterateSessions() ignores offset and limit": class extends MemoryAdapter {
    override async *iterateSessions(
      { offset: _, limit: __, ...rest }: SessionFilters = {},
    ): AsyncGenerator<Session> {
      yield* super.iterateSessions(rest);
    }
  },

  "iterateSessions() keeps to the limit of each page alone": class
    extends MemoryAdapter {
    override async *iterateSessions(
      { offset = 0, limit = Infinity, ...rest }: SessionFilters = {},
    ): AsyncGenerator<Session> {
      const size = Math.min(limit, 100);
      for (let start = offset; size > 0; start += size) {
        const page = { ...rest, offset: start, limit: size };
        const sessions = await this.listSessions(page);
        yield* sessions;
        if (sessions.length < 100) return;
      }
    }
  },
};

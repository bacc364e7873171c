/**
 * Adapters that list sessions in another order than they are asked for.
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
export const BROKEN_FOR_ORDER: Record<string, BrokenAdapter> = {
  "listSessions() ignores the order": class extends MemoryAdapter {
    protected override arrange(
      sessions: Session[],
      { order: _, ...rest }: SessionFilters,
    ): Session[] {
      return super.arrange(sessions, rest);
    }
  },

  "listSessions() ignores sortBy": class extends MemoryAdapter {
    protected override arrange(
      sessions: Session[],
      { sortBy: _, ...rest }: SessionFilters,
    ): Session[] {
      return super.arrange(sessions, rest);
    }
  },

  "listSessions() goes by activity whatever sortBy is": class
    extends MemoryAdapter {
    protected override arrange(
      sessions: Session[],
      filters: SessionFilters,
    ): Session[] {
      return filters.sortBy === undefined
        ? super.arrange(sessions, filters)
        : super.arrange(sessions, { ...filters, sortBy: "lastActivityAt" });
    }
  },

  "listSessions() takes an undefined order for another": class
    extends MemoryAdapter {
    protected override arrange(
      sessions: Session[],
      filters: SessionFilters,
    ): Session[] {
      return "order" in filters && filters.order !== "asc"
        ? super.arrange(sessions, { ...filters, order: "desc" })
        : super.arrange(sessions, filters);
    }
  },

  "listSessions() turns moments around, but no ids": class
    extends MemoryAdapter {
    protected override arrange(
      sessions: Session[],
      { sortBy = "createdAt", order = "asc" }: SessionFilters,
    ): Session[] {
      const sign = order === "asc" ? 1 : -1;
      return super.arrange(sessions, { sortBy }).sort((a, b) =>
        sign * (a[sortBy].getTime() - b[sortBy].getTime())
      );
    }
  },

  "listSessions() by activity compares the UTF-16 of ids": class
    extends MemoryAdapter {
    protected override arrange(
      sessions: Session[],
      filters: SessionFilters,
    ): Session[] {
      const { sortBy = "createdAt", order } = filters;
      if (sortBy === "createdAt") return super.arrange(sessions, filters);
      const sorted = sessions.sort((a, b) =>
        a[sortBy].getTime() - b[sortBy].getTime() || (a.id < b.id ? -1 : 1)
      );
      return order === "desc" ? sorted.reverse() : sorted;
    }
  },

  "listSessions() compares moments as texts": class extends MemoryAdapter {
    protected override arrange(
      sessions: Session[],
      filters: SessionFilters,
    ): Session[] {
      const { sortBy = "createdAt", order } = filters;
      const text = (session: Session) => String(session[sortBy].getTime());
      const sorted = super.arrange(sessions, { sortBy })
        .sort((a, b) => Number(text(a) > text(b)) - Number(text(a) < text(b)));
      return order === "desc" ? sorted.reverse() : sorted;
    }
  },

  "listSessions() turns each page around": class extends MemoryAdapter {
    override async listSessions(
      { order, ...rest }: SessionFilters = {},
    ): Promise<Session[]> {
      const page = await super.listSessions(rest);
      return order === "desc" ? page.reverse() : page;
    }
  },

  "iterateSessions() ignores the order": class extends MemoryAdapter {
    override iterateSessions(
      { order: _, ...rest }: SessionFilters = {},
    ): AsyncGenerator<Session> {
      return super.iterateSessions(rest);
    }
  },

  "iterateSessions() goes by activity when asked to": class
    extends MemoryAdapter {
    override async *iterateSessions(
      filters?: SessionFilters,
    ): AsyncGenerator<Session> {
      yield* await this.listSessions(filters);
    }
  },

  "iterateSessions() throws instead of rejecting": class extends MemoryAdapter {
    override iterateSessions(
      filters: SessionFilters = {},
    ): AsyncGenerator<Session> {
      if (filters.sortBy === "lastActivityAt") throw new TypeError("Not by it");
      return super.iterateSessions(filters);
    }
  },

  "iterateSessions() takes no sortBy": class extends MemoryAdapter {
    override async *iterateSessions(
      filters: SessionFilters = {},
    ): AsyncGenerator<Session> {
      if ("sortBy" in filters) {
        yield* super.iterateSessions({ sortBy: "lastActivityAt" });
      }
      yield* super.iterateSessions(filters);
    }
  },

  "iterateSessions() counts from the newest on in a growing list": class
    extends MemoryAdapter {
    override async *iterateSessions(
      filters: SessionFilters = {},
    ): AsyncGenerator<Session> {
      const isWhole = filters.order === "desc" && filters.limit === undefined;
      if (!isWhole) yield* super.iterateSessions(filters);
      for (let offset = filters.offset ?? 0; isWhole; offset++) {
        const page = { ...filters, offset, limit: 1 };
        const [session] = await this.listSessions(page);
        if (!session) return;
        yield session;
      }
    }
  },

  "iterateSessions() counts the offset anew on each page from the newest on":
    class extends MemoryAdapter {
      override async *iterateSessions(
        filters: SessionFilters = {},
      ): AsyncGenerator<Session> {
        const { offset = 0, limit = Infinity, order } = filters;
        if (order !== "desc") return yield* super.iterateSessions(filters);
        const all = await this.listSessions({ ...filters, offset: 0 });
        const first = all.slice(offset, offset + 100);
        yield* first.slice(0, limit);
        const rest = all.slice(2 * offset + 100);
        yield* rest.slice(0, Math.max(limit - first.length, 0));
      }
    },
};

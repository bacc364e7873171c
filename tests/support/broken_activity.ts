/**
 * Adapters whose lists by activity are wrong, mostly as their index of it does
 * not go along with the sessions.
 *
 * @module
 */

import type {
  Message,
  NewMessage,
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";

type Given<Method extends keyof MemoryAdapter> = Parameters<
  MemoryAdapter[Method]
>;

/** Lists sessions by moments of activity that can differ from their own. */
class IndexedAdapter extends MemoryAdapter {
  /** The moments that differ, by the ids of their sessions. */
  protected readonly moments: Map<string, Date> = new Map();

  /** Leaves a session at the moment that it has now, whatever comes. */
  protected keep(id: string): void {
    const entry = this.find(id);
    if (entry) this.moments.set(id, entry.session.lastActivityAt);
  }

  protected override arrange(
    sessions: Session[],
    filters: SessionFilters,
  ): Session[] {
    const indexed = sessions.map((session) => ({
      ...session,
      lastActivityAt: this.moments.get(session.id) ?? session.lastActivityAt,
    }));
    return super.arrange(indexed, filters).map(({ id }) =>
      sessions.find((session) => session.id === id)!
    );
  }
}

/** The adapters, by their defects. */
export const BROKEN_FOR_ACTIVITY: Record<string, BrokenAdapter> = {
  "listSessions() by activity hears of no message": class
    extends IndexedAdapter {
    override addMessage(id: string, message: NewMessage): Promise<Message> {
      this.keep(id);
      return super.addMessage(id, message);
    }
  },

  "listSessions() by activity hears of no batch": class extends IndexedAdapter {
    override addMessages(id: string, list: NewMessage[]): Promise<Message[]> {
      this.keep(id);
      return super.addMessages(id, list);
    }
  },

  "listSessions() by activity hears of no touch": class extends IndexedAdapter {
    override touchSession(id: string): Promise<boolean> {
      this.keep(id);
      return super.touchSession(id);
    }
  },

  "listSessions() by activity hears of no update": class
    extends IndexedAdapter {
    override updateSession(...given: Given<"updateSession">): Promise<Session> {
      const [id, { lastActivityAt }] = given;
      if (lastActivityAt === undefined) this.keep(id);
      return super.updateSession(...given);
    }
  },

  "listSessions() by activity never moves a session back": class
    extends IndexedAdapter {
    override updateSession(...given: Given<"updateSession">): Promise<Session> {
      const [id, { lastActivityAt }] = given;
      if (lastActivityAt) this.keep(id);
      return super.updateSession(...given);
    }
  },

  "listSessions() by activity knows no moment before 1970": class
    extends IndexedAdapter {
    override updateSession(...given: Given<"updateSession">): Promise<Session> {
      const [id, { lastActivityAt }] = given;
      const isEarly = lastActivityAt && lastActivityAt.getTime() < 0;
      if (isEarly) this.keep(id);
      return super.updateSession(...given);
    }
  },

  "listSessions() by activity stays at a moment that was given": class
    extends IndexedAdapter {
    override updateSession(...given: Given<"updateSession">): Promise<Session> {
      const [id, { lastActivityAt }] = given;
      if (lastActivityAt) this.moments.set(id, lastActivityAt);
      return super.updateSession(...given);
    }
  },

  "listSessions() by activity leaves a new session at the place of the old":
    class extends IndexedAdapter {
      override deleteSession(id: string): Promise<void> {
        this.keep(id);
        return super.deleteSession(id);
      }
    },

  "listSessions() by activity takes any call on messages for activity": class
    extends IndexedAdapter {
    override deleteAllMessages(id: string): Promise<void> {
      this.moments.set(id, new Date(this.store.now));
      return super.deleteAllMessages(id);
    }
  },

  "listSessions() by activity takes the times for those of activity": class
    extends MemoryAdapter {
    protected override matches(
      session: Session,
      filters: SessionFilters,
    ): boolean {
      const { sortBy = "createdAt" } = filters;
      const moved = { ...session, createdAt: session[sortBy] };
      return super.matches(moved, filters);
    }
  },

  "listSessions() filters after paging where it does not go by creation": class
    extends MemoryAdapter {
    override async listSessions(
      filters: SessionFilters = {},
    ): Promise<Session[]> {
      const { sortBy = "createdAt", order = "asc", ...rest } = filters;
      if (sortBy === "createdAt") return await super.listSessions(filters);
      const { offset = 0, limit = Infinity, ...asked } = rest;
      const page = (await super.listSessions({ sortBy, order }))
        .slice(offset, offset + limit);
      return page.filter((session) => this.matches(session, asked));
    }
  },
};

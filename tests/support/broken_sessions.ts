/**
 * Adapters that create, read, touch or delete sessions wrongly.
 *
 * @module
 */

import type {
  NewSession,
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";
import type { Entry } from "./memory_store.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_SESSIONS: Record<string, BrokenAdapter> = {
  "createSession() overwrites a session that exists": class
    extends MemoryAdapter {
    override createSession(given: NewSession): Promise<Session> {
      this.store.entries.delete(String(Reflect.get(given, "id")));
      return super.createSession(given);
    }
  },

  "createSession() keeps the caller's createdAt": class extends MemoryAdapter {
    override async createSession(given: NewSession): Promise<Session> {
      const made = await super.createSession(given);
      const { createdAt = made.createdAt } = given as Partial<Session>;
      this.get(made.id).session.createdAt = createdAt;
      return { ...made, createdAt };
    }
  },

  "createSession() makes an id although one is given": class
    extends MemoryAdapter {
    override createSession(given: NewSession): Promise<Session> {
      return super.createSession({ ...given, ...{ id: crypto.randomUUID() } });
    }
  },

  "createSession() stores whatever is passed": class extends MemoryAdapter {
    override async createSession(given: NewSession): Promise<Session> {
      const made = await super.createSession(given);
      const { session } = this.get(made.id);
      Object.assign(session, { ...given, ...session });
      return this.reveal(session);
    }
  },

  "touchSession() counts as an update": class extends MemoryAdapter {
    override async touchSession(id: string): Promise<boolean> {
      if (!this.find(id)) return false;
      await this.updateSession(id, {});
      return true;
    }
  },

  "deleteSession() leaves the messages for the next of that id": class
    extends MemoryAdapter {
    readonly #left = new Map<string, Entry>();

    override deleteSession(id: string): Promise<void> {
      const entry = this.find(id);
      if (entry) this.#left.set(id, entry);
      return super.deleteSession(id);
    }

    protected override insert(session: Session): void {
      super.insert(session);
      const left = this.#left.get(session.id);
      if (left) this.get(session.id).messages = left.messages;
    }
  },

  "deleteSession() fails for a missing session": class extends MemoryAdapter {
    override deleteSession(id: string): Promise<void> {
      return this.attempt("delete", () => {
        this.store.entries.delete(this.get(id).session.id);
      });
    }
  },

  "createSession() makes ids by counting": class extends MemoryAdapter {
    override createSession(given: NewSession): Promise<Session> {
      const id = String(this.store.entries.size + 1);
      return super.createSession({ ...{ id }, ...given });
    }
  },

  "createSession() forgets a field": class extends MemoryAdapter {
    override createSession(given: NewSession): Promise<Session> {
      const { compressionState: _, ...rest } = given;
      return super.createSession(rest);
    }
  },

  "createSession() leaves the version to the first update": class
    extends MemoryAdapter {
    override async createSession(given: NewSession): Promise<Session> {
      const made = await super.createSession(given);
      if (given.version !== undefined) return made;
      const { session } = this.get(made.id);
      delete session.version;
      return this.reveal(session);
    }
  },

  "createSession() takes ids that differ in case for the same": class
    extends MemoryAdapter {
    protected override find(id: string): Entry | undefined {
      return super.find(id) ?? super.find(id.toLowerCase());
    }
  },

  "getSession() refuses a missing session": class extends MemoryAdapter {
    override getSession(id: string): Promise<Session | null> {
      return this.attempt(
        `read session "${id}"`,
        () => this.reveal(this.get(id).session),
      );
    }
  },

  "deleteSession() deletes the index of the user": class extends MemoryAdapter {
    readonly #lost = new Set<string>();

    override deleteSession(id: string): Promise<void> {
      const { userId } = this.find(id)?.session ?? {};
      if (userId !== undefined) this.#lost.add(userId);
      return super.deleteSession(id);
    }

    protected override matches(
      session: Session,
      filters: SessionFilters,
    ): boolean {
      return !this.#lost.has(filters.userId ?? "") &&
        super.matches(session, filters);
    }
  },

  "touchSession() is true whatever it finds": class extends MemoryAdapter {
    override async touchSession(id: string): Promise<boolean> {
      await super.touchSession(id);
      return true;
    }
  },
};

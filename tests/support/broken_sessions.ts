/**
 * Adapters that do the wrong thing with a single session.
 *
 * @module
 */

import type {
  NewSession,
  Session,
  UpdateSessionOptions,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";
import type { Entry } from "./memory_store.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_SESSIONS: Record<string, BrokenAdapter> = {
  "updateSession() replaces the session": class extends MemoryAdapter {
    protected override merge(entry: Entry, set: Partial<Session>): void {
      const { id, createdAt } = entry.session;
      entry.session = {
        status: "active",
        metadata: {},
        participants: [],
        schemaVersion: 1,
        lastActivityAt: createdAt,
        ...set,
        id,
        createdAt,
      };
    }
  },

  "updateSession() keeps fields given as undefined": class
    extends MemoryAdapter {
    protected override merge(entry: Entry, set: Partial<Session>): void {
      super.merge(entry, set, []);
    }
  },

  "updateSession() creates a missing session": class extends MemoryAdapter {
    override async updateSession(
      id: string,
      updates: Partial<Session>,
      options?: UpdateSessionOptions,
    ): Promise<Session> {
      if (!this.find(id)) {
        await this.createSession({ ...updates, ...{ id } } as NewSession);
      }
      return await super.updateSession(id, updates, options);
    }
  },

  "updateSession() merges metadata too": class extends MemoryAdapter {
    protected override merge(
      entry: Entry,
      set: Partial<Session>,
      removed: (keyof Session)[],
    ): void {
      const { metadata } = entry.session;
      super.merge(entry, set, removed);
      entry.session.metadata = { ...metadata, ...set.metadata };
    }
  },

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

  "updateSession() counts no version": class extends MemoryAdapter {
    protected override merge(
      entry: Entry,
      { version: _, ...set }: Partial<Session>,
      removed: (keyof Session)[],
    ): void {
      super.merge(entry, set, removed);
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
};

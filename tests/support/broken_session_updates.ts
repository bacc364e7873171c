/**
 * Adapters that merge fields into a session wrongly.
 *
 * @module
 */

import {
  type NewSession,
  type Session,
  StorageError,
  type UpdateSessionOptions,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";
import type { Entry } from "./memory_store.ts";

type UpdateSessionGiven = Parameters<MemoryAdapter["updateSession"]>;

/** The adapters, by their defects. */
export const BROKEN_FOR_SESSION_UPDATES: Record<string, BrokenAdapter> = {
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

  "updateSession() counts no version": class extends MemoryAdapter {
    protected override merge(
      entry: Entry,
      { version: _, ...set }: Partial<Session>,
      removed: (keyof Session)[],
    ): void {
      super.merge(entry, set, removed);
    }
  },

  "updateSession() takes undefined as absent": class extends MemoryAdapter {
    override updateSession(
      ...[id, updates, options]: UpdateSessionGiven
    ): Promise<Session> {
      const given = Object.entries(updates)
        .filter(([, value]) => value !== undefined);
      return super.updateSession(id, Object.fromEntries(given), options);
    }
  },

  "updateSession() checks the createdAt that it ignores": class
    extends MemoryAdapter {
    override async updateSession(
      ...given: UpdateSessionGiven
    ): Promise<Session> {
      const [id, { createdAt = new Date() }] = given;
      if (!(createdAt instanceof Date)) {
        throw new StorageError(`Cannot update "${id}": no date`, "memory");
      }
      return await super.updateSession(...given);
    }
  },

  "updateSession() stores whatever is passed": class extends MemoryAdapter {
    override async updateSession(
      ...given: UpdateSessionGiven
    ): Promise<Session> {
      const [id, updates] = given;
      await super.updateSession(...given);
      const { session } = this.get(id);
      for (const [name, value] of Object.entries(updates)) {
        if (value !== undefined) {
          Object.assign(session, { [name]: value, ...session });
        }
      }
      return this.reveal(session);
    }
  },

  "updateSession() leaves lastActivityAt as it is": class
    extends MemoryAdapter {
    override updateSession(
      ...[id, updates, options]: UpdateSessionGiven
    ): Promise<Session> {
      const { lastActivityAt } = this.find(id)?.session ?? {};
      const given = lastActivityAt ? { lastActivityAt, ...updates } : updates;
      return super.updateSession(id, given, options);
    }
  },

  "updateSession() moves a given lastActivityAt to now": class
    extends MemoryAdapter {
    protected override merge(
      entry: Entry,
      set: Partial<Session>,
      removed: (keyof Session)[],
    ): void {
      const lastActivityAt = new Date(this.store.now);
      super.merge(entry, { ...set, lastActivityAt }, removed);
    }
  },

  "updateSession() starts again when the version is removed": class
    extends MemoryAdapter {
    override updateSession(
      ...[id, updates, options]: UpdateSessionGiven
    ): Promise<Session> {
      const { version, ...rest } = updates;
      if (version === undefined && "version" in updates) {
        return super.updateSession(id, { ...rest, version: 1 }, options);
      }
      return super.updateSession(id, updates, options);
    }
  },

  "updateSession() writes the record anew, without the messages": class
    extends MemoryAdapter {
    protected override merge(
      entry: Entry,
      set: Partial<Session>,
      removed: (keyof Session)[],
    ): void {
      super.merge(entry, set, removed);
      entry.messages = [];
    }
  },
};

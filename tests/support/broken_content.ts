/**
 * Adapters that return other sessions than they were given, or share objects with
 * their callers.
 *
 * @module
 */

import type {
  NewMessage,
  NewSession,
  Session,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { type Draft, MemoryAdapter } from "./memory_adapter.ts";
import type { Entry } from "./memory_store.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_CONTENT: Record<string, BrokenAdapter> = {
  "getSession() returns the dates of participants as text": class
    extends MemoryAdapter {
    protected override reveal(session: Session): Session {
      const copy = super.reveal(session);
      const participants = JSON.parse(JSON.stringify(copy.participants));
      return { ...copy, participants };
    }
  },

  "getSession() loses empty lists": class extends MemoryAdapter {
    protected override reveal(session: Session): Session {
      const copy = super.reveal(session);
      if (copy.metadata.tags?.length === 0) delete copy.metadata.tags;
      return copy;
    }
  },

  "createSession() stores the summarizer": class extends MemoryAdapter {
    readonly #stored = new Map<string, Session["compression"]>();

    override async createSession(given: NewSession): Promise<Session> {
      const made = await super.createSession(given);
      this.#stored.set(made.id, given.compression);
      return this.reveal(made);
    }

    protected override reveal(session: Session): Session {
      const copy = super.reveal(session);
      const compression = this.#stored.get(session.id);
      return compression ? { ...copy, compression } : copy;
    }
  },

  "getSession() forgets to put the summarizer back": class
    extends MemoryAdapter {
    protected override reveal(session: Session): Session {
      return structuredClone(session);
    }
  },

  "getSession() puts a summarizer into every compression": class
    extends MemoryAdapter {
    protected override reveal(session: Session): Session {
      const copy = super.reveal(session);
      const { summarizer } = this.settings;
      if (copy.compression) Object.assign(copy.compression, { summarizer });
      return copy;
    }
  },

  "createSession() keeps the caller's objects": class extends MemoryAdapter {
    override async createSession(given: NewSession): Promise<Session> {
      const made = await super.createSession(given);
      this.get(made.id).session.participants = given.participants ?? [];
      return made;
    }
  },

  "getSession() returns the stored object itself": class extends MemoryAdapter {
    protected override reveal(session: Session): Session {
      return session;
    }
  },

  "addMessage() keeps the caller's objects": class extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      const { content } = message;
      return { ...super.draft(message), content };
    }
  },

  "createSession() takes 0 for absent": class extends MemoryAdapter {
    protected override insert(session: Session): void {
      super.insert(session);
      if (session.tokenCount === 0) delete session.tokenCount;
    }
  },

  "updateSession() rounds numbers in metadata": class extends MemoryAdapter {
    protected override merge(
      entry: Entry,
      set: Partial<Session>,
      removed: (keyof Session)[],
    ): void {
      super.merge(entry, set, removed);
      entry.session.metadata = JSON.parse(
        JSON.stringify(
          entry.session.metadata,
          (_, value) =>
            typeof value === "number" ? Number(value.toPrecision(14)) : value,
        ),
      );
    }
  },

  "updateSession() keeps the caller's objects": class extends MemoryAdapter {
    override async updateSession(
      ...given: Parameters<MemoryAdapter["updateSession"]>
    ): Promise<Session> {
      const updated = await super.updateSession(...given);
      const { participants } = given[1];
      if (participants) {
        this.get(updated.id).session.participants = participants;
      }
      return updated;
    }
  },

  "createSession() keeps undefined in metadata as null": class
    extends MemoryAdapter {
    override async createSession(given: NewSession): Promise<Session> {
      const made = await super.createSession(given);
      const { session } = this.get(made.id);
      for (const [name, value] of Object.entries(given.metadata ?? {})) {
        if (value === undefined) Reflect.set(session.metadata, name, null);
      }
      return this.reveal(session);
    }
  },

  "createSession() drops keys that could change a prototype": class
    extends MemoryAdapter {
    protected override insert(session: Session): void {
      super.insert(session);
      session.metadata = JSON.parse(
        JSON.stringify(session.metadata),
        (name, value) => name === "__proto__" ? undefined : value,
      );
    }
  },

  "getSession() reads text as JSON where it can": class extends MemoryAdapter {
    protected override reveal(session: Session): Session {
      const copy = super.reveal(session);
      const { activeAgentId } = copy;
      if (activeAgentId === undefined) return copy;
      return { ...copy, activeAgentId: String(parse(activeAgentId)) };
    }
  },
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Some text only looks like JSON.
  }
}

/**
 * Adapters that return something else than what they were given.
 *
 * @module
 */

import type {
  Message,
  NewMessage,
  NewSession,
  Session,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { type Draft, MemoryAdapter } from "./memory_adapter.ts";
import type { Entry } from "./memory_store.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_CONTENT: Record<string, BrokenAdapter> = {
  "addMessage() takes text that starts with [ or { for JSON": class
    extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      const draft = super.draft(message);
      const { content } = draft;
      if (typeof content !== "string" || !/^[[{]/.test(content)) return draft;
      return { ...draft, content: parse(content) };
    }
  },

  "addMessage() ends text at a NUL character": class extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      const draft = super.draft(message);
      const { content } = draft;
      if (typeof content !== "string") return draft;
      return { ...draft, content: content.replace(/\0.*/s, "") };
    }
  },

  "updateMessage() keeps to the kind of content that was added": class
    extends MemoryAdapter {
    override async updateMessage(
      ...given: Parameters<MemoryAdapter["updateMessage"]>
    ): Promise<Message> {
      const [sessionId, messageId] = given;
      const before = await this.getMessage(sessionId, messageId);
      const updated = await super.updateMessage(...given);
      const { content } = updated;
      if (!before || typeof content === typeof before.content) return updated;
      const changed = typeof content === "string"
        ? parse(content)
        : JSON.stringify(content);
      const [, , rest] = given;
      return await super.updateMessage(sessionId, messageId, {
        ...rest,
        content: changed,
      });
    }
  },

  "addMessage() takes empty text for none": class extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      const draft = super.draft(message);
      return { ...draft, content: draft.content || [] };
    }
  },

  "addMessage() writes UTF-8": class extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      const draft = super.draft(message);
      const { content } = draft;
      if (typeof content !== "string") return draft;
      const bytes = new TextEncoder().encode(content);
      return { ...draft, content: new TextDecoder().decode(bytes) };
    }
  },

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
};

function parse(text: string): Message["content"] {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Some text only looks like JSON.
  }
}

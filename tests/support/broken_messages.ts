/**
 * Adapters that append and read messages wrongly.
 *
 * @module
 */

import type {
  Message,
  MessageQueryOptions,
  NewMessage,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { type Draft, MemoryAdapter } from "./memory_adapter.ts";
import { Refusal } from "./memory_checks.ts";
import type { Entry } from "./memory_store.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_MESSAGES: Record<string, BrokenAdapter> = {
  "getMessage() reaches into other sessions": class extends MemoryAdapter {
    override getMessage(_: string, messageId: string): Promise<Message | null> {
      return this.attempt("read", () => {
        const messages = this.live().flatMap((entry) => entry.messages);
        const found = messages.find(({ id }) => id === messageId);
        return structuredClone(found ?? null);
      });
    }
  },

  "addMessage() keeps the caller's createdAt": class extends MemoryAdapter {
    readonly #dates = new Map<string, Date>();

    protected override draft(message: NewMessage): Draft {
      const draft = super.draft(message);
      const { createdAt } = message as Partial<Message>;
      if (createdAt) this.#dates.set(draft.id, createdAt);
      return draft;
    }

    protected override place(entry: Entry, draft: Draft): Message {
      const placed = super.place(entry, draft);
      const { createdAt } = placed;
      placed.createdAt = this.#dates.get(draft.id) ?? createdAt;
      return placed;
    }
  },

  "addMessage() stores the same id twice": class extends MemoryAdapter {
    protected override place(entry: Entry, draft: Draft): Message {
      const placed = super.place(entry, { ...draft, id: crypto.randomUUID() });
      return Object.assign(placed, { id: draft.id });
    }
  },

  "addMessage() replaces the message of the same id": class
    extends MemoryAdapter {
    protected override place(entry: Entry, draft: Draft): Message {
      return Object.assign(super.place(entry, draft), draft);
    }
  },

  "addMessage() makes an id although one is given": class
    extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      return { ...super.draft(message), id: crypto.randomUUID() };
    }
  },

  "addMessage() takes an id that another session uses": class
    extends MemoryAdapter {
    protected override checkUnused(): void {}
  },

  "addMessage() returns nothing for a missing session": class
    extends MemoryAdapter {
    protected override append(id: string, given: NewMessage[]): Message[] {
      return this.find(id) ? super.append(id, given) : [];
    }
  },

  "addMessage() leaves lastActivityAt as it is": class extends MemoryAdapter {
    protected override move(entry: Entry): void {
      this.slide(entry);
    }
  },

  "addMessages() stores what comes before an unusable message": class
    extends MemoryAdapter {
    override async addMessages(
      sessionId: string,
      messages: NewMessage[],
    ): Promise<Message[]> {
      const added: Message[] = [];
      for (const message of messages) {
        added.push(await this.addMessage(sessionId, message));
      }
      return added;
    }
  },

  "addMessage() makes ids by counting": class extends MemoryAdapter {
    #made = 0;

    protected override draft(message: NewMessage): Draft {
      return super.draft({ ...{ id: `m-${++this.#made}` }, ...message });
    }
  },

  "addMessage() forgets a field": class extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      const { updatedAt: _, ...draft } = super.draft(message);
      return draft;
    }
  },

  "addMessage() counts 0 tokens where none are given": class
    extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      return { tokenCount: 0, ...super.draft(message) };
    }
  },

  "addMessage() stores whatever is passed": class extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      return { ...message, ...super.draft(message) };
    }
  },

  "addMessage() is activity also when it is repeated": class
    extends MemoryAdapter {
    protected override append(id: string, given: NewMessage[]): Message[] {
      const added = super.append(id, given);
      this.move(this.get(id));
      return added;
    }
  },

  "addMessages() refuses an empty list": class extends MemoryAdapter {
    override addMessages(id: string, given: NewMessage[]): Promise<Message[]> {
      return this.attempt(`append to session "${id}"`, () => {
        if (given.length > 0) return this.append(id, given);
        throw new Refusal("invalid-argument", "there are no messages");
      });
    }
  },

  "getMessage() finds what every object has": class extends MemoryAdapter {
    override async getMessage(
      sessionId: string,
      messageId: string,
    ): Promise<Message | null> {
      const index: Record<string, Message> = {};
      for (const message of await this.getMessages(sessionId)) {
        index[message.id] = message;
      }
      return index[messageId] ?? null;
    }
  },

  "getMessage() returns content as it is stored": class extends MemoryAdapter {
    override async getMessage(
      ...given: Parameters<MemoryAdapter["getMessage"]>
    ): Promise<Message | null> {
      const message = await super.getMessage(...given);
      if (!message || typeof message.content === "string") return message;
      return { ...message, content: JSON.stringify(message.content) };
    }
  },

  "getMessages() refuses a missing session": class extends MemoryAdapter {
    override async getMessages(
      ...given: Parameters<MemoryAdapter["getMessages"]>
    ): Promise<Message[]> {
      const messages = await super.getMessages(...given);
      const [id] = given;
      const action = `read messages of session "${id}"`;
      await this.attempt(action, () => this.get(id));
      return messages;
    }
  },

  "getMessages() reads those of every session": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      options: MessageQueryOptions,
    ): Message[] {
      if (messages.length === 0) return [];
      const all = this.live().flatMap((entry) => entry.messages);
      return super.choose(all, options);
    }
  },
};

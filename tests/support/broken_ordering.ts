/**
 * Adapters that put messages in the wrong order.
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
import type { Entry } from "./memory_store.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_ORDERING: Record<string, BrokenAdapter> = {
  "getMessages() orders a millisecond by id": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      options: MessageQueryOptions,
    ): Message[] {
      const sorted = messages.toSorted((a, b) =>
        a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1)
      );
      return super.choose(sorted, options);
    }
  },

  "getMessages() reverses moments but not what is within them": class
    extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      options: MessageQueryOptions,
    ): Message[] {
      const { order = "asc", ...rest } = options;
      const sorted = messages.toSorted((a, b) =>
        order === "asc" ? 0 : b.createdAt.getTime() - a.createdAt.getTime()
      );
      return super.choose(sorted, rest);
    }
  },

  "getMessages() orders sequences as text": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      options: MessageQueryOptions,
    ): Message[] {
      const sorted = messages.toSorted((a, b) =>
        String(a.sequence) < String(b.sequence) ? -1 : 1
      );
      return super.choose(sorted, options);
    }
  },

  "addMessage() writes back the list that it has read": class
    extends MemoryAdapter {
    override async addMessage(
      sessionId: string,
      message: NewMessage,
    ): Promise<Message> {
      const read = [...this.find(sessionId)?.messages ?? []];
      const added = await super.addMessage(sessionId, message);
      const entry = this.get(sessionId);
      const placed = entry.messages.find(({ id }) => id === added.id);
      if (placed && !read.some(({ id }) => id === added.id)) read.push(placed);
      entry.messages = read;
      return added;
    }
  },

  "addMessage() counts messages to make a sequence": class
    extends MemoryAdapter {
    protected override place(entry: Entry, draft: Draft): Message {
      entry.lastSequence = entry.messages.length;
      return super.place(entry, draft);
    }
  },

  "addMessage() numbers the messages of all sessions together": class
    extends MemoryAdapter {
    protected override place(entry: Entry, draft: Draft): Message {
      const used = this.live().map(({ lastSequence }) => lastSequence);
      entry.lastSequence = Math.max(...used);
      return super.place(entry, draft);
    }
  },

  "addMessage() asks each process for the time": class extends MemoryAdapter {
    readonly #skewMs: number;

    constructor(...given: ConstructorParameters<BrokenAdapter>) {
      super(...given);
      this.#skewMs = this.store.opened++ * -30_000;
    }

    protected override place(entry: Entry, draft: Draft): Message {
      const placed = super.place(entry, draft);
      const time = this.store.now + this.#skewMs;
      return Object.assign(placed, { createdAt: new Date(time) });
    }
  },

  "addMessages() stores a batch from behind": class extends MemoryAdapter {
    protected override append(
      ...given: Parameters<MemoryAdapter["append"]>
    ): Message[] {
      const [sessionId, messages] = given;
      return super.append(sessionId, messages.toReversed()).reverse();
    }
  },

  "updateMessage() moves a message to the end": class extends MemoryAdapter {
    override async updateMessage(
      ...given: Parameters<MemoryAdapter["updateMessage"]>
    ): Promise<Message> {
      const updated = await super.updateMessage(...given);
      const entry = this.get(updated.sessionId);
      entry.messages.sort((a, b) =>
        Number(a.id === updated.id) - Number(b.id === updated.id)
      );
      return updated;
    }
  },
};

/**
 * Adapters that find too many messages, too few or the wrong page.
 *
 * @module
 */

import type {
  Message,
  MessageQueryOptions,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_MESSAGE_QUERIES: Record<string, BrokenAdapter> = {
  "getMessages() filters roles after paging": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { roles = [], ...rest }: MessageQueryOptions,
    ): Message[] {
      return super.choose(messages, rest)
        .filter(({ role }) => roles.length === 0 || roles.includes(role));
    }
  },

  "getMessages() includes the end of a time range": class
    extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { before, ...rest }: MessageQueryOptions,
    ): Message[] {
      if (!before) return super.choose(messages, rest);
      const end = new Date(before.getTime() + 1);
      return super.choose(messages, { ...rest, before: end });
    }
  },

  "getMessages() pages before it reverses": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { order, ...rest }: MessageQueryOptions,
    ): Message[] {
      const page = super.choose(messages, rest);
      return order === "desc" ? page.reverse() : page;
    }
  },

  "getMessages() takes a limit of 0 for none": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { limit, ...rest }: MessageQueryOptions,
    ): Message[] {
      return super.choose(messages, limit ? { ...rest, limit } : rest);
    }
  },

  "getMessages() returns no more than 20 at once": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      options: MessageQueryOptions,
    ): Message[] {
      return super.choose(messages, options).slice(0, 20);
    }
  },

  "getMessages() takes the limit for the last index": class
    extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { offset = 0, limit = Infinity, ...rest }: MessageQueryOptions,
    ): Message[] {
      return super.choose(messages, rest).slice(offset, limit + 1);
    }
  },

  "getMessages() counts the offset from 1": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { offset = 0, ...rest }: MessageQueryOptions,
    ): Message[] {
      const start = Math.max(offset - 1, 0);
      return super.choose(messages, { ...rest, offset: start });
    }
  },

  "getMessages() stays at the last message beyond the end": class
    extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { offset = 0, ...rest }: MessageQueryOptions,
    ): Message[] {
      const last = Math.max(messages.length - 1, 0);
      return super.choose(messages, {
        ...rest,
        offset: Math.min(offset, last),
      });
    }
  },

  "getMessages() looks at roles only when it pages": class
    extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      { roles = [], ...rest }: MessageQueryOptions,
    ): Message[] {
      return super.choose(
        messages,
        rest.limit === undefined ? rest : { ...rest, roles },
      );
    }
  },
};

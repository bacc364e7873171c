/**
 * Adapters that return other messages than they were given.
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

/** The adapters, by their defects. */
export const BROKEN_FOR_MESSAGE_CONTENT: Record<string, BrokenAdapter> = {
  "addMessage() takes text that is JSON for structured content": writes(
    (text) => /^[[{]/.test(text) ? parse(text) : text,
  ),

  "addMessage() takes text that starts with [ or { for broken JSON": writes(
    (text) => /^[[{]/.test(text) && parse(text) === text ? [] : text,
  ),

  "addMessage() reads text as JSON where it can": writes(
    (text) => String(parse(text)),
  ),

  "addMessage() takes digits for a number": writes(
    (text) => /^\d+$/.test(text) ? String(Number(text)) : text,
  ),

  "addMessage() takes empty text for none": writes((text) => text || []),

  "addMessage() takes the text null for none": writes(
    (text) => text === "null" ? "" : text,
  ),

  "addMessage() trims text": writes((text) => text.trim()),

  "addMessage() ends text at a NUL character": writes(
    (text) => text.replace(/\0.*/s, ""),
  ),

  "addMessage() ends text at 64 KiB": writes((text) => text.slice(0, 65_535)),

  "addMessage() writes UTF-8": writes(
    (text) => new TextDecoder().decode(new TextEncoder().encode(text)),
  ),

  "addMessage() writes Latin-1": writes(
    (text) => text.replace(/[^\0-\xff]/g, "?"),
  ),

  "addMessage() writes the line breaks of Unix": writes(
    (text) => text.replaceAll("\r\n", "\n"),
  ),

  "addMessage() composes accents": writes((text) => text.normalize("NFC")),

  "addMessage() escapes quotes once too often": writes(
    (text) => text.replace(/['"\\]/g, "\\$&"),
  ),

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

  "addMessage() loses empty lists in metadata": class extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      // So does a JSON library that has one type for lists and objects.
      return JSON.parse(
        JSON.stringify(super.draft(message)),
        (_, value) => Array.isArray(value) && value.length === 0 ? {} : value,
      );
    }
  },

  "getMessages() returns updatedAt as text": class extends MemoryAdapter {
    protected override choose(
      messages: Message[],
      options: MessageQueryOptions,
    ): Message[] {
      return super.choose(messages, options).map((message) => {
        const { updatedAt, ...rest } = message;
        return updatedAt
          ? { ...rest, ...JSON.parse(JSON.stringify({ updatedAt })) }
          : message;
      });
    }
  },
};

/** Makes an adapter that changes the text of messages it appends. */
function writes(change: (text: string) => Message["content"]): BrokenAdapter {
  return class extends MemoryAdapter {
    protected override draft(message: NewMessage): Draft {
      const draft = super.draft(message);
      const { content } = draft;
      if (typeof content !== "string") return draft;
      return { ...draft, content: change(content) };
    }
  };
}

function parse(text: string): Message["content"] {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Some text only looks like JSON.
  }
}

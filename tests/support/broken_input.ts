/**
 * Adapters that take what they should refuse.
 *
 * @module
 */

import type {
  Message,
  MessageQueryOptions,
  NewMessage,
  NewSession,
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";
import {
  checkFilters,
  checkQuery,
  copyMessageUpdates,
  copySessionUpdates,
} from "./memory_records.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_INPUT: Record<string, BrokenAdapter> = {
  "ids are not looked at": class extends MemoryAdapter {
    protected override checkId(): void {}
  },

  "getSession() throws instead of rejecting": class extends MemoryAdapter {
    override getSession(id: string): Promise<Session | null> {
      if (typeof id !== "string" || id === "") throw new TypeError("Wrong id");
      return super.getSession(id);
    }
  },

  "createSession() leaves out what it cannot use": class extends MemoryAdapter {
    override createSession(given: NewSession): Promise<Session> {
      return super.createSession(usable(given, copySessionUpdates));
    }
  },

  "updateSession() leaves out what it cannot use": class extends MemoryAdapter {
    override updateSession(
      ...[id, updates, options]: Parameters<MemoryAdapter["updateSession"]>
    ): Promise<Session> {
      const given = usable(updates, copySessionUpdates);
      return super.updateSession(id, given, options);
    }
  },

  "updateSession() leaves out an expectedVersion that it cannot use": class
    extends MemoryAdapter {
    override updateSession(
      ...[id, updates, options = {}]: Parameters<MemoryAdapter["updateSession"]>
    ): Promise<Session> {
      return Number.isFinite(options.expectedVersion)
        ? super.updateSession(id, updates, options)
        : super.updateSession(id, updates);
    }
  },

  "listSessions() leaves out filters that it cannot use": class
    extends MemoryAdapter {
    override listSessions(filters: SessionFilters = {}): Promise<Session[]> {
      return super.listSessions(usable(filters, checkFilters));
    }
  },

  "listSessions() does not say which filter it refuses": class
    extends MemoryAdapter {
    override async listSessions(filters?: SessionFilters): Promise<Session[]> {
      try {
        return await super.listSessions(filters);
      } catch (error) {
        if (error instanceof Error) error.message = "Cannot list sessions: no";
        throw error;
      }
    }
  },

  "addMessage() has a default for what it cannot use": class
    extends MemoryAdapter {
    override addMessage(id: string, message: NewMessage): Promise<Message> {
      const { role = "user", content = "", ...rest } = usable(
        message,
        copyMessageUpdates,
      );
      return super.addMessage(id, { ...rest, role, content });
    }
  },

  "addMessages() takes what is no list for an empty one": class
    extends MemoryAdapter {
    override addMessages(id: string, given: NewMessage[]): Promise<Message[]> {
      return super.addMessages(id, Array.isArray(given) ? given : []);
    }
  },

  "getMessages() leaves out options that it cannot use": class
    extends MemoryAdapter {
    override getMessages(
      id: string,
      options: MessageQueryOptions = {},
    ): Promise<Message[]> {
      return super.getMessages(id, usable(options, checkQuery));
    }
  },

  "updateMessage() leaves out what it cannot use": class extends MemoryAdapter {
    override updateMessage(
      ...[id, messageId, updates]: Parameters<MemoryAdapter["updateMessage"]>
    ): Promise<Message> {
      const given = usable(updates, copyMessageUpdates);
      return super.updateMessage(id, messageId, given);
    }
  },

  "getExpiredSessions() takes what is no date for now": class
    extends MemoryAdapter {
    override getExpiredSessions(before: Date): Promise<string[]> {
      const isDate = before instanceof Date && !Number.isNaN(before.getTime());
      return super.getExpiredSessions(isDate ? before : new Date());
    }
  },

  "updateSession() writes what JSON makes of a value": class
    extends MemoryAdapter {
    override updateSession(
      ...given: Parameters<MemoryAdapter["updateSession"]>
    ): Promise<Session> {
      const [id, updates, options] = given;
      const { metadata } = updates;
      return super.updateSession(
        id,
        metadata ? { ...updates, metadata: lossy(metadata) } : updates,
        options,
      );
    }
  },

  "updateMessage() writes before it looks at the metadata": class
    extends MemoryAdapter {
    override async updateMessage(
      ...given: Parameters<MemoryAdapter["updateMessage"]>
    ): Promise<Message> {
      const [sessionId, messageId, { metadata, ...rest }] = given;
      const updated = await super.updateMessage(sessionId, messageId, rest);
      if (!metadata) return updated;
      return await super.updateMessage(sessionId, messageId, { metadata });
    }
  },
};

/** Returns the fields that a check does not refuse. */
function usable<T extends object>(
  given: T,
  check: (fields: Partial<T>) => unknown,
): T {
  const fields = Object.entries(given).filter(([name, value]) => {
    try {
      check({ [name]: value } as Partial<T>); // A field of T.
      return true;
    } catch {
      return false;
    }
  });
  return Object.fromEntries(fields) as T; // Its fields, but for the unusable.
}

/** Loses what JSON.stringify() leaves out without a word. */
function lossy<T>(value: T): T {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return value; // A cycle or a bigint is refused as it should be.
  }
}

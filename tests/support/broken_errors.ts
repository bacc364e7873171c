/**
 * Adapters that fail in the wrong way, or do not fail.
 *
 * @module
 */

import type {
  HealthStatus,
  Message,
  MessageQueryOptions,
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import type { BrokenAdapter } from "./broken_adapters.ts";
import { MemoryAdapter } from "./memory_adapter.ts";

/** The adapters, by their defects. */
export const BROKEN_FOR_ERRORS: Record<string, BrokenAdapter> = {
  "listSessions() returns nothing when the store is away": class
    extends MemoryAdapter {
    override async listSessions(filters?: SessionFilters): Promise<Session[]> {
      return this.closed ? [] : await super.listSessions(filters);
    }
  },

  "getMessages() returns nothing when the store is away": class
    extends MemoryAdapter {
    override async getMessages(
      ...given: Parameters<MemoryAdapter["getMessages"]>
    ): Promise<Message[]> {
      return this.closed ? [] : await super.getMessages(...given);
    }
  },

  "health() throws when the store is away": class extends MemoryAdapter {
    override async health(): Promise<HealthStatus> {
      return await this.attempt("ping", () => ({ status: "healthy" as const }));
    }
  },

  "health() is always healthy": class extends MemoryAdapter {
    override health(): Promise<HealthStatus> {
      return Promise.resolve({ status: "healthy" });
    }
  },

  "close() fails the second time": class extends MemoryAdapter {
    override close(): Promise<void> {
      return this.attempt("close", () => {
        this.closed = true;
      });
    }
  },

  "close() closes every adapter of the store": class extends MemoryAdapter {
    override async close(): Promise<void> {
      await super.close();
      this.store.now = NaN;
    }

    protected override async attempt<T>(
      action: string,
      work: () => T,
    ): Promise<T> {
      this.closed ||= Number.isNaN(this.store.now);
      return await super.attempt(action, work);
    }
  },

  "getMessages() takes any limit": class extends MemoryAdapter {
    override getMessages(
      sessionId: string,
      options: MessageQueryOptions = {},
    ): Promise<Message[]> {
      const { limit, ...rest } = options;
      const usable = typeof limit === "number" && limit >= 0;
      return super.getMessages(
        sessionId,
        usable ? { ...rest, limit: Math.floor(limit) } : rest,
      );
    }
  },

  "getSession() throws instead of rejecting": class extends MemoryAdapter {
    override getSession(id: string): Promise<Session | null> {
      if (typeof id !== "string" || id === "") throw new TypeError("Wrong id");
      return super.getSession(id);
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

  "errors have no code": class extends MemoryAdapter {
    protected override async attempt<T>(
      action: string,
      work: () => T,
    ): Promise<T> {
      try {
        return await super.attempt(action, work);
      } catch (cause) {
        throw new Error(`Cannot ${action}`, { cause });
      }
    }
  },

  "errors do not say what they are about": class extends MemoryAdapter {
    protected override attempt<T>(_: string, work: () => T): Promise<T> {
      return super.attempt("do it", work);
    }
  },

  "errors are of the adapter's own classes": class extends MemoryAdapter {
    constructor(...given: ConstructorParameters<BrokenAdapter>) {
      const [store, { errors: _, ...settings } = {}] = given;
      super(store, settings);
    }
  },
};

/** Loses what JSON.stringify() leaves out without a word. */
function lossy<T>(value: T): T {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return value; // A cycle or a bigint is refused as it should be.
  }
}

/**
 * Adapters that fail in the wrong way, or do not fail.
 *
 * @module
 */

import {
  ConcurrencyError,
  type HealthStatus,
  type Message,
  type Session,
  type SessionFilters,
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

  "errors bear the name of their base class": class extends MemoryAdapter {
    protected override async attempt<T>(
      action: string,
      work: () => T,
    ): Promise<T> {
      try {
        return await super.attempt(action, work);
      } catch (error) {
        throw Object.assign(error as Error, { name: "Error" });
      }
    }
  },

  "errors end like a sentence": class extends MemoryAdapter {
    protected override async attempt<T>(
      action: string,
      work: () => T,
    ): Promise<T> {
      try {
        return await super.attempt(action, work);
      } catch (error) {
        const { message } = error as Error;
        throw Object.assign(error as Error, { message: `${message}.` });
      }
    }
  },

  "errors of iterateSessions() end it": class extends MemoryAdapter {
    override async *iterateSessions(
      filters?: SessionFilters,
    ): AsyncGenerator<Session> {
      try {
        yield* super.iterateSessions(filters);
      } catch {
        return; // What looks like the end is an outage.
      }
    }
  },

  "errors of versions are of the adapter's own class": class
    extends MemoryAdapter {
    override async updateSession(
      ...given: Parameters<MemoryAdapter["updateSession"]>
    ): Promise<Session> {
      const [id, , { expectedVersion } = {}] = given;
      const { version: actual = 0 } = this.find(id)?.session ?? {};
      if (expectedVersion === undefined || expectedVersion === actual) {
        return await super.updateSession(...given);
      }
      throw new ConcurrencyError(id, expectedVersion, actual);
    }
  },

  "health() measures with a clock that goes back": class extends MemoryAdapter {
    override async health(): Promise<HealthStatus> {
      const { latency: _, ...rest } = await super.health();
      return rest.status === "healthy" ? { ...rest, latency: -1 } : rest;
    }
  },

  "health() does not say what is wrong": class extends MemoryAdapter {
    override async health(): Promise<HealthStatus> {
      const { status } = await super.health();
      return { status };
    }
  },

  "close() removes what is stored": class extends MemoryAdapter {
    override async close(): Promise<void> {
      await super.close();
      this.store.entries.clear();
    }
  },

  "[Symbol.asyncDispose]() closes nothing": class extends MemoryAdapter {
    override [Symbol.asyncDispose](): Promise<void> {
      return Promise.resolve();
    }
  },
};

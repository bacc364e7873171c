/**
 * A storage adapter with the methods of `IStorageAdapter` and nothing else.
 *
 * @module
 */

import type {
  IStorageAdapter,
  Session,
  SessionFilters,
  UpdateSessionOptions,
} from "@reaatech/session-continuity-storage-redis";
import type {
  AdapterSettings,
  AdapterUnderTest,
  Capabilities,
} from "@reaatech/session-continuity-storage-redis/conformance";
import { MemoryAdapter } from "./memory_adapter.ts";
import { Refusal } from "./memory_checks.ts";
import { MemoryStore } from "./memory_store.ts";

/** What the minimal adapter can do. */
export const NO_CAPABILITIES: Capabilities = {
  ttl: false,
  refreshTtlOnRead: false,
  summarizer: false,
  errorClasses: false,
  reasons: false,
  optimisticLocking: false,
  messageIdsUniqueAcrossSessions: false,
  sharedStore: false,
  listOrder: false,
  getMessage: false,
  addMessages: false,
  countMessages: false,
  touchSession: false,
  iterateSessions: false,
  asyncDispose: false,
};

const METHODS = [
  "createSession",
  "getSession",
  "updateSession",
  "deleteSession",
  "listSessions",
  "addMessage",
  "getMessages",
  "updateMessage",
  "deleteMessage",
  "deleteAllMessages",
  "getExpiredSessions",
  "health",
  "close",
] as const;

/** Makes a minimal adapter on a store of its own; takes no settings. */
export function createMinimalAdapter(
  settings: AdapterSettings = {},
): AdapterUnderTest {
  for (const [name, value] of Object.entries(settings)) {
    throw new TypeError(`Cannot create adapter: no ${name}, got ${value}`);
  }
  const store = new MemoryStore();
  const whole = new PlainAdapter(store);
  // Every method of the interface is in the list.
  const adapter = Object.fromEntries(
    METHODS.map((name) => [name, whole[name].bind(whole)]),
  ) as unknown as IStorageAdapter;
  return {
    adapter,
    elapse: (milliseconds) => store.elapse(milliseconds),
    dispose: () => adapter.close(),
  };
}

class PlainAdapter extends MemoryAdapter {
  override updateSession(
    id: string,
    updates: Partial<Session>,
    options: UpdateSessionOptions = {},
  ): Promise<Session> {
    if (options.expectedVersion === undefined) {
      return super.updateSession(id, updates);
    }
    return this.attempt(`update session "${id}"`, () => {
      throw new Refusal("invalid-argument", "expectedVersion is not supported");
    });
  }

  /** Takes neither an order nor what it goes by. */
  override listSessions(
    { order: _, sortBy: __, ...filters }: SessionFilters = {},
  ): Promise<Session[]> {
    return super.listSessions(filters);
  }

  protected override checkUnused(): void {}

  protected override async attempt<T>(
    action: string,
    work: () => T,
  ): Promise<T> {
    try {
      return await super.attempt(action, work);
    } catch (error) {
      if (error instanceof Error) Reflect.deleteProperty(error, "reason");
      throw error;
    }
  }
}

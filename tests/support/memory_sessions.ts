/**
 * The part of the memory adapter that is about sessions.
 *
 * @module
 */

import {
  ConcurrencyError,
  type NewSession,
  type Session,
  type SessionFilters,
  type UpdateSessionOptions,
} from "@reaatech/session-continuity-storage-redis";
import { date, number, Refusal } from "./memory_checks.ts";
import { checkIteratorFilters, inOrder } from "./memory_order.ts";
import {
  checkFilters,
  copySession,
  copySessionUpdates,
} from "./memory_records.ts";
import { type Entry, MemoryAccess } from "./memory_store.ts";

/** Keeps sessions in memory. */
export class MemorySessions extends MemoryAccess {
  createSession(given: NewSession): Promise<Session> {
    const { id = crypto.randomUUID() } = given as Partial<Session>;
    return this.attempt(`create session "${id}"`, () => {
      this.checkId(id);
      const now = new Date(this.store.now);
      const session: Session = {
        status: "active",
        metadata: {},
        participants: [],
        schemaVersion: 1,
        version: 1,
        ...copySession(given),
        id,
        createdAt: now,
        lastActivityAt: now,
      };
      if (this.find(id)) throw new Refusal("already-exists", "already exists");
      this.insert(session);
      return this.reveal(session);
    });
  }

  getSession(id: string): Promise<Session | null> {
    return this.attempt(`read session "${id}"`, () => {
      this.checkId(id);
      const entry = this.find(id);
      if (entry && this.settings.refreshTtlOnRead) this.slide(entry);
      return entry ? this.reveal(entry.session) : null;
    });
  }

  updateSession(
    id: string,
    updates: Partial<Session>,
    options: UpdateSessionOptions = {},
  ): Promise<Session> {
    return this.attempt(`update session "${id}"`, () => {
      this.checkId(id);
      const { expectedVersion } = options;
      const { set, removed } = copySessionUpdates(updates);
      if (expectedVersion !== undefined) {
        number(expectedVersion, "expectedVersion");
      }
      const entry = this.get(id);
      const { version: actual = 0 } = entry.session;
      if (expectedVersion !== undefined && expectedVersion !== actual) {
        const { errors } = this.settings;
        throw new (errors?.ConcurrencyError ?? ConcurrencyError)(
          id,
          expectedVersion,
          actual,
        );
      }
      if (set.version === expectedVersion) delete set.version;
      this.merge(entry, {
        version: actual + 1,
        lastActivityAt: new Date(this.store.now),
        ...set,
      }, removed.filter((name) => name !== "version"));
      this.slide(entry);
      return this.reveal(entry.session);
    });
  }

  deleteSession(id: string): Promise<void> {
    return this.attempt(`delete session "${id}"`, () => {
      this.checkId(id);
      this.store.entries.delete(id);
    });
  }

  listSessions(filters: SessionFilters = {}): Promise<Session[]> {
    return this.attempt("list sessions", () => {
      checkFilters(filters);
      const { offset = 0, limit = Infinity } = filters;
      const matching = this.live()
        .map(({ session }) => session)
        .filter((session) => this.matches(session, filters));
      return this.arrange(matching, filters)
        .slice(offset, offset + limit)
        .map((session) => this.reveal(session));
    });
  }

  async *iterateSessions(
    filters: SessionFilters = {},
  ): AsyncGenerator<Session> {
    await this.attempt("iterate over sessions", () => {
      checkIteratorFilters(filters);
    });
    for (const { id } of await this.listSessions(filters)) {
      const session = await this.getSession(id);
      if (session) yield session;
    }
  }

  touchSession(id: string): Promise<boolean> {
    return this.attempt(`touch session "${id}"`, () => {
      this.checkId(id);
      const entry = this.find(id);
      if (entry) this.move(entry);
      return entry !== undefined;
    });
  }

  getExpiredSessions(before: Date): Promise<string[]> {
    return this.attempt("list expired sessions", () => {
      const latest = date(before, "before").getTime();
      return this.live()
        .map(({ session: { id, expiresAt } }) => ({
          id,
          due: expiresAt?.getTime() ?? Infinity,
        }))
        .filter(({ due }) => due <= latest)
        .sort((a, b) => a.due - b.due)
        .map(({ id }) => id);
    });
  }

  /** Stores a new session. */
  protected insert(session: Session): void {
    const entry = { session, messages: [], lastSequence: 0, goneAt: Infinity };
    this.slide(entry);
    this.store.entries.set(session.id, entry);
  }

  /** Sets and removes fields of a session. */
  protected merge(
    entry: Entry,
    set: Partial<Session>,
    removed: (keyof Session)[],
  ): void {
    for (const name of removed) delete entry.session[name];
    Object.assign(entry.session, set);
  }

  /** Returns the caller's own copy of a session. */
  protected reveal(session: Session): Session {
    const copy = structuredClone(session);
    const { summarizer } = this.settings;
    const { compression } = copy;
    if (!summarizer || !compression) return copy;
    if (compression.strategy === "sliding_window") return copy;
    return { ...copy, compression: { ...compression, summarizer } };
  }

  /** Puts sessions in the order that is asked for. */
  protected arrange(sessions: Session[], filters: SessionFilters): Session[] {
    return inOrder(sessions, filters);
  }

  /** Tells whether all filters hold. */
  protected matches(session: Session, filters: SessionFilters): boolean {
    const { userId, status, activeAgentId, createdAfter, createdBefore } =
      filters;
    const { tags = [] } = filters;
    return (userId === undefined || session.userId === userId) &&
      (status === undefined || session.status === status) &&
      (activeAgentId === undefined ||
        session.activeAgentId === activeAgentId) &&
      (tags.length === 0 ||
        tags.some((tag) => session.metadata.tags?.includes(tag))) &&
      (createdAfter === undefined || session.createdAt >= createdAfter) &&
      (createdBefore === undefined || session.createdAt <= createdBefore);
  }
}

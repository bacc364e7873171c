/**
 * What the model of a store holds: sessions, their messages, and when they end.
 *
 * @module
 */

import type { Fields, Span } from "./model_moments.ts";

/** A session and what belongs to it; a change makes a new one. */
export interface Entry {
  /** The session as an adapter without a summarizer returns it. */
  readonly session: Fields;
  /** The messages, in the order in which they were accepted. */
  readonly messages: readonly Fields[];
  /** The sequence of the last message that was ever accepted. */
  readonly lastSequence: number;
  /** When the session expires, by the server's clock. */
  readonly ends: Span;
}

/** The end of a session without a TTL. */
export const NEVER: Span = { from: Infinity, to: Infinity };

/** The adapter that makes a call, as far as the model cares. */
export interface Caller {
  /** Its TTL; absent: none. */
  readonly ttlSeconds?: number;
  /** Whether its reads of sessions and histories start the TTL again. */
  readonly refreshTtlOnRead?: boolean;
  /** What it puts into the compression settings. */
  readonly summarizer?: object;
  /** What it keeps of what it read, which must change nothing. */
  readonly cache?: object;
}

/** What the model needs to know of a call besides its arguments. */
export interface Situation {
  readonly caller: Caller;
  /** When the call was made, by the server's clock. */
  readonly span: Span;
  /** What the call returned: the store makes up ids, and the model takes them from here. */
  readonly actual: unknown;
}

/** The state of a store. */
export class Model {
  /** Whether a message id can be in use in several sessions. */
  readonly idsPerSession: boolean;
  readonly #entries: Map<string, Entry>;

  constructor(
    idsPerSession: boolean,
    entries: Iterable<[string, Entry]> = [],
  ) {
    this.idsPerSession = idsPerSession;
    this.#entries = new Map(entries);
  }

  /** Returns a model that goes its own way from here on. */
  copy(): Model {
    return new Model(this.idsPerSession, this.#entries);
  }

  /** All sessions that are there, the oldest first. */
  get entries(): Entry[] {
    return [...this.#entries.values()];
  }

  /** The ids of all sessions that are there, the oldest first. */
  get ids(): string[] {
    return [...this.#entries.keys()];
  }

  /** Returns a session; undefined where there is none. */
  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Stores a session, or its next state. */
  put(id: string, entry: Entry): void {
    this.#entries.set(id, entry);
  }

  /** Removes a session. */
  remove(id: string): void {
    this.#entries.delete(id);
  }

  /** Lets time pass: all ends come so much closer. */
  pass(ms: number): void {
    for (const [id, entry] of this.#entries) {
      const { from, to } = entry.ends;
      this.put(id, { ...entry, ends: { from: from - ms, to: to - ms } });
    }
  }

  /** Removes the sessions that end before a moment. */
  expire(now: number): void {
    for (const [id, { ends }] of this.#entries) {
      if (ends.to < now) this.remove(id);
    }
  }
}

/** Starts the TTL of a session again, where its writer has one. */
export function slid(entry: Entry, { caller, span }: Situation): Entry {
  const { ttlSeconds } = caller;
  if (ttlSeconds === undefined) return entry;
  const ttlMs = ttlSeconds * 1000;
  const ends = { from: span.from + ttlMs, to: span.to + ttlMs };
  return { ...entry, ends };
}

/** Says that a session has other fields now; undefined: absent. */
export function changed(entry: Entry, fields: Fields): Entry {
  return { ...entry, session: { ...entry.session, ...fields } };
}

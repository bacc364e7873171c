/**
 * Walks over many sessions: lists, iterators, and the rebuilding of indexes.
 *
 * @module
 */

import type { Checkpoint, Step } from "./deadline.ts";
import { corrupt, Failure } from "./failure.ts";
import {
  listBatch,
  type ListPosition,
  type SessionQuery,
  type SessionRow,
} from "./scripts/list_sessions.ts";
import { reindexStep } from "./scripts/reindex.ts";
import { decodeValues, SESSION_FIELDS } from "./session_codec.ts";
import type { Store } from "./store.ts";
import type { Session, SessionId } from "./types.ts";

/** Sessions that an iterator asks for at once. */
const PAGE_SIZE = 100;

/** Calls that a list spends on cleaning up, at most: its caller waits for an answer. */
const SWEEPS = 10;

/** Lists sessions by creation: filters first, then offset and limit. */
export async function listSessions(
  store: Store,
  query: SessionQuery,
  checkpoint: Checkpoint,
): Promise<Session[]> {
  const sessions: Session[] = [];
  let position: ListPosition = { ...query, cursor: "" };
  let hasMoreDue: boolean;
  do {
    checkpoint();
    const batch = await listBatch(store, query, position);
    for (const session of decodeRows(store, batch.rows)) sessions.push(session);
    position = batch.next;
    hasMoreDue = batch.hasMoreDue;
  } while (position.cursor !== "" && position.limit !== 0);
  // What is due and was not cleaned up yet is cleaned up by lists of nothing.
  for (let i = 0; hasMoreDue && i < SWEEPS; i++) {
    checkpoint();
    const nothing = { cursor: "", offset: 0, limit: 0 };
    ({ hasMoreDue } = await listBatch(store, query, nothing));
  }
  return sessions;
}

/** Iterates over sessions by creation, a page at a time. */
export async function* iterateSessions(
  store: Store,
  query: SessionQuery,
  step: Step,
): AsyncGenerator<Session, void, undefined> {
  let position = { cursor: "", offset: query.offset };
  let left = query.limit ?? Infinity;
  do {
    const page = Math.min(left, PAGE_SIZE);
    const { found, next } = await step(async () => {
      const batch = await listBatch(store, query, { ...position, limit: page });
      return { found: decodeRows(store, batch.rows), next: batch.next };
    });
    left = next.limit === undefined ? left : left - page + next.limit;
    position = next;
    yield* found;
  } while (position.cursor !== "" && left > 0);
}

/** How far a rebuilding of the indexes is. */
export interface ReindexProgress {
  /** Keys of sessions and of their messages' order that were met. */
  readonly keysMet: number;
  /** Sessions that are in the indexes now. */
  readonly sessionsIndexed: number;
}

/** Builds the indexes for all sessions. */
export async function reindex(
  store: Store,
  step: Step,
  onProgress: (progress: ReindexProgress) => void,
): Promise<ReindexProgress> {
  let progress: ReindexProgress = { keysMet: 0, sessionsIndexed: 0 };
  let cursor = "0";
  do {
    await step(async () => {
      const met = await reindexStep(store, cursor);
      cursor = met.cursor;
      progress = {
        keysMet: progress.keysMet + met.keysMet,
        sessionsIndexed: progress.sessionsIndexed + met.sessionsIndexed,
      };
      onProgress(progress);
    });
  } while (cursor !== "0");
  return progress;
}

function decodeRows(store: Store, rows: readonly SessionRow[]): Session[] {
  const sessions: Session[] = [];
  for (const row of rows) {
    try {
      sessions.push(decodeRow(store, row));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      store.onCorrupt(error);
    }
  }
  return sessions;
}

function decodeRow(store: Store, row: SessionRow): Session {
  if (row.length <= SESSION_FIELDS.length) {
    const [, , key, why] = row as readonly string[];
    throw corrupt(key as string, why as string);
  }
  const id = row.at(-1) as SessionId;
  if (row.length > SESSION_FIELDS.length + 1) {
    throw corrupt(
      store.keys.session(id),
      "has a field with a control character, where the adapter writes none",
    );
  }
  return decodeValues(id, row, store);
}

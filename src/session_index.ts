/**
 * Walks over many sessions: lists, iterators, and the rebuilding of indexes.
 *
 * @module
 */

import type { Checkpoint, Step } from "./deadline.ts";
import { corrupt, Failure } from "./failure.ts";
import { adoptSession } from "./scripts/adopt_session.ts";
import { scanSessions } from "./scripts/scan_sessions.ts";
import type {
  ListPosition,
  SessionQuery,
  SessionRow,
} from "./scripts/session_query.ts";
import { nextBatch } from "./session_batches.ts";
import { decodeValues, SESSION_FIELDS } from "./session_codec.ts";
import type { Store } from "./store.ts";
import type { Session, SessionId } from "./types.ts";

/** Sessions that an iterator asks for at once. */
const PAGE_SIZE = 100;

/** Calls that a list spends on cleaning up, at most: its caller waits for an answer. */
const SWEEPS = 50;
/** As many on a cluster, where one cleans up more. */
const CLUSTER_SWEEPS = 10;

/** Where every list begins. */
const START = { cursor: "", isEnd: false };

/** Lists sessions: filters first, then the order, then offset and limit. */
export async function listSessions(
  store: Store,
  query: SessionQuery,
  checkpoint: Checkpoint,
): Promise<Session[]> {
  // Sessions move on while a list goes by their activity. In ascending order it
  // meets again what moved, so that a whole list misses none.
  const isTurned = query.descending && query.limit === undefined;
  const asked = isTurned ? { ...query, descending: false, offset: 0 } : query;
  const sessions = new Map<SessionId, Session>();
  let position: ListPosition = { ...START, ...asked };
  let hasMoreDue: boolean;
  do {
    checkpoint();
    const batch = await nextBatch(store, asked, position);
    let again = 0;
    for (const session of decodeRows(store, batch.rows)) {
      // The later place of one that comes again is the true one.
      if (sessions.delete(session.id)) again++;
      sessions.set(session.id, session);
    }
    const { limit } = batch.next;
    position = { ...batch.next, limit: limit && limit + again };
    hasMoreDue = batch.hasMoreDue;
  } while (!position.isEnd && position.limit !== 0);
  // What is due and was not cleaned up yet is cleaned up by lists of nothing.
  const sweeps = store.hints === undefined ? SWEEPS : CLUSTER_SWEEPS;
  for (let i = 0; hasMoreDue && i < sweeps; i++) {
    checkpoint();
    const nothing = { ...START, offset: 0, limit: 0 };
    ({ hasMoreDue } = await nextBatch(store, query, nothing));
  }
  const found = [...sessions.values()];
  return isTurned ? found.reverse().slice(query.offset) : found;
}

/** Iterates over sessions by creation, a page at a time. */
export async function* iterateSessions(
  store: Store,
  query: SessionQuery,
  step: Step,
): AsyncGenerator<Session, void, undefined> {
  let position: ListPosition = { ...START, ...query };
  let left = query.limit ?? Infinity;
  do {
    const page = Math.min(left, PAGE_SIZE);
    const { found, next } = await step(async () => {
      const batch = await nextBatch(store, query, { ...position, limit: page });
      return { found: decodeRows(store, batch.rows), next: batch.next };
    });
    left = next.limit === undefined ? left : left - page + next.limit;
    position = next;
    yield* found;
  } while (!position.isEnd && left > 0);
}

/** How far a rebuilding of the indexes is. */
export interface ReindexProgress {
  /** Keys of sessions and of their messages' order that were met. */
  readonly keysMet: number;
  /** Sessions that are in the indexes now. */
  readonly sessionsIndexed: number;
}

/** What a rebuilding of the indexes did. */
export interface ReindexResult extends ReindexProgress {
  /** Whether it met all sessions; false where it was stopped. */
  readonly isComplete: boolean;
}

/** Whom a rebuilding of the indexes tells how far it is, and who can stop it. */
export interface ReindexOptions {
  /** Told after each step how far the work is. */
  readonly onProgress?: (progress: ReindexProgress) => void;
  /** Stops the work between two steps. */
  readonly signal?: AbortSignal;
}

/** Builds the indexes for all sessions. */
export async function reindex(
  store: Store,
  step: Step,
  { onProgress, signal }: ReindexOptions,
): Promise<ReindexResult> {
  let progress: ReindexProgress = { keysMet: 0, sessionsIndexed: 0 };
  for (const port of await step(() => store.port.primaries())) {
    let cursor = "0";
    do {
      if (signal?.aborted) return { ...progress, isComplete: false };
      await step(async () => {
        const part = await scanSessions(port, store.keys, cursor);
        const adopted = await Promise.all(
          part.ids.map((id) => adoptSession(store, id)),
        );
        cursor = part.cursor;
        progress = {
          keysMet: progress.keysMet + part.keysMet,
          sessionsIndexed: progress.sessionsIndexed +
            adopted.filter(Boolean).length,
        };
        onProgress?.(progress);
      });
    } while (cursor !== "0");
  }
  return { ...progress, isComplete: true };
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

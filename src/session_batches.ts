/**
 * Reads lists batch by batch, by the way that fits: one script on one server,
 * on a cluster a page of an index and a look at each session in it, and for a
 * user of many sessions all of them.
 *
 * @module
 */

import { gatheredBatch, gatherSessions } from "./gathered_sessions.ts";
import { tidy } from "./hints.ts";
import {
  cursorOf,
  type IndexEntry,
  readIndexPage,
} from "./scripts/index_page.ts";
import { listBatch } from "./scripts/list_sessions.ts";
import { type Look, lookAt, rowOf } from "./scripts/look_sessions.ts";
import {
  indexOf,
  isSelective,
  type ListPosition,
  type SessionBatch,
  type SessionQuery,
  type SessionRow,
} from "./scripts/session_query.ts";
import type { Store } from "./store.ts";

/** Sessions that a batch looks at, at most, where each is asked for by itself. */
const LOOK_MOST = 500;

/** Reads the next batch of a list. */
export async function nextBatch(
  store: Store,
  query: SessionQuery,
  position: ListPosition,
): Promise<SessionBatch> {
  if (position.gathered !== undefined) {
    return await gatheredBatch(store, query, position, position.gathered);
  }
  const { hints } = store;
  if (hints === undefined) {
    const { next, ...batch } = await listBatch(store, query, position);
    if (next !== undefined) return { ...batch, next };
    const gathered = await gatherSessions(store, query, position);
    return { ...gathered, hasMoreDue: batch.hasMoreDue };
  }
  const [batch, hasMoreDue] = await Promise.all([
    clusterBatch(store, query, position),
    position.cursor === "" && hints.sweep(),
  ]);
  return { ...batch, hasMoreDue };
}

async function clusterBatch(
  store: Store,
  query: SessionQuery,
  position: ListPosition,
): Promise<SessionBatch> {
  if (position.limit === 0) {
    return { rows: [], next: { ...position, isEnd: true }, hasMoreDue: false };
  }
  return query.userId === undefined
    ? await indexBatch(store, query, position)
    : await gatherSessions(store, query, position);
}

/** Reads a batch of an index, and looks at each session in it. */
async function indexBatch(
  store: Store,
  query: SessionQuery,
  { cursor, offset, limit }: ListPosition,
): Promise<SessionBatch> {
  const index = indexOf(store, query);
  const isByCreated = query.sortBy === "createdAt";
  const most = limit === undefined || isSelective(query)
    ? LOOK_MOST
    : Math.min(LOOK_MOST, offset + limit);
  const entries = await readIndexPage(store, {
    index,
    most,
    descending: query.descending,
    cursor,
    lowest: isByCreated ? query.createdAfterMs : undefined,
    highest: isByCreated ? query.createdBeforeMs : undefined,
  });
  const ids = entries.map(({ member }) => member);
  const looks = await lookAt(
    store,
    query,
    ids,
    offset < most ? "rows" : "places",
  );
  const rows: SessionRow[] = [];
  const repairs: Promise<void>[] = [];
  let skipped = 0;
  let last: IndexEntry | undefined;
  for (const [i, entry] of entries.entries()) {
    const look = looks[i] as Look;
    const { member: id, score } = entry;
    last = entry;
    if (look[0] === "gone") {
      repairs.push(tidy(() => store.hints!.remove(id, query.userId)));
    } else if (look[0] === "fits" && look[1] !== score) {
      repairs.push(tidy(() => store.hints!.correct(index, id, look[1])));
    }
    if (look[0] !== "fits" && look[0] !== "corrupt") continue;
    if (skipped < offset) {
      skipped++;
      continue;
    }
    rows.push(rowOf(id, look));
    if (rows.length === limit) break;
  }
  await Promise.all(repairs);
  return {
    rows,
    next: {
      cursor: last === undefined ? cursor : cursorOf(last),
      isEnd: entries.length < most && rows.length !== limit,
      offset: offset - skipped,
      limit: limit && limit - rows.length,
    },
    hasMoreDue: false,
  };
}

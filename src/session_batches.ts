/**
 * Reads lists batch by batch, by the way that fits: one script on one server,
 * an index page and a look at each session on a cluster, and for a user of many
 * sessions all of them, put in order here.
 *
 * @module
 */

import { tidy } from "./hints.ts";
import {
  cursorOf,
  type IndexEntry,
  readIndexPage,
} from "./scripts/index_page.ts";
import { listBatch } from "./scripts/list_sessions.ts";
import { type Look, lookAt, rowOf } from "./scripts/look_sessions.ts";
import { scanUser } from "./scripts/scan_user.ts";
import {
  indexOf,
  isSelective,
  type ListPosition,
  type Place,
  type SessionBatch,
  type SessionQuery,
  type SessionRow,
} from "./scripts/session_query.ts";
import type { Store } from "./store.ts";
import type { SessionId } from "./types.ts";

/** Sessions that a batch looks at, at most, where each is asked for by itself. */
const LOOK_MOST = 500;
/** Sessions that a batch of a user's gathered ones returns, at most. */
const ROWS_MOST = 200;

/** Reads the next batch of a list. */
export async function nextBatch(
  store: Store,
  query: SessionQuery,
  position: ListPosition,
): Promise<SessionBatch> {
  if (position.gathered !== undefined) {
    return await gatheredBatch(store, query, position, position.gathered);
  }
  let hasMoreDue = false;
  if (store.hints === undefined) {
    const batch = await listBatch(store, query, position);
    if (batch.next !== undefined) return { ...batch, next: batch.next };
    hasMoreDue = batch.hasMoreDue;
  } else {
    if (position.cursor === "") hasMoreDue = await store.hints.sweep();
    if (position.limit === 0) {
      return { rows: [], next: { ...position, isEnd: true }, hasMoreDue };
    }
    if (query.userId === undefined) {
      return { ...await indexBatch(store, query, position), hasMoreDue };
    }
  }
  // Only a list of one user's sessions gets here.
  const userId = query.userId as string;
  const wants = position.limit === undefined ? "rows" : "places";
  const gathered = await gather(store, query, userId, wants);
  if (wants === "places") {
    const batch = await gatheredBatch(store, query, position, gathered);
    return { ...batch, hasMoreDue };
  }
  return {
    rows: gathered.slice(position.offset).map(({ row }) => row as SessionRow),
    next: { ...position, isEnd: true },
    hasMoreDue,
  };
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

/** Puts all of a user's sessions that a list wants in its order. */
async function gather(
  store: Store,
  query: SessionQuery,
  userId: string,
  wants: "rows" | "places",
): Promise<Place[]> {
  const ids = new Set<SessionId>();
  let cursor = "0";
  do {
    const part = await scanUser(store, userId, cursor);
    for (const id of part.ids) ids.add(id);
    cursor = part.cursor;
  } while (cursor !== "0");
  const places: Place[] = [];
  const all = [...ids];
  for (let i = 0; i < all.length; i += LOOK_MOST) {
    const some = all.slice(i, i + LOOK_MOST);
    const looks = await lookAt(store, query, some, wants);
    const repairs: Promise<void>[] = [];
    for (const [j, id] of some.entries()) {
      const look = looks[j] as Look;
      if (look[0] === "fits" || look[0] === "corrupt") {
        // One that cannot be read has no moment, and is reported first.
        const moment = look[0] === "fits" ? look[1] : -Infinity;
        const row = wants === "rows" ? rowOf(id, look) : undefined;
        places.push({ id, moment, row });
      }
      if (look[0] === "gone" || look[0] === "left") {
        repairs.push(tidy(async () => {
          await (look[0] === "gone"
            ? store.hints?.remove(id, userId)
            : store.hints?.leave(id, userId));
        }));
      }
    }
    await Promise.all(repairs);
  }
  places.sort((a, b) => a.moment - b.moment || compareIds(a.id, b.id));
  return query.descending ? places.reverse() : places;
}

/** Reads a batch of what was gathered. */
async function gatheredBatch(
  store: Store,
  query: SessionQuery,
  { offset, limit }: ListPosition,
  gathered: readonly Place[],
): Promise<SessionBatch> {
  const most = Math.min(ROWS_MOST, limit ?? ROWS_MOST);
  const ids = gathered.slice(offset, offset + most).map(({ id }) => id);
  const looks = await lookAt(store, query, ids, "rows");
  const rows: SessionRow[] = [];
  for (const [i, id] of ids.entries()) {
    const look = looks[i] as Look;
    if (look[0] === "fits" || look[0] === "corrupt") rows.push(rowOf(id, look));
  }
  const rest = gathered.slice(offset + most);
  return {
    rows,
    next: {
      cursor: "",
      gathered: rest,
      isEnd: rest.length === 0,
      offset: 0,
      limit: limit && limit - rows.length,
    },
    hasMoreDue: false,
  };
}

/** Compares as Redis does: by the bytes of UTF-8, which is by code points. */
function compareIds(a: string, b: string): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = a.codePointAt(i)! - b.codePointAt(i)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

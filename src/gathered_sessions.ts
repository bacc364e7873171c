/**
 * Lists the sessions of a user who has very many: all of them are looked at in
 * bounded steps, and put in order here.
 *
 * @module
 */

import { compareIds } from "./code_points.ts";
import { tidy } from "./hints.ts";
import { type Look, lookAt, rowOf } from "./scripts/look_sessions.ts";
import { scanUser } from "./scripts/scan_user.ts";
import type {
  ListPosition,
  Place,
  SessionBatch,
  SessionQuery,
  SessionRow,
} from "./scripts/session_query.ts";
import type { Store } from "./store.ts";
import type { SessionId } from "./types.ts";

/** Sessions that one step looks at, at most. */
const LOOK_MOST = 300;
/** Sessions that one step returns, at most. */
const ROWS_MOST = 150;

/** Reads the first batch of a list of one user's sessions. */
export async function gatherSessions(
  store: Store,
  query: SessionQuery,
  position: ListPosition,
): Promise<SessionBatch> {
  // Who asks for no user gets batches of an index.
  const userId = query.userId as string;
  const wants = position.limit === undefined ? "rows" : "places";
  const all = await gather(store, query, userId, wants);
  // A list that began in another way, as while its user had few, goes on.
  const gathered = placesAfter(all, query, position.cursor);
  if (wants === "places") {
    return await gatheredBatch(store, query, position, gathered);
  }
  return {
    rows: gathered.slice(position.offset).map(({ row }) => row as SessionRow),
    next: { ...position, isEnd: true },
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
  const most = wants === "rows" ? ROWS_MOST : LOOK_MOST;
  for (let i = 0; i < all.length; i += most) {
    const some = all.slice(i, i + most);
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
  places.sort(comparePlaces);
  return query.descending ? places.reverse() : places;
}

/** Returns the places that come after a cursor; all of them at the beginning. */
function placesAfter(
  places: Place[],
  { descending }: SessionQuery,
  cursor: string,
): Place[] {
  if (cursor === "") return places;
  const colon = cursor.indexOf(":");
  const moment = Number(cursor.slice(0, colon));
  const last = { id: cursor.slice(colon + 1), moment };
  return places.filter((place) =>
    comparePlaces(place, last) * (descending ? -1 : 1) > 0
  );
}

function comparePlaces(a: Place, b: Place): number {
  return a.moment - b.moment || compareIds(a.id, b.id);
}

/** Reads a further batch of sessions that were gathered. */
export async function gatheredBatch(
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

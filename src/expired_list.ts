/**
 * Finds the sessions whose own deadline is due.
 *
 * @module
 */

import type { Checkpoint } from "./deadline.ts";
import { asFailure } from "./failure.ts";
import { tidy } from "./hints.ts";
import { expiredBatch } from "./scripts/expired_sessions.ts";
import {
  cursorOf,
  type IndexEntry,
  readIndexPage,
} from "./scripts/index_page.ts";
import { readFacts } from "./scripts/read_facts.ts";
import type { Store } from "./store.ts";
import type { SessionId } from "./types.ts";

/** Sessions that a batch looks at, at most, where each is asked for by itself. */
const LOOK_MOST = 500;

/** Returns the ids of all sessions whose expiresAt is due, the soonest first. */
export async function expiredSessions(
  store: Store,
  beforeMs: number,
  checkpoint: Checkpoint,
): Promise<SessionId[]> {
  if (store.hints !== undefined) {
    return await clusterSessions(store, beforeMs, checkpoint);
  }
  const ids: SessionId[] = [];
  let cursor = "";
  do {
    checkpoint();
    const batch = await expiredBatch(store, beforeMs, cursor);
    ids.push(...batch.ids);
    cursor = batch.cursor;
  } while (cursor !== "");
  return ids;
}

/** A hint can lie earlier than its session's moment, and is met again where it was corrected. */
async function clusterSessions(
  store: Store,
  beforeMs: number,
  checkpoint: Checkpoint,
): Promise<SessionId[]> {
  const dues = new Map<SessionId, number>();
  let last: IndexEntry | undefined;
  do {
    checkpoint();
    const entries = await readIndexPage(store, {
      index: store.keys.byExpiry,
      most: LOOK_MOST,
      cursor: last === undefined ? "" : cursorOf(last),
      highest: beforeMs,
    });
    const moments = await Promise.all(
      entries.map((entry) => momentOf(store, entry)),
    );
    for (const [i, { member }] of entries.entries()) {
      const moment = moments[i];
      if (moment !== undefined && moment <= beforeMs) dues.set(member, moment);
    }
    last = entries.length < LOOK_MOST ? undefined : entries.at(-1);
  } while (last !== undefined);
  return [...dues].sort(([, a], [, b]) => a - b).map(([id]) => id);
}

/** Returns when a session is due; a hint that is wrong is corrected. */
async function momentOf(
  store: Store,
  { member: id, score }: IndexEntry,
): Promise<number | undefined> {
  let expiresAtMs: number | undefined;
  try {
    expiresAtMs = (await readFacts(store, id))?.expiresAtMs;
  } catch (error) {
    // One that cannot be read is listed by its hint, so that a clean-up reaches it.
    if (asFailure(error).reason !== "corrupt-data") throw error;
    return score;
  }
  if (expiresAtMs !== score) {
    const { byExpiry } = store.keys;
    await tidy(() => store.hints!.correct(byExpiry, id, expiresAtMs));
  }
  return expiresAtMs;
}

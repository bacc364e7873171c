/**
 * Finds the sessions whose own deadline is due.
 *
 * @module
 */

import type { Checkpoint } from "./deadline.ts";
import { asFailure } from "./failure.ts";
import { tidy } from "./hints.ts";
import { type ExpiredBatch, expiredBatch } from "./scripts/expired_sessions.ts";
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
  const ids: SessionId[] = [];
  const nextBatch = store.hints === undefined ? expiredBatch : clusterBatch;
  let cursor = "";
  do {
    checkpoint();
    const batch = await nextBatch(store, beforeMs, cursor);
    ids.push(...batch.ids);
    cursor = batch.cursor;
  } while (cursor !== "");
  return ids;
}

async function clusterBatch(
  store: Store,
  beforeMs: number,
  cursor: string,
): Promise<ExpiredBatch> {
  const entries = await readIndexPage(store, {
    index: store.keys.byExpiry,
    most: LOOK_MOST,
    cursor,
    highest: beforeMs,
  });
  const dues = await Promise.all(
    entries.map((entry) => isDue(store, entry, beforeMs)),
  );
  const last = entries.at(-1);
  return {
    ids: entries.filter((_, i) => dues[i]).map(({ member }) => member),
    cursor: last === undefined || entries.length < LOOK_MOST
      ? ""
      : cursorOf(last),
  };
}

/** Whether a session is due as its hint says; a hint that is wrong is corrected. */
async function isDue(
  store: Store,
  { member: id, score }: IndexEntry,
  beforeMs: number,
): Promise<boolean> {
  let expiresAtMs: number | undefined;
  try {
    expiresAtMs = (await readFacts(store, id))?.expiresAtMs;
  } catch (error) {
    // One that cannot be read is listed by its hint, so that a clean-up reaches it.
    if (asFailure(error).reason !== "corrupt-data") throw error;
    return true;
  }
  if (expiresAtMs !== score) {
    const { byExpiry } = store.keys;
    await tidy(() => store.hints!.correct(byExpiry, id, expiresAtMs));
  }
  return expiresAtMs !== undefined && expiresAtMs <= beforeMs;
}

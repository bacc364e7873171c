/**
 * The indexes of a cluster. They lie in other slots than the sessions, so the
 * scripts of a session cannot keep them, as they do on one server.
 *
 * An entry is a hint, held against the session at every read. Writers only add
 * hints, or move them to where a reader finds them too early: before the
 * session's script and again after it, so that none goes missing by a crash or
 * by a race. Only who has read the session takes hints away, and looks again.
 *
 * @module
 */

import { asFailure, Failure } from "./failure.ts";
import type { IndexEntry } from "./scripts/index_page.ts";
import { readIndexPage } from "./scripts/index_page.ts";
import { joinUser } from "./scripts/join_user.ts";
import { putHint } from "./scripts/put_hint.ts";
import { readFacts, type SessionFacts } from "./scripts/read_facts.ts";
import { removeHint } from "./scripts/remove_hint.ts";
import type { Store } from "./store.ts";
import type { SessionId } from "./types.ts";

/** Deadlines that one clean-up looks at, at most. */
const SWEEP_MOST = 1000;

/** By how much the clocks of two nodes differ, at most. */
const CLOCKS_DIFFER_MS = 60_000;

/** A session's moments of a create that is about to come. */
export interface Announced {
  /** When the session counts as created, in milliseconds: all indexes of a cluster go by one clock. */
  readonly createdAtMs: number;
  /** The deadlines that have come, as they lie in the index. */
  readonly due: readonly IndexEntry[];
}

/** Keeps the indexes of a cluster. */
export class Hints {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Adds the hints of a session that is about to be created of these hash fields. */
  async announce(
    id: SessionId,
    fields: Readonly<Record<string, string>>,
    most: number,
  ): Promise<Announced> {
    const { byActivity } = this.#store.keys;
    const [createdAtMs, due] = await Promise.all([
      this.#claim(id),
      this.#dueDeadlines(most),
      putHint(this.#store, {
        index: byActivity,
        member: id,
        plusMs: -CLOCKS_DIFFER_MS,
        condition: "NX",
      }),
      this.expect(id, fields),
    ]);
    return { createdAtMs, due };
  }

  /**
   * Adds the hints that hash fields need which are about to be written.
   *
   * @throws {Failure} corrupt-data where one of the keys has another type
   */
  async expect(
    id: SessionId,
    { userId, expiresAt }: Readonly<Record<string, string>>,
  ): Promise<void> {
    const lifeMs = this.#life();
    await Promise.all([
      this.add(id, { expiresAtMs: numberOf(expiresAt) }),
      lifeMs === undefined || this.#expire(id, userId, lifeMs),
      userId === undefined || joinUser(this.#store, userId, id, lifeMs),
    ]);
  }

  /** Adds the hints of a session whose hash fields were written. */
  async follow(
    id: SessionId,
    fields: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.add(id, {
      createdAtMs: numberOf(fields["createdAt"]),
      lastActivityAtMs: numberOf(fields["lastActivityAt"]),
      expiresAtMs: numberOf(fields["expiresAt"]),
      userId: fields["userId"],
      lifeMs: this.#life(),
    });
  }

  /**
   * Adds the hints of what is known of a session. A user's key of another type
   * is for the list of that user to report.
   */
  async add(
    id: SessionId,
    { createdAtMs, lastActivityAtMs, expiresAtMs, userId, lifeMs }:
      SessionFacts,
  ): Promise<void> {
    const { byExpiry } = this.#store.keys;
    const work: Promise<unknown>[] = [];
    if (createdAtMs !== undefined) {
      work.push(this.#move(id, "createdAtMs", createdAtMs));
    }
    if (lastActivityAtMs !== undefined) {
      work.push(this.#move(id, "lastActivityAtMs", lastActivityAtMs));
    }
    if (expiresAtMs !== undefined) {
      const hint = { index: byExpiry, member: id, score: expiresAtMs };
      work.push(putHint(this.#store, { ...hint, condition: "LT" }));
    }
    if (lifeMs !== undefined) work.push(this.#expire(id, userId, lifeMs));
    if (userId !== undefined) {
      work.push(
        joinUser(this.#store, userId, id, lifeMs).catch(unlessCorrupt),
      );
    }
    await Promise.all(work);
  }

  /** Lets the hints of a session that starts its TTL again live as long as it. */
  async prolong(id: SessionId, userId: string | undefined): Promise<void> {
    await this.add(id, { userId, lifeMs: this.#life() });
  }

  /** Adds the hints of a session as it is stored; none where there is none. */
  async restore(id: SessionId): Promise<void> {
    const facts = await readFacts(this.#store, id);
    if (facts !== undefined) await this.add(id, facts);
  }

  /** Takes away the hints of a session that is gone, and puts them back if it is not. */
  async remove(id: SessionId, userId: string | undefined): Promise<void> {
    const { byCreated, byActivity, byExpiry } = this.#store.keys;
    await Promise.all([
      ...[byCreated, byActivity, byExpiry].map((index) =>
        removeHint(this.#store, index, id)
      ),
      this.#leave(id, userId),
    ]);
    await this.restore(id);
  }

  /** Takes a session out of the set of a user whose it is not, and puts it back if it is. */
  async leave(id: SessionId, userId: string): Promise<void> {
    await this.#leave(id, userId);
    await this.restore(id);
  }

  /** Moves a hint to where the session has its moment, earlier or later; undefined: nowhere. */
  async correct(
    index: string,
    id: SessionId,
    score: number | undefined,
  ): Promise<void> {
    if (score === undefined) {
      await removeHint(this.#store, index, id);
    } else {
      await putHint(this.#store, { index, member: id, score });
    }
    await this.restore(id);
  }

  /**
   * Cleans up the deadlines that have come.
   *
   * @returns whether there may be more
   */
  async sweep(): Promise<boolean> {
    const due = await this.#dueDeadlines(SWEEP_MOST);
    await this.cleanUp(due);
    return due.length === SWEEP_MOST;
  }

  /** Cleans up deadlines that have come. Never rejects: whoever meets them next tries again. */
  async cleanUp(due: readonly IndexEntry[]): Promise<void> {
    await Promise.all(due.map((entry) => tidy(() => this.#cleanUp(entry))));
  }

  /**
   * Adds the hint by creation of a session that is about to be created, and
   * returns its moment. One that an earlier session of that id left would put
   * the new one where no list of its days looks.
   */
  async #claim(id: SessionId): Promise<number> {
    const { byCreated: index } = this.#store.keys;
    const put = () =>
      putHint(this.#store, { index, member: id, condition: "NX" });
    const { asked, stands } = await put();
    if (stands === asked) return asked;
    // A session that cannot be read is there, too.
    const isFree = await readFacts(this.#store, id).then(
      (facts) => facts === undefined,
      (error) => unlessCorrupt(error) ?? false,
    );
    if (!isFree) return asked;
    await this.correct(index, id, undefined);
    return (await put()).asked;
  }

  /** Moves a session's hint to a moment that the session has had. */
  async #move(
    id: SessionId,
    moment: "createdAtMs" | "lastActivityAtMs",
    score: number,
  ): Promise<void> {
    const { byCreated, byActivity } = this.#store.keys;
    const index = moment === "createdAtMs" ? byCreated : byActivity;
    const hint = { index, member: id, score };
    const { stands } = await putHint(this.#store, { ...hint, condition: "GT" });
    if (stands <= score) return;
    // Another writer came later; or the session was at a later moment before,
    // which a caller can give as well as an earlier one.
    const facts = await readFacts(this.#store, id).catch(unlessCorrupt);
    const now = facts?.[moment];
    if (now !== undefined && now !== stands) await this.correct(index, id, now);
  }

  async #cleanUp({ member }: IndexEntry): Promise<void> {
    const { id, userId } = parseDeadline(member);
    const facts = await readFacts(this.#store, id);
    if (facts === undefined) {
      await this.remove(id, userId);
    } else if ((facts.userId ?? "") !== userId) {
      // The id is another user's by now.
      await this.leave(id, userId);
    } else if (facts.lifeMs === undefined) {
      // It has no TTL any more.
      await removeHint(this.#store, this.#store.keys.byDeadline, member);
      await this.restore(id);
    } else {
      await this.#expire(id, userId, facts.lifeMs);
    }
  }

  #dueDeadlines(most: number): Promise<IndexEntry[]> {
    return readIndexPage(this.#store, {
      index: this.#store.keys.byDeadline,
      most,
      highest: "now",
    });
  }

  /** How long the messages live of a session that is written to now. */
  #life(): number | undefined {
    const { ttlMs } = this.#store;
    return ttlMs === 0 ? undefined : ttlMs + Math.ceil(ttlMs / 4);
  }

  async #expire(
    id: SessionId,
    userId: string | undefined,
    lifeMs: number,
  ): Promise<void> {
    await putHint(this.#store, {
      index: this.#store.keys.byDeadline,
      member: deadlineMember(id, userId),
      plusMs: lifeMs,
      condition: "GT",
    });
  }

  async #leave(id: SessionId, userId: string | undefined): Promise<void> {
    const { byDeadline } = this.#store.keys;
    await Promise.all([
      removeHint(this.#store, byDeadline, deadlineMember(id, userId)),
      userId === undefined ||
      removeHint(this.#store, this.#store.keys.user(userId), id),
    ]);
  }
}

function numberOf(text: string | undefined): number | undefined {
  // What else a field can hold is for a read to report.
  return /^-?\d+$/.test(text ?? "") ? Number(text) : undefined;
}

function unlessCorrupt(error: unknown): undefined {
  if (asFailure(error).reason !== "corrupt-data") throw error;
}

/** Runs what only tidies up: a refusal is no fault of the caller's. */
export async function tidy(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

/** Returns the member of by-deadline that `deadline_member` makes in Lua. */
function deadlineMember(id: SessionId, userId: string | undefined): string {
  return `${new TextEncoder().encode(id).length}:${id}${userId ?? ""}`;
}

function parseDeadline(
  member: string,
): { id: SessionId; userId: string } {
  const size = Number(/^(\d+):/.exec(member)?.[1] ?? 0);
  const bytes = new TextEncoder().encode(member.slice(member.indexOf(":") + 1));
  // Without the option, an id would lose a BOM at its beginning.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const text = (part: Uint8Array) => decoder.decode(part);
  return {
    id: text(bytes.subarray(0, size)),
    userId: text(bytes.subarray(size)),
  };
}

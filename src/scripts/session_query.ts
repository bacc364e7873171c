/**
 * Which sessions a list asks for, and how they come back.
 *
 * @module
 */

import type { Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { ABSENT, SEPARATOR } from "./prelude/look.ts";

/** Which sessions to list; every value was checked. */
export interface SessionQuery {
  readonly userId: string | undefined;
  readonly status: string | undefined;
  readonly activeAgentId: string | undefined;
  readonly tags: readonly string[];
  readonly createdAfterMs: number | undefined;
  readonly createdBeforeMs: number | undefined;
  readonly sortBy: "createdAt" | "lastActivityAt";
  readonly descending: boolean;
  /** Matching sessions that are left out at the start. */
  readonly offset: number;
  /** Matching sessions that are wanted at most; all of them unless given. */
  readonly limit: number | undefined;
}

/** Returns the index whose order a list has. */
export function indexOf({ keys }: Store, { sortBy }: SessionQuery): string {
  return sortBy === "createdAt" ? keys.byCreated : keys.byActivity;
}

/** Whether more than the user and the time of creation narrows a list. */
export function isSelective(
  { status, activeAgentId, tags }: SessionQuery,
): boolean {
  return status !== undefined || activeAgentId !== undefined || tags.length > 0;
}

/** Returns ARGV of what LOOK asks for. */
export function queryArgs(query: SessionQuery, readsAll: boolean): string[] {
  const args = namedArgs({
    userId: query.userId,
    status: query.status,
    activeAgentId: query.activeAgentId,
    earliest: query.createdAfterMs,
    latest: query.createdBeforeMs,
    sort_by: query.sortBy,
    reads_all: readsAll ? 1 : 0,
  });
  for (const tag of query.tags) args.push("tag", JSON.stringify(tag));
  return args;
}

/** Returns ARGV of names and values, without those that are undefined. */
export function namedArgs(
  values: Readonly<Record<string, string | number | undefined>>,
): string[] {
  const args: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) args.push(name, String(value));
  }
  return args;
}

/** A session as a list returns it: the values of its fields and its id, or what is wrong. */
export type SessionRow =
  | readonly (string | null)[]
  | readonly [SessionId, "corrupt", key: string, why: string];

/** Returns a row that came as a list, or as one text. */
export function readRow(row: SessionRow | string): SessionRow {
  if (typeof row !== "string") return row;
  const values: (string | null)[] = row.split(SEPARATOR);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === ABSENT) values[i] = null;
  }
  return values;
}

/** A place in the order of a list. */
export interface Place {
  readonly id: SessionId;
  readonly moment: number;
  /** What the list returns there, where it is known already. */
  readonly row?: SessionRow | undefined;
}

/** Where a list stands between two batches. */
export interface ListPosition {
  /** Where the next batch begins; "" at the beginning. */
  readonly cursor: string;
  /** The sessions that are left, where they were gathered and put in order. */
  readonly gathered?: readonly Place[];
  /** Whether nothing is left. */
  readonly isEnd: boolean;
  /** Matching sessions that are still to be left out. */
  readonly offset: number;
  /** Matching sessions that are still wanted. */
  readonly limit: number | undefined;
}

/** One batch of a list. */
export interface SessionBatch {
  readonly rows: readonly SessionRow[];
  readonly next: ListPosition;
  /** Whether more deadlines than one call cleans up may be due. */
  readonly hasMoreDue: boolean;
}

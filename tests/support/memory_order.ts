/**
 * The orders that the memory adapter lists sessions in.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type {
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import { oneOf } from "./memory_checks.ts";
import { checkFilters } from "./memory_records.ts";

/** Refuses filters that mean nothing to an iterator. */
export function checkIteratorFilters(filters: SessionFilters): void {
  checkFilters(filters);
  oneOf(["createdAt"], filters.sortBy ?? "createdAt", "sortBy");
}

/** Returns the sessions in the order that is asked for. */
export function inOrder(
  sessions: Session[],
  { sortBy = "createdAt", order = "asc" }: SessionFilters,
): Session[] {
  const sorted = sessions.toSorted((a, b) =>
    a[sortBy].getTime() - b[sortBy].getTime() ||
    Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
  );
  return order === "asc" ? sorted : sorted.reverse();
}

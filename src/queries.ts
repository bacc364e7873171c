/**
 * What callers ask lists and histories for, checked.
 *
 * @module
 */

import {
  checkArray,
  checkCount,
  checkDate,
  checkObject,
  checkOneOf,
  checkStrings,
  checkText,
} from "./check.ts";
import { invalid } from "./failure.ts";
import { ROLES } from "./message_codec.ts";
import type { SessionQuery } from "./scripts/session_query.ts";
import type { MessageQuery } from "./scripts/read_messages.ts";
import { STATUSES } from "./session_codec.ts";

/** Returns which sessions a caller wants. */
export function checkSessionFilters(filters: unknown): SessionQuery {
  const given = checkObject(filters, "filters");
  const { userId, status, activeAgentId, tags, sortBy } = given;
  if (tags !== undefined) checkStrings(tags, "tags");
  const { offset, limit } = checkPage(given);
  return {
    offset,
    limit,
    userId: userId === undefined ? undefined : checkText(userId, "userId"),
    status: status === undefined
      ? undefined
      : checkOneOf(status, STATUSES, "status"),
    activeAgentId: activeAgentId === undefined
      ? undefined
      : checkText(activeAgentId, "activeAgentId"),
    // Each was found to be a text.
    tags: (tags ?? []) as string[],
    createdAfterMs: checkOptionalDate(given, "createdAfter"),
    createdBeforeMs: checkOptionalDate(given, "createdBefore"),
    sortBy: sortBy === undefined
      ? "createdAt"
      : checkOneOf(sortBy, ["createdAt", "lastActivityAt"], "sortBy"),
    descending: isDescending(given),
  };
}

/** Returns which sessions an iterator is to visit; those that move would be met twice, or not at all. */
export function checkIteratorFilters(filters: unknown): SessionQuery {
  const query = checkSessionFilters(filters);
  if (query.sortBy !== "createdAt") {
    throw invalid("sortBy", '"createdAt" for an iterator', query.sortBy);
  }
  return query;
}

/** Returns which messages a caller wants. */
export function checkMessageQuery(options: unknown): MessageQuery {
  const given = checkObject(options, "options");
  const { roles } = given;
  const { offset, limit } = checkPage(given);
  return {
    offset,
    limit,
    descending: isDescending(given),
    afterMs: checkOptionalDate(given, "after"),
    beforeMs: checkOptionalDate(given, "before"),
    roles: checkArray(roles === undefined ? [] : roles, "roles").map((
      role,
      i,
    ) => checkOneOf(role, ROLES, `roles[${i}]`)),
  };
}

function isDescending({ order }: Record<string, unknown>): boolean {
  return order !== undefined &&
    checkOneOf(order, ["asc", "desc"], "order") === "desc";
}

function checkOptionalDate(
  given: Record<string, unknown>,
  name: string,
): number | undefined {
  return given[name] === undefined ? undefined : checkDate(given[name], name);
}

/** Returns which part of what is found a caller wants. */
function checkPage(
  { offset, limit }: Record<string, unknown>,
): { offset: number; limit: number | undefined } {
  return {
    offset: offset === undefined ? 0 : checkCount(offset, "offset"),
    limit: limit === undefined ? undefined : checkCount(limit, "limit"),
  };
}

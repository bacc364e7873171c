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
import { ROLES } from "./message_codec.ts";
import type { SessionQuery } from "./scripts/list_sessions.ts";
import type { MessageQuery } from "./scripts/read_messages.ts";
import { STATUSES } from "./session_codec.ts";

/** Returns which sessions a caller wants. */
export function checkSessionFilters(filters: unknown): SessionQuery {
  const given = checkObject(filters, "filters");
  const { userId, status, activeAgentId, tags } = given;
  if (tags !== undefined) checkStrings(tags, "tags");
  return {
    ...checkPage(given),
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
  };
}

/** Returns which messages a caller wants. */
export function checkMessageQuery(options: unknown): MessageQuery {
  const given = checkObject(options, "options");
  const { order, roles } = given;
  return {
    ...checkPage(given),
    descending: order !== undefined &&
      checkOneOf(order, ["asc", "desc"], "order") === "desc",
    afterMs: checkOptionalDate(given, "after"),
    beforeMs: checkOptionalDate(given, "before"),
    roles: checkArray(roles === undefined ? [] : roles, "roles").map((
      role,
      i,
    ) => checkOneOf(role, ROLES, `roles[${i}]`)),
  };
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

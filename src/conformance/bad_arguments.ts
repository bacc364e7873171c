/**
 * Ids, filters, options and dates that no adapter can use, by the call that
 * has to refuse them.
 *
 * @module
 */

import { type BadInput, MESSAGE, SESSION } from "./bad_input.ts";
import {
  NO_COUNTS,
  NO_DATES,
  NO_IDS,
  NO_NUMBERS,
  NO_ORDERS,
  NO_SORT_KEYS,
  NO_STATUSES,
  NO_TEXTS,
} from "./bad_values.ts";
import type { Capabilities } from "./options.ts";
import { newMessage, newSession } from "./samples.ts";

/** The refusals of arguments, by the name of their test. */
export const BAD_ARGUMENTS: Record<string, BadInput> = {
  "getSession() refuses a wrong id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.getSession(id),
  },
  "createSession() refuses a wrong id": {
    values: NO_IDS.filter((id) => id !== undefined),
    call: (adapter, id) => adapter.createSession(newSession({ id })),
  },
  "updateSession() refuses a wrong id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.updateSession(id, {}),
  },
  "deleteSession() refuses a wrong id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.deleteSession(id),
  },
  "addMessage() refuses a wrong session id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.addMessage(id, newMessage()),
  },
  "addMessage() refuses a wrong message id": {
    values: NO_IDS.filter((id) => id !== undefined),
    call: (adapter, id) => adapter.addMessage(SESSION, newMessage({ id })),
  },
  "getMessages() refuses a wrong id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.getMessages(id),
  },
  "updateMessage() refuses a wrong session id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.updateMessage(id, MESSAGE, {}),
  },
  "updateMessage() refuses a wrong message id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.updateMessage(SESSION, id, {}),
  },
  "deleteMessage() refuses a wrong session id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.deleteMessage(id, MESSAGE),
  },
  "deleteMessage() refuses a wrong message id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.deleteMessage(SESSION, id),
  },
  "deleteAllMessages() refuses a wrong id": {
    values: NO_IDS,
    call: (adapter, id) => adapter.deleteAllMessages(id),
  },
  "getExpiredSessions() refuses a wrong date": {
    values: [...NO_DATES, undefined],
    call: (adapter, before) => adapter.getExpiredSessions(before),
  },
  ...filters("status", NO_STATUSES),
  ...filters("userId", NO_TEXTS),
  ...filters("activeAgentId", NO_TEXTS),
  ...filters("tags", [null, "rail", { 0: "rail" }, [1], [null]]),
  ...filters("createdAfter", NO_DATES),
  ...filters("createdBefore", NO_DATES),
  ...filters("limit", NO_COUNTS),
  ...filters("offset", NO_COUNTS),
  ...filters("order", NO_ORDERS, "listOrder"),
  ...filters("sortBy", NO_SORT_KEYS, "listOrder"),
  ...options("limit", NO_COUNTS),
  ...options("offset", NO_COUNTS),
  ...options("order", NO_ORDERS),
  ...options("after", NO_DATES),
  ...options("before", NO_DATES),
  ...options("roles", [null, "user", { 0: "user" }, ["robot"], [null]]),
  "getMessage() refuses a wrong session id": {
    needs: "getMessage",
    values: NO_IDS,
    call: (adapter, id) => adapter.getMessage(id, MESSAGE),
  },
  "getMessage() refuses a wrong message id": {
    needs: "getMessage",
    values: NO_IDS,
    call: (adapter, id) => adapter.getMessage(SESSION, id),
  },
  "addMessages() refuses a wrong session id": {
    needs: "addMessages",
    values: NO_IDS,
    call: (adapter, id) => adapter.addMessages(id, [newMessage()]),
  },
  "addMessages() refuses what is no list": {
    needs: "addMessages",
    values: [null, undefined, {}, "text"],
    call: (adapter, list) => adapter.addMessages(SESSION, list),
  },
  "countMessages() refuses a wrong id": {
    needs: "countMessages",
    values: NO_IDS,
    call: (adapter, id) => adapter.countMessages(id),
  },
  "touchSession() refuses a wrong id": {
    needs: "touchSession",
    values: NO_IDS,
    call: (adapter, id) => adapter.touchSession(id),
  },
  "iterateSessions() refuses a wrong status": {
    needs: "iterateSessions",
    values: NO_STATUSES,
    call: async (adapter, status) => {
      for await (const _ of adapter.iterateSessions({ status })) continue;
    },
  },
  "updateSession() refuses a wrong expectedVersion": {
    needs: "optimisticLocking",
    values: NO_NUMBERS,
    call: (adapter, expectedVersion) =>
      adapter.updateSession(SESSION, { userId: "eve" }, { expectedVersion }),
  },
};

function filters(
  name: string,
  values: readonly unknown[],
  needs?: keyof Capabilities,
): Record<string, BadInput> {
  return {
    [`listSessions() refuses a wrong ${name}`]: {
      ...(needs === undefined ? {} : { needs, names: [name] }),
      values,
      call: (adapter, value) => adapter.listSessions({ [name]: value }),
    },
  };
}

function options(
  name: string,
  values: readonly unknown[],
): Record<string, BadInput> {
  return {
    [`getMessages() refuses a wrong ${name}`]: {
      values,
      call: (adapter, value) => adapter.getMessages(SESSION, { [name]: value }),
    },
  };
}

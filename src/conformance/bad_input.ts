/**
 * What a storage adapter refuses before it writes anything.
 *
 * @module
 */

import {
  NO_CONTENTS,
  NO_COUNTS,
  NO_DATES,
  NO_IDS,
  NO_JSON,
  NO_NUMBERS,
  NO_OBJECTS,
  NO_PARTICIPANTS,
  NO_ROLES,
  NO_STATUSES,
  NO_TEXTS,
} from "./bad_values.ts";
import type { Group } from "./group.ts";
import { invalid, newMessage, newSession } from "./samples.ts";
import type { CompleteAdapter, Subject } from "./subject.ts";

type Call = (adapter: CompleteAdapter, value: never) => Promise<unknown>;

const SESSION = "s1";
const MESSAGE = "m1";

const CASES: Record<string, { values: readonly unknown[]; call: Call }> = {
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
  ...filters("tags", ["rail", { 0: "rail" }, [1], [null]]),
  ...filters("createdAfter", NO_DATES),
  ...filters("createdBefore", NO_DATES),
  ...filters("limit", NO_COUNTS),
  ...filters("offset", NO_COUNTS),
  ...options("limit", NO_COUNTS),
  ...options("offset", NO_COUNTS),
  ...options("order", ["up", "", "ASC", null, 1]),
  ...options("after", NO_DATES),
  ...options("before", NO_DATES),
  ...options("roles", ["user", { 0: "user" }, ["robot"], [null]]),
  ...sessionField("status", NO_STATUSES),
  ...sessionField("userId", NO_TEXTS),
  ...sessionField("activeAgentId", NO_TEXTS),
  ...sessionField("schemaVersion", NO_NUMBERS),
  ...sessionField("tokenCount", NO_NUMBERS),
  ...sessionField("messageCount", NO_NUMBERS),
  ...sessionField("version", NO_NUMBERS),
  ...sessionField("expiresAt", NO_DATES),
  ...sessionField("metadata", NO_OBJECTS),
  ...sessionField("participants", NO_PARTICIPANTS),
  "updateSession() refuses a wrong lastActivityAt": {
    values: NO_DATES,
    call: (adapter, lastActivityAt) =>
      adapter.updateSession(SESSION, { lastActivityAt, userId: "eve" }),
  },
  ...messageField("role", NO_ROLES),
  ...messageField("content", NO_CONTENTS),
  ...messageField("tokenCount", NO_NUMBERS),
  ...messageField("metadata", NO_OBJECTS),
  "updateMessage() refuses a wrong updatedAt": {
    values: NO_DATES,
    call: (adapter, updatedAt) =>
      adapter.updateMessage(SESSION, MESSAGE, { updatedAt, tokenCount: 5 }),
  },
  "createSession() refuses what JSON cannot carry": {
    values: NO_JSON,
    call: (adapter, value) =>
      adapter.createSession(newSession({ metadata: { custom: { value } } })),
  },
  "updateSession() refuses what JSON cannot carry": {
    values: NO_JSON,
    call: (adapter, value) =>
      adapter.updateSession(SESSION, {
        userId: "eve",
        metadata: { custom: { value } },
      }),
  },
  "addMessage() refuses what JSON cannot carry": {
    values: NO_JSON,
    call: (adapter, value) =>
      adapter.addMessage(
        SESSION,
        newMessage({ metadata: { annotations: { value } } }),
      ),
  },
  "updateMessage() refuses what JSON cannot carry": {
    values: NO_JSON,
    call: (adapter, value) =>
      adapter.updateMessage(SESSION, MESSAGE, {
        tokenCount: 5,
        metadata: { annotations: { value } },
      }),
  },
};

const FURTHER_CASES: Record<
  string,
  {
    needs:
      | "getMessage"
      | "addMessages"
      | "countMessages"
      | "touchSession"
      | "iterateSessions"
      | "optimisticLocking";
    values: readonly unknown[];
    call: Call;
  }
> = {
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

/** Declares the tests of arguments that no adapter can use. */
export function describeBadInput({ test, capabilities }: Group): void {
  for (const [name, { values, call }] of Object.entries(CASES)) {
    test(name, (subject) => refusesAll(subject, values, call));
  }
  for (
    const [name, { needs, values, call }] of Object.entries(FURTHER_CASES)
  ) {
    if (!capabilities[needs]) continue;
    test(name, (subject) => refusesAll(subject, values, call));
  }
}

async function refusesAll(
  subject: Subject,
  values: readonly unknown[],
  call: Call,
): Promise<void> {
  const { adapter } = subject;
  await adapter.createSession(newSession({ id: SESSION, userId: "ada" }));
  await adapter.addMessage(SESSION, newMessage({ id: MESSAGE }));
  for (const value of values) {
    await subject.changesNothing(() =>
      subject.fails(() => call(adapter, invalid(value)), "invalid-argument", {
        about: describeValue(value),
      })
    );
  }
}

function filters(name: string, values: readonly unknown[]): typeof CASES {
  return {
    [`listSessions() refuses a wrong ${name}`]: {
      values,
      call: (adapter, value) => adapter.listSessions({ [name]: value }),
    },
  };
}

function options(name: string, values: readonly unknown[]): typeof CASES {
  return {
    [`getMessages() refuses a wrong ${name}`]: {
      values,
      call: (adapter, value) => adapter.getMessages(SESSION, { [name]: value }),
    },
  };
}

function sessionField(name: string, values: readonly unknown[]): typeof CASES {
  return {
    [`createSession() refuses a wrong ${name}`]: {
      values,
      call: (adapter, value) =>
        adapter.createSession(newSession({ [name]: value })),
    },
    [`updateSession() refuses a wrong ${name}`]: {
      values,
      call: (adapter, value) =>
        adapter.updateSession(SESSION, {
          activeAgentId: "eve",
          [name]: value,
        }),
    },
  };
}

function messageField(name: string, values: readonly unknown[]): typeof CASES {
  return {
    [`addMessage() refuses a wrong ${name}`]: {
      values,
      call: (adapter, value) =>
        adapter.addMessage(SESSION, newMessage({ [name]: value })),
    },
    [`updateMessage() refuses a wrong ${name}`]: {
      values,
      call: (adapter, value) =>
        adapter.updateMessage(SESSION, MESSAGE, { [name]: value }),
    },
  };
}

function describeValue(value: unknown): string {
  return typeof value === "object" && value !== null
    ? `a value (${Object.prototype.toString.call(value)})`
    : `the value ${String(value)}`;
}

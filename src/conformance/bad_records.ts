/**
 * Records and updates that no adapter can use, by the call that has to refuse
 * them.
 *
 * @module
 */

import { type BadInput, MESSAGE, SESSION } from "./bad_input.ts";
import {
  NO_BUDGETS,
  NO_COMPRESSION_STATES,
  NO_COMPRESSIONS,
  NO_CONTENTS,
  NO_DATES,
  NO_JSON,
  NO_NUMBERS,
  NO_OBJECTS,
  NO_PARTICIPANTS,
  NO_ROLES,
  NO_SESSION_METADATA,
  NO_STATUSES,
  NO_TEXTS,
} from "./bad_values.ts";
import { newMessage, newSession } from "./samples.ts";

/** The refusals of what is to be stored, by the name of their test. */
export const BAD_RECORDS: Record<string, BadInput> = {
  ...sessionField("status", NO_STATUSES),
  ...sessionField("userId", NO_TEXTS),
  ...sessionField("activeAgentId", NO_TEXTS),
  ...sessionField("schemaVersion", NO_NUMBERS),
  ...sessionField("tokenCount", NO_NUMBERS),
  ...sessionField("messageCount", NO_NUMBERS),
  ...sessionField("version", NO_NUMBERS),
  ...sessionField("expiresAt", NO_DATES),
  ...sessionField("metadata", NO_SESSION_METADATA),
  ...sessionField("participants", NO_PARTICIPANTS),
  ...sessionField("tokenBudget", NO_BUDGETS),
  ...sessionField("compression", NO_COMPRESSIONS),
  ...sessionField("compressionState", NO_COMPRESSION_STATES),
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

function sessionField(
  name: string,
  values: readonly unknown[],
): Record<string, BadInput> {
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

function messageField(
  name: string,
  values: readonly unknown[],
): Record<string, BadInput> {
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

/**
 * Storage adapters that are wrong on purpose. Each has one defect of a kind
 * that stores have had, and names the group of the conformance suite that has
 * to notice.
 *
 * @module
 */

import type { AdapterSettings } from "@reaatech/session-continuity-storage-redis/conformance";
import { BROKEN_FOR_ACTIVITY } from "./broken_activity.ts";
import { BROKEN_FOR_CONCURRENCY } from "./broken_concurrency.ts";
import { BROKEN_FOR_CONTENT } from "./broken_content.ts";
import { BROKEN_FOR_ERRORS } from "./broken_errors.ts";
import { BROKEN_FOR_EXPIRY } from "./broken_expiry.ts";
import { BROKEN_FOR_INPUT } from "./broken_input.ts";
import { BROKEN_FOR_MESSAGE_CONTENT } from "./broken_message_content.ts";
import { BROKEN_FOR_MESSAGE_QUERIES } from "./broken_message_queries.ts";
import { BROKEN_FOR_MESSAGE_UPDATES } from "./broken_message_updates.ts";
import { BROKEN_FOR_MESSAGES } from "./broken_messages.ts";
import { BROKEN_FOR_ORDER } from "./broken_order.ts";
import { BROKEN_FOR_ORDERING } from "./broken_ordering.ts";
import { BROKEN_FOR_QUERIES } from "./broken_queries.ts";
import { BROKEN_FOR_SESSION_UPDATES } from "./broken_session_updates.ts";
import { BROKEN_FOR_SESSIONS } from "./broken_sessions.ts";
import type { MemoryAdapter } from "./memory_adapter.ts";
import type { MemoryStore } from "./memory_store.ts";

/** Makes an adapter with one defect. */
export type BrokenAdapter = new (
  store: MemoryStore,
  settings?: AdapterSettings,
) => MemoryAdapter;

/** The broken adapters of each group, by their defects. */
export const BROKEN_ADAPTERS: Record<string, Record<string, BrokenAdapter>> = {
  sessions: { ...BROKEN_FOR_SESSIONS, ...BROKEN_FOR_SESSION_UPDATES },
  concurrency: BROKEN_FOR_CONCURRENCY,
  messages: { ...BROKEN_FOR_MESSAGES, ...BROKEN_FOR_MESSAGE_UPDATES },
  ordering: BROKEN_FOR_ORDERING,
  queries: {
    ...BROKEN_FOR_QUERIES,
    ...BROKEN_FOR_ORDER,
    ...BROKEN_FOR_ACTIVITY,
    ...BROKEN_FOR_MESSAGE_QUERIES,
  },
  content: { ...BROKEN_FOR_CONTENT, ...BROKEN_FOR_MESSAGE_CONTENT },
  expiry: BROKEN_FOR_EXPIRY,
  errors: { ...BROKEN_FOR_ERRORS, ...BROKEN_FOR_INPUT },
};

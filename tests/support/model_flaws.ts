/**
 * Properties that make records, filters and options unusable.
 *
 * @module
 */

import fc from "fast-check";
import type { Fields } from "./model_moments.ts";

const UNUSABLE = [
  { status: "gone" },
  { metadata: { custom: { big: 1n } } },
  { participants: [{}] },
  { expiresAt: new Date(NaN) },
  { userId: 7 },
  { version: -1 },
  { tokenCount: Infinity },
];

/** Properties that make a session to create unusable. */
export const BAD_SESSIONS = fc.constantFrom<Fields>(...UNUSABLE, { id: "" });

/** Properties that make an update of a session unusable. */
export const BAD_SESSION_UPDATES = fc.constantFrom<Fields>(
  ...UNUSABLE,
  { status: undefined },
  { lastActivityAt: undefined },
);

/** Properties that make a message, or an update of one, unusable. */
export const BAD_MESSAGES = fc.constantFrom<Fields>(
  { role: "robot" },
  { content: undefined },
  { content: [{ type: "text" }] },
  { tokenCount: NaN },
  { metadata: { annotations: { call: () => {} } } },
  { updatedAt: "now" },
);

/** Properties that make filters and options unusable. */
export const BAD_QUERIES = fc.constantFrom<Fields>(
  { limit: -1 },
  { offset: 0.5 },
  { order: "up" },
  { roles: ["robot"], tags: "red" },
  { before: "now", createdBefore: new Date(NaN) },
);

/**
 * Random sessions and messages, and such as are to be refused.
 *
 * @module
 */

import fc from "fast-check";
import type { Fields } from "./model_moments.ts";

/** A counterexample is easier to read without `__proto__`. */
export const PLAIN = { noNullPrototype: true } as const;

/** All users; the empty text is one. */
export const USER_IDS: readonly string[] = ["ada", "bob", ""];

/** Users. */
export const USERS = fc.constantFrom(...USER_IDS);

/** Agents. */
export const AGENTS = fc.constantFrom("cook", "chef");

/** What a session's status can be. */
export const STATUSES = fc.constantFrom(
  ...["active", "paused", "completed", "expired"],
);

/** Lists of tags, among them some that JSON escapes. */
export const TAGS = fc.subarray(["red", 'a"b', "c\\", "é\n"]);

/** Who speaks. */
export const ROLES = fc.constantFrom("user", "assistant", "system", "tool");

/** Dates that callers give: far from those that the store sets. */
export const DATES = fc.constantFrom(-5, 0, 1000, 1001, 4e12)
  .map((ms) => new Date(ms));

const COUNTS = fc.constantFrom(0, 1, 2.5, 1e21);
const JSON_VALUES = fc.jsonValue({ maxDepth: 1 });
const STRATEGIES = fc.constantFrom(
  ...["sliding_window", "summarization", "hybrid"],
);

/** Returns objects that have any of the properties. */
function some(
  properties: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Fields> {
  return fc.record(properties, { requiredKeys: [], ...PLAIN });
}

/** Returns objects that have all of the properties. */
export function all(
  properties: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Fields> {
  return fc.record(properties, PLAIN);
}

const METADATA = some({
  title: fc.constantFrom("", "Plans"),
  tags: TAGS,
  source: fc.constant("web"),
  custom: all({ note: JSON_VALUES }),
});

const PARTICIPANT = fc.record({
  id: fc.constant("p"),
  role: fc.constantFrom("user", "agent", "observer"),
  joinedAt: DATES,
  leftAt: DATES,
  metadata: all({ note: JSON_VALUES }),
}, { requiredKeys: ["id", "role", "joinedAt"], ...PLAIN });

const REMOVABLE = {
  userId: USERS,
  activeAgentId: AGENTS,
  expiresAt: DATES,
  tokenBudget: all({
    maxTokens: COUNTS,
    reserveTokens: COUNTS,
    overflowStrategy: fc.constantFrom("truncate", "compress", "error"),
  }),
  compression: all({
    strategy: STRATEGIES,
    targetTokens: COUNTS,
    summarizer: fc.constant({ summarize: () => Promise.resolve("") }),
  }),
  compressionState: all({
    strategy: STRATEGIES,
    keptMessageIds: fc.subarray(["a", "b"]),
    signature: fc.constant("s"),
    compressedTokenCount: COUNTS,
    updatedAt: DATES,
  }),
  tokenCount: COUNTS,
  messageCount: COUNTS,
};

const REQUIRED = {
  status: STATUSES,
  metadata: METADATA,
  participants: fc.array(PARTICIPANT, { maxLength: 2 }),
  schemaVersion: fc.nat({ max: 3 }),
};

const VERSION = fc.constantFrom(undefined, 0, 1, 2, 7);

function orUndefined(
  properties: Record<string, fc.Arbitrary<unknown>>,
): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, values]) => [
      name,
      fc.option(values, { nil: undefined, freq: 3 }),
    ]),
  );
}

/** Sessions to create, but for their id. */
export const SESSIONS: fc.Arbitrary<Fields> = some({
  ...orUndefined({ ...REMOVABLE, ...REQUIRED }),
  version: VERSION,
  // These are not the caller's to set.
  createdAt: DATES,
  lastActivityAt: DATES,
  unknown: fc.constant("left out"),
});

/** What sessions are updated with. */
export const SESSION_UPDATES: fc.Arbitrary<Fields> = some({
  ...orUndefined(REMOVABLE),
  ...REQUIRED,
  version: VERSION,
  lastActivityAt: DATES,
  id: fc.constant("other"),
  createdAt: DATES,
});

const CONTENTS = fc.oneof(
  fc.constantFrom("Hi", "", '["a"]', '{"a":1}', "é\0\n", "half \ud800"),
  fc.array(
    fc.oneof(
      all({ type: fc.constant("text"), text: fc.constantFrom("", "Hi") }),
      all({
        type: fc.constant("image_url"),
        image_url: all({ url: fc.constant("data:,") }),
      }),
    ),
    { maxLength: 2 },
  ),
);

const ATTACHED = some({
  toolCalls: fc.array(
    all({
      id: fc.constant("t"),
      name: fc.constant("look"),
      arguments: fc.constantFrom("{}", ',"metadata":'),
    }),
    { maxLength: 2 },
  ),
  toolResults: fc.array(
    all({ toolCallId: fc.constant("t"), result: fc.constant("}") }),
    { maxLength: 1 },
  ),
  annotations: all({ note: JSON_VALUES }),
});

const MESSAGE_OPTIONALS = orUndefined({
  tokenCount: COUNTS,
  metadata: ATTACHED,
  updatedAt: DATES,
});

/** Messages to append, but for their id. */
export const MESSAGES: fc.Arbitrary<Fields> = fc.record({
  ...MESSAGE_OPTIONALS,
  role: ROLES,
  content: CONTENTS,
  sequence: fc.constant(99),
}, { requiredKeys: ["role", "content"], ...PLAIN });

/** What messages are updated with. */
export const MESSAGE_UPDATES: fc.Arbitrary<Fields> = some({
  ...MESSAGE_OPTIONALS,
  role: ROLES,
  content: CONTENTS,
  id: fc.constant("other"),
  sessionId: fc.constant("other"),
  sequence: fc.constant(99),
  createdAt: DATES,
});

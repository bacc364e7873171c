/**
 * Values that no adapter can use.
 *
 * @module
 */

/** No ids. */
export const NO_IDS: readonly unknown[] = [
  "",
  "\ud800",
  "a\udc00b",
  null,
  undefined,
  42,
  {},
  ["s1"],
];

/** No dates. */
export const NO_DATES: readonly unknown[] = [
  new Date(NaN),
  "2031-01-01",
  0,
  null,
  {},
];

/** No counts: those are integers from 0. */
export const NO_COUNTS: readonly unknown[] = [
  -1,
  NaN,
  1.5,
  Infinity,
  "5",
  null,
];

/** No texts. */
export const NO_TEXTS: readonly unknown[] = [null, 42, {}, ["a"]];

/** No finite numbers. */
export const NO_NUMBERS: readonly unknown[] = [NaN, Infinity, "1", null, {}];

/** No statuses of a session. */
export const NO_STATUSES: readonly unknown[] = ["done", "", "Active", null, 1];

/** No orders of a list. */
export const NO_ORDERS: readonly unknown[] = ["up", "", "ASC", null, 1];

/** No properties that a list of sessions can go by. */
export const NO_SORT_KEYS: readonly unknown[] = [
  "id",
  "",
  "createdat",
  "lastActivityAt ",
  null,
  1,
  ["createdAt"],
];

/** No roles of a message. */
export const NO_ROLES: readonly unknown[] = ["robot", "", "User", null, 1];

/** No contents of a message. */
export const NO_CONTENTS: readonly unknown[] = [
  null,
  42,
  true,
  {},
  ["text"],
  [null],
  [{ type: "video", text: "a" }],
  [{ type: "text" }],
  [{ type: "text", text: 42 }],
  [{ type: "image_url", image_url: "https://a.test/b" }],
  [{ type: "image_url", image_url: {} }],
];

/** Values that JSON changes or cannot carry. */
export const NO_JSON: readonly unknown[] = [
  circle(),
  1n,
  NaN,
  -Infinity,
  () => "later",
  Symbol("mark"),
  new Map([["a", 1]]),
  new Set([1]),
  [undefined],
].flatMap((value) => [value, { deep: [{ value }] }]);

/** No objects with fields. */
export const NO_OBJECTS: readonly unknown[] = [null, "text", 42, []];

/** No metadata of a session. */
export const NO_SESSION_METADATA: readonly unknown[] = [
  ...NO_OBJECTS,
  { title: 42 },
  { tags: "rail" },
  { tags: [1] },
  { source: null },
];

/** No lists of participants. */
export const NO_PARTICIPANTS: readonly unknown[] = [
  null,
  {},
  "ada",
  ["ada"],
  ...variants(
    { id: "ada", role: "user", joinedAt: new Date("2024-02-29") },
    {
      id: [undefined, "", 42],
      role: [undefined, "robot"],
      metadata: NO_OBJECTS,
      joinedAt: [undefined, ...NO_DATES],
      leftAt: NO_DATES,
    },
  ).map((participant) => [participant]),
];

/** No token budgets. */
export const NO_BUDGETS: readonly unknown[] = [
  ...NO_OBJECTS,
  ...variants(
    { maxTokens: 8192, reserveTokens: 512, overflowStrategy: "compress" },
    {
      maxTokens: [undefined, ...NO_NUMBERS],
      reserveTokens: [undefined, ...NO_NUMBERS],
      overflowStrategy: [undefined, "drop", null, 1],
    },
  ),
];

const NO_STRATEGIES = [undefined, "magic", null, 1];

/** No compression settings. */
export const NO_COMPRESSIONS: readonly unknown[] = [
  ...NO_OBJECTS,
  ...variants({ strategy: "sliding_window", targetTokens: 4096 }, {
    strategy: NO_STRATEGIES,
    targetTokens: [undefined, ...NO_NUMBERS],
  }),
];

/** No states of a compression. */
export const NO_COMPRESSION_STATES: readonly unknown[] = [
  ...NO_OBJECTS,
  ...variants(
    {
      strategy: "sliding_window",
      keptMessageIds: ["m1"],
      signature: "abc123",
      compressedTokenCount: 120,
      updatedAt: new Date("2024-03-01"),
    },
    {
      strategy: NO_STRATEGIES,
      keptMessageIds: [undefined, null, "m1", [1]],
      signature: [undefined, null, 42],
      compressedTokenCount: [undefined, ...NO_NUMBERS],
      updatedAt: [undefined, ...NO_DATES],
    },
  ),
];

/** Returns copies of a usable object, each with one field that is not. */
function variants(
  usable: object,
  wrong: Record<string, readonly unknown[]>,
): unknown[] {
  return Object.entries(wrong).flatMap(([name, values]) =>
    values.map((value) => ({ ...usable, [name]: value }))
  );
}

function circle(): unknown {
  const ring: Record<string, unknown> = {};
  return Object.assign(ring, { inner: [ring] });
}

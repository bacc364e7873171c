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

/** No roles of a message. */
export const NO_ROLES: readonly unknown[] = ["robot", "", "User", null, 1];

/** No contents of a message. */
export const NO_CONTENTS: readonly unknown[] = [null, 42, true, {}];

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

/** No lists of participants. */
export const NO_PARTICIPANTS: readonly unknown[] = [
  null,
  {},
  "ada",
  ...NO_DATES.map((joinedAt) => [{ id: "ada", role: "user", joinedAt }]),
];

function circle(): unknown {
  const ring: Record<string, unknown> = {};
  return Object.assign(ring, { inner: [ring] });
}

/**
 * The ids that the tests store under, and the shape of those that stores make.
 *
 * @module
 */

/** Any UUID. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids that patterns, encodings and objects could be confused by. */
export const AWKWARD_IDS = [
  "a",
  "A",
  "a:b",
  "a*",
  "a?",
  "a b",
  "a\nb",
  "a\0b",
  "ä",
  "🙂",
  "0",
  "__proto__",
  "constructor",
  "x".repeat(1000),
];

/** Ids that can look like a store's own keys: it may refuse them as ids of sessions, not of messages. */
export const KEYLIKE_IDS = [
  "a:messages",
  "a:messages:1",
  "messages:a",
  "session:a",
  "a:seq",
  "{a}",
  "{a}b",
  "}{",
];

/**
 * What this package is meant to reach; the tables say whether it did.
 *
 * @module
 */

import type { Bound } from "./results.ts";

/** Beside other ways to do the same. */
export const expectations: readonly Bound[] = [
  { row: "getMessages(20)", against: "LangChain", timeAtMost: 1.2 },
  { row: "getMessages(100)", against: "LangChain", timeAtMost: 1.4 },
  { row: "getMessages(1000)", against: "LangChain", timeAtMost: 1.4 },
  { row: "last 20 of 1,000", against: "LangChain", timeAtMost: 0.1 },
  {
    row: "re-read of 1,000 after one append, with a cache",
    against: "LangChain",
    speedAtLeast: 4,
  },
  {
    row: "re-read of 20 after one append, with a cache",
    against: "no cache",
    timeAtMost: 1,
  },
  { row: "getMessages(100)", against: "documented", speedAtLeast: 6 },
  { row: "getMessages(1000)", against: "documented", speedAtLeast: 12 },
  {
    row: "listSessions(userId) of 100",
    against: "documented",
    speedAtLeast: 5,
  },
  {
    row: "addMessage",
    against: "LangChain",
    place: "loopback",
    timeAtMost: 0.9,
  },
  { row: "addMessage", against: "LangChain", place: "delay", timeAtMost: 0.55 },
  { row: "addMessage", against: "one HSET of its fields", timeAtMost: 2 },
  { row: "createSession", against: "floor", timeAtMost: 2 },
  { row: "updateSession", against: "floor", timeAtMost: 2 },
  {
    row: "addMessages of 1,000",
    against: "1,000 awaited addMessage",
    speedAtLeast: 8,
  },
  {
    row: "chat turns, 64 at once, last 20 of 20",
    against: "documented",
    speedAtLeast: 2.5,
  },
  {
    row: "chat turns, 64 at once, last 20 of 20",
    against: "LangChain",
    speedAtLeast: 1,
  },
  {
    row: "chat turns, 64 at once, last 20 of 200",
    against: "LangChain",
    speedAtLeast: 3,
  },
  {
    row: "addMessage",
    against: "without deadlines and retries",
    timeAtMost: 1.05,
  },
  {
    row: "getMessages(20)",
    against: "without deadlines and retries",
    timeAtMost: 1.05,
  },
];

/** Bytes of a message, at the most. */
export const MOST_BYTES = 1100;

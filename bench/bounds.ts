/**
 * What `deno task bench:check` holds a run against, so that no change makes the
 * adapter slower unnoticed: what quiet runs have measured, and room for noise.
 *
 * @module
 */

import type { Bound } from "./results.ts";

/** The bounds, in the order of the tables. */
export const bounds: readonly Bound[] = [
  { row: "createSession", against: "floor", timeAtMost: 3 },
  { row: "getSession", against: "floor", timeAtMost: 2 },
  { row: "updateSession", against: "documented", timeAtMost: 1 },
  {
    row: "listSessions(userId) of 100",
    against: "documented",
    timeAtMost: 0.3,
  },
  { row: "addMessage", against: "documented", timeAtMost: 0.75 },
  { row: "addMessage", against: "LangChain", timeAtMost: 1.3 },
  { row: "getMessages(20)", against: "documented", timeAtMost: 0.15 },
  { row: "getMessages(20)", against: "LangChain", timeAtMost: 1.5 },
  { row: "getMessages(100)", against: "documented", timeAtMost: 0.1 },
  { row: "getMessages(100)", against: "LangChain", timeAtMost: 1.5 },
  { row: "getMessages(1000)", against: "documented", timeAtMost: 0.1 },
  { row: "getMessages(1000)", against: "LangChain", timeAtMost: 1.7 },
  { row: "last 20 of 1,000", against: "LangChain", timeAtMost: 0.15 },
  { row: "last 20 of 100,000", against: "LangChain", timeAtMost: 0.01 },
  {
    row: "chat turns, 64 at once, last 20 of 20",
    against: "documented",
    timeAtMost: 0.5,
  },
  {
    row: "chat turns, 64 at once, last 20 of 200",
    against: "LangChain",
    timeAtMost: 0.5,
  },
  {
    row: "addMessage",
    against: "one HSET of its fields",
    timeAtMost: 2.4,
  },
  {
    row: "addMessages of 1,000",
    against: "1,000 awaited addMessage",
    speedAtLeast: 7,
  },
  {
    row: "addMessage",
    against: "without deadlines and retries",
    timeAtMost: 1.2,
  },
  {
    row: "re-read of 1,000 after one append, with a cache",
    against: "LangChain",
    speedAtLeast: 4,
  },
];

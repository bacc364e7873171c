/**
 * Defects of the cache of histories.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** Defects of what is kept of histories, and of what tells that it still stands. */
export const CACHE: readonly MutatedFile[] = [
  {
    file: "src/scripts/read_changes.ts",
    tests: ["history_cache"],
    mutants: [
      {
        name: "what is kept counts as unchanged whatever was edited",
        text: "held == revision and ",
      },
      {
        name: "a kept part that begins later counts as the whole",
        text: " and held_first <= first",
      },
      {
        name: "the last message that is kept may be another one",
        text: "stands[1] == ARGV[11] and ",
      },
      {
        name: "the last message that is kept may be of another moment",
        text: " and stands[2] == ARGV[12]",
      },
      {
        name: "the last message that is kept is sent again",
        text: "math.min(held_last, last) + 1",
        instead: "math.min(held_last, last)",
      },
      {
        name: "a page within what is kept reaches to its end",
        text: "math.min(held_last, last) + 1",
        instead: "held_last + 1",
      },
      {
        name: "the creation of a session does not count",
        text: "marks[1] .. (marks[2]",
        instead: "(marks[2]",
      },
      {
        name: "the newest page begins too early",
        text: "math.max(count - offset - size, 0)",
        instead: "math.max(count - offset - size - 1, 0)",
      },
    ],
  },
  {
    file: "src/history_cache.ts",
    tests: ["history_cache"],
    mutants: [
      {
        name: "a message is kept without its date",
        text: "new Date(held.createdAtMs)",
        instead: "new Date(0)",
      },
      {
        name: "a message is kept without the date of its edit",
        text: "if (held.updatedAtMs !== undefined) {",
        instead: "if (false) {",
      },
      {
        name: "parts are kept as text",
        text: "held.isJson ? JSON.parse(held.content) : held.content",
        instead: "held.content",
      },
      {
        name: "a message is kept without its metadata",
        text:
          "if (held.metadata !== undefined) message.metadata = JSON.parse(held.metadata);",
      },
      {
        name: "there is no end to what is kept",
        text: "if (this.#messages <= this.#most) break;",
        instead: "break;",
      },
      {
        name: "what was read last goes first",
        text: "    this.delete(id);\n    if (part",
        instead:
          "    this.#messages -= this.#parts.get(id)?.messages.length ?? 0;\n    if (part",
      },
      {
        name: "a history that is larger than all pushes the others out",
        text: "if (part.messages.length > this.#most) return;",
      },
    ],
  },
];

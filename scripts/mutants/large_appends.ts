/**
 * Defects of appends in parts, above their scripts.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

const CLUSTER = ["servers/large_append_cluster"];

/** All of them. */
export const LARGE_APPENDS: readonly MutatedFile[] = [
  {
    file: "src/large_append.ts",
    tests: ["large_append"],
    mutants: [
      {
        name: "a large append is made at once",
        text: "return partsOf(messages).length > 1;",
        instead: "return false;",
      },
      {
        name: "parts have as many messages as there are",
        text: "part.length === MOST_MESSAGES ||",
      },
      {
        name: "parts have as many characters as there are",
        text: "characters + size > MOST_CHARACTERS",
        instead: "false",
      },
      {
        name: "parts do not count attributes",
        text: "id.length + content.length + metadata.length",
        instead: "content.length",
      },
      {
        name: "a part counts the characters of those before it",
        text: "characters = size;",
        instead: "characters += size;",
      },
      {
        name: "the last message of an id is stored",
        text: "if (!first.has(message.id)) first",
        instead: "first",
      },
      {
        name: "a large append stores an id twice that it has twice",
        text: "parts: partsOf(withoutRepeated(messages))",
        instead: "parts: partsOf(messages)",
      },
      {
        name: "all messages of a large append share a moment",
        text: "(isInStep ? 0 : 1)",
        instead: "0",
      },
      {
        name: "a part is dated like the one before it",
        text: "let last = this.#staged.at(-1);",
        instead: "let last: StagedMessage | undefined;",
      },
      {
        name: "ids are in step by UTF-16",
        text: "compareIds(last.message.id, message.id) < 0",
        instead: "last.message.id < message.id",
      },
      {
        name: "all parts are the first one",
        text: "number: this.#parts + 1",
        instead: "number: 1",
      },
      {
        name: "parts are numbered from the beginning",
        text: "before: this.#staged.length",
        instead: "before: 0",
      },
      {
        name: "messages are returned with the numbers of those before them",
        text: "sequence: sequence + place + 1",
        instead: "sequence: sequence + place",
      },
      {
        name: "messages are returned as the first one is dated",
        text: "createdAt: startMs + afterMs",
        instead: "createdAt: startMs",
      },
      {
        name: "a known message that cannot be read stops nothing",
        text: "decodeRow(store, sessionId, id, row);\n        this",
        instead: "this",
        tests: ["large_append_refusals"],
      },
      {
        name: "a large append that was overtaken fails",
        text: "error instanceof Overtaken",
        instead: "false",
        tests: ["large_append_races"],
      },
      {
        name: "a large append never takes the place of one that died",
        text: 'this.#progress.seen = String(details[0] ?? "")',
        instead: "this.#progress.attempts += 0",
        tests: ["large_append_rivals"],
      },
      {
        name: "a known message that was removed counts as stored",
        text: "known: [...this.#known.keys()]",
        instead: "known: []",
        tests: ["large_append_races"],
      },
      {
        name: "a large append goes on when nobody waits",
        text: "    if (fresh.length === 0) return;\n    checkpoint();",
        instead: "    if (fresh.length === 0) return;",
        tests: ["large_append_faults"],
      },
      {
        name: "a large append adds when nobody waits",
        text:
          "    checkpoint();\n    const [status, ...details] = await addStaged",
        instead: "    const [status, ...details] = await addStaged",
        tests: ["large_append_faults"],
      },
      {
        name: "a large append that fails leaves its last part",
        text: "Math.max(this.#progress.parts, place)",
        instead: "Math.max(this.#progress.parts, place - 1)",
        tests: ["large_append_faults"],
      },
      {
        name: "a large append forgets what an earlier attempt staged",
        text: "Math.max(this.#progress.parts, place)",
        instead: "place",
        tests: ["large_append_faults"],
      },
      {
        name: "a large append that fails leaves all",
        text: "parts.slice(0, progress.parts)",
        instead: "parts.slice(0, 0)",
        tests: ["large_append_faults"],
      },
      {
        name: "a large append fails before it has removed all",
        text: "if (!isAway(error)) await dropped;",
        tests: ["large_append_faults"],
      },
      {
        name: "a large append does not move its session by activity",
        text: "store.hints?.add(sessionId, {",
        instead: "store.hints && Promise.resolve({",
        tests: CLUSTER,
      },
      {
        name: "a large append that was made already restores no hints",
        text: "? store.hints?.restore(sessionId)",
        instead: "? undefined",
        tests: CLUSTER,
      },
      {
        name: "a large append of what is known restores no hints",
        text:
          "return await store.hints?.restore(sessionId).catch(afterStored);",
        instead: "return;",
        tests: CLUSTER,
      },
      {
        name: "a large append without its hints says nothing of what is stored",
        text: "await hinted?.catch(afterStored);",
        instead: "await hinted;",
        tests: CLUSTER,
      },
    ],
  },
];

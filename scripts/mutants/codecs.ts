/**
 * Defects of the codecs and of what checks a caller's values.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** Defects of what turns records into fields and back. */
export const CODECS: readonly MutatedFile[] = [
  {
    file: "src/session_codec.ts",
    tests: ["storage_format"],
    mutants: [
      {
        name: "a summarizer is stored",
        text: "const { summarizer: _, ...config } =",
        instead: "const config =",
      },
      {
        name: "leftAt stays a text",
        text: '["joinedAt", "leftAt"]',
        instead: '["joinedAt"]',
        tests: ["redis_conformance"],
      },
      {
        name: "the date of a compression stays a text",
        text: 'json(checkCompressionState, ["updatedAt"])',
        instead: "json(checkCompressionState)",
        tests: ["redis_conformance"],
      },
      {
        name: "participants can be removed",
        text: '  "participants",\n  "schemaVersion",',
        instead: '  "schemaVersion",',
        tests: ["redis_conformance"],
      },
      {
        name: "a version can be removed",
        text: 'else if (name !== "version")',
        instead: "else",
        tests: ["redis_conformance"],
      },
      {
        name: "tags that an update takes away are still listed by",
        text: 'if (set["tags"] === undefined) removed.push("tags");',
        tests: ["tags"],
      },
      {
        name: "an update leaves the copy of the tags",
        text: 'copyTags(set, given["metadata"]);',
        tests: ["tags"],
      },
      {
        name: "null counts as absent",
        text: "if (given[name] === null) throw",
        instead: "if (false) throw",
        tests: ["bad_input"],
      },
      {
        name: "an older session has empty fields",
        text: ' || (isOlder && text === "")',
        tests: ["older_data"],
      },
      {
        name: "an empty text is no text",
        text: '(isOlder && text === "")',
        instead: 'text === ""',
        tests: ["redis_conformance"],
      },
      {
        name: "a sliding window has a summarizer",
        text: ' && compression.strategy !== "sliding_window"',
        tests: ["redis_conformance"],
      },
      {
        name: "a session of another id is returned",
        text: "if (storedId !== id) {",
        instead: "if (storedId === undefined) {",
        tests: ["corrupt_sessions"],
      },
    ],
  },
  {
    file: "src/message_codec.ts",
    tests: ["message_format"],
    mutants: [
      {
        name: "an update cannot remove from a message",
        text: "if (given[name] === undefined) removed.push(name);",
        instead: "if (given[name] === undefined) continue;",
      },
      {
        name: "half a surrogate pair is stored as it is",
        text: "content.isWellFormed()",
        instead: "true",
        tests: ["redis_conformance"],
      },
      {
        name: "another session's message is returned",
        text: "if (attributes.sessionId !== sessionId) {",
        instead: "if (attributes.sessionId === undefined) {",
        tests: ["missing_messages"],
      },
      {
        name: "an older message needs a type of content",
        text: 'hash["contentType"] || "string"',
        instead: 'hash["contentType"] ?? "string"',
        tests: ["older_neighbours"],
      },
      {
        name: "the date of an update is lost",
        text: "message.updatedAt = dateOf(updatedAt",
        instead: "message.createdAt = dateOf(updatedAt",
      },
      {
        name: "a new message loses its tokenCount",
        text: "(tokenCount === undefined\n",
        instead: "(tokenCount !== 0\n",
        tests: ["redis_conformance"],
      },
      {
        name: "parts that are none are returned",
        text:
          'if (typeof content !== "string") checkContentParts(content, "content");',
        tests: ["corrupt_messages"],
      },
      {
        name: "an image need have no address",
        text: 'checkString(image["url"], `${at}.image_url.url`);',
        tests: ["bad_input"],
      },
      {
        name: "the result of a tool need have no text",
        text: '["toolCallId", "result"]',
        instead: '["toolCallId"]',
        tests: ["bad_input"],
      },
    ],
  },
  {
    file: "src/json.ts",
    tests: ["odd_objects"],
    mutants: [
      {
        name: "numbers that are not finite become null",
        text: "return Number.isFinite(value)\n",
        instead: "return value !== undefined\n",
        tests: ["bad_input"],
      },
      {
        name: "an object that is there twice counts as a cycle",
        text: "above.pop();",
        tests: ["odd_objects", "redis_conformance"],
      },
      {
        name: "a Map is written as nothing",
        text:
          'if (!isArray && Object.prototype.toString.call(value) !== "[object Object]") {',
        instead: "if (false) {",
        tests: ["bad_input"],
      },
      {
        name: "undefined in an object is refused",
        text: "each === undefined ? undefined : findFlaw",
        instead: "findFlaw",
        tests: ["redis_conformance"],
      },
      {
        name: "a Date that is none becomes null",
        text: "value instanceof Date && Number.isNaN(value.getTime())",
        instead: "false",
        tests: ["bad_input"],
      },
      {
        name: "the last element of a list is not looked at",
        text: "i < value.length; i++",
        instead: "i < value.length - 1; i++",
        tests: ["bad_input"],
      },
    ],
  },
  {
    file: "src/field.ts",
    tests: ["corrupt_sessions"],
    mutants: [
      {
        name: "an empty number is 0",
        text: 'text === "" ? NaN : Number(text)',
        instead: "Number(text)",
      },
      {
        name: "a date before 1970 is no date",
        text: "/^-?\\d+$/",
        instead: "/^\\d+$/",
        tests: ["redis_conformance"],
      },
      {
        name: "dates in a list stay texts",
        text: "for (const each of value) reviveDates(each, names);",
        tests: ["redis_conformance"],
      },
      {
        name: "what is read is not checked",
        text: 'check(value, "value");\n      return value',
        instead: "return value",
      },
      {
        name: "what is written is not checked",
        text: "check(value, name);\n      return toJson",
        instead: "return toJson",
        tests: ["bad_input"],
      },
    ],
  },
  {
    file: "src/keys.ts",
    tests: ["isolation"],
    mutants: [
      {
        name: 'a session id can end in ":seq"',
        text: "/:(?:messages|seq)$/",
        instead: "/:(?:messages)$/",
      },
      {
        name: "a session id can end its hash tag",
        text: 'id.includes("}")',
        instead: "false",
      },
      {
        name: "a message's key does not name its session",
        text: "`${this.#prefix}message:{${sessionId}}:${id}`",
        instead: "`${this.#prefix}message:${id}`",
      },
      {
        name: "a prefix is a pattern of a scan",
        text: '.replace(/[\\\\*?[\\]]/g, "\\\\$&")',
        tests: ["reindex", "isolation", "older_neighbours"],
      },
      {
        name: "a sort is asked although a NUL ends its pattern",
        text: "/[*\\0]/",
        instead: "/[*]/",
        tests: ["round_trips", "isolation"],
      },
      {
        name: "the order of messages lies in a key of its own",
        text: 'return session_key(id) .. ":messages"',
        instead: 'return session_key(id) .. ":message"',
        tests: ["message_ids"],
      },
    ],
  },
  {
    file: "src/queries.ts",
    tests: ["bad_input"],
    mutants: [
      {
        name: "an iterator goes by activity",
        text: 'if (query.sortBy !== "createdAt") {',
        instead: "if (query.sortBy === undefined) {",
      },
      {
        name: "an offset is not checked",
        text: 'checkCount(offset, "offset")',
        instead: "offset as number",
      },
      {
        name: "after and before change places",
        text: 'afterMs: checkOptionalDate(given, "after")',
        instead: 'afterMs: checkOptionalDate(given, "before")',
        tests: ["redis_conformance"],
      },
      {
        name: "a descending list ascends",
        text: '=== "desc"',
        instead: '=== "asc"',
        tests: ["redis_conformance"],
      },
      {
        name: "no user is the user whose id is empty",
        text: "userId === undefined ? undefined : checkText",
        instead:
          "userId ? checkText(userId, 'userId') : undefined && checkText",
        tests: ["index_upkeep", "isolation", "redis_conformance"],
      },
      {
        name: "createdBefore is taken for createdAfter",
        text: 'createdBeforeMs: checkOptionalDate(given, "createdBefore")',
        instead: 'createdBeforeMs: checkOptionalDate(given, "createdAfter")',
        tests: ["redis_conformance"],
      },
    ],
  },
];

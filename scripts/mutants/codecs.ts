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
        name: "a record can be attributes alone",
        text: "end < 0 ? undefined",
        instead: "end < -1 ? undefined",
        tests: ["corrupt_messages"],
      },
      {
        name: "a content begins at its last line",
        text: 'record.indexOf("\\n")',
        instead: 'record.lastIndexOf("\\n")',
      },
      {
        name: "an update cannot remove from a message",
        text: "if (given[name] === undefined) removed.push(name);",
        instead: "if (given[name] === undefined) continue;",
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
        name: "a Map is written as nothing",
        text:
          'if (!isArray && Object.prototype.toString.call(value) !== "[object Object]") {',
        instead: "if (false) {",
        tests: ["bad_input"],
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
    ],
  },
];

/**
 * Messages as hashes of one field, the record: a JSON array of the attributes, a
 * line feed, and the content. docs/storage.md gives their order and says why.
 *
 * @module
 */

import {
  checkArray,
  checkDate,
  checkId,
  checkNumber,
  checkObject,
  checkOneOf,
  checkOptional,
  checkProperties,
  checkString,
} from "./check.ts";
import { invalid, show } from "./failure.ts";
import { date, json, number, oneOf, readDate } from "./field.ts";
import { toJson } from "./json.ts";
import type { Message, MessageId, SessionId } from "./types.ts";

/** The roles that a message can have. */
export const ROLES = ["user", "assistant", "system", "tool"] as const;

const CONTENT_TYPES = ["string", "json"] as const;
const role = oneOf(ROLES);
const metadata = json(checkMetadata);

/** A new message as texts, JSON where a caller's value could change later. */
export interface EncodedMessage {
  readonly id: MessageId;
  readonly role: string;
  readonly contentType: string;
  readonly content: string;
  readonly tokenCount: string | undefined;
  readonly updatedAt: string | undefined;
  readonly metadata: string | undefined;
}

/** Returns a new message as texts. */
export function encodeMessage(
  message: unknown,
  name: string,
  makeId: () => MessageId,
): EncodedMessage {
  const given = checkObject(message, name);
  const { tokenCount, updatedAt, metadata: attached } = given;
  const id = given["id"];
  return {
    id: id === undefined ? makeId() : checkId(id, `${name}.id`),
    role: role.write(given["role"], `${name}.role`),
    ...encodeContent(given["content"], `${name}.content`),
    tokenCount: tokenCount === undefined
      ? undefined
      : number.write(tokenCount, `${name}.tokenCount`),
    updatedAt: updatedAt === undefined
      ? undefined
      : date.write(updatedAt, `${name}.updatedAt`),
    metadata: attached === undefined
      ? undefined
      : metadata.write(attached, `${name}.metadata`),
  };
}

/** Returns the end of a new message's record, from the role on: all but what a script gives. */
export function tailOf(message: EncodedMessage): string {
  const { id, role, contentType, tokenCount, updatedAt, metadata } = message;
  return `"${role}","${contentType}",${tokenCount ?? null},` +
    `${updatedAt ?? null},${JSON.stringify(id)}` +
    `${metadata === undefined ? "" : `,${metadata}`}]\n${message.content}`;
}

/** What an update writes into a message, and what it removes. */
export interface MessageChange {
  readonly set: Record<string, string>;
  readonly removed: string[];
}

/** Returns what an update changes in a message. */
export function encodeMessageUpdates(updates: unknown): MessageChange {
  const given = checkObject(updates, "updates");
  const set: Record<string, string> = {};
  const removed: string[] = [];
  if ("role" in given) set["role"] = role.write(given["role"], "role");
  if ("content" in given) {
    Object.assign(set, encodeContent(given["content"], "content"));
  }
  if (given["updatedAt"] !== undefined) {
    set["updatedAt"] = date.write(given["updatedAt"], "updatedAt");
  }
  for (
    const [name, field] of [["tokenCount", number], [
      "metadata",
      metadata,
    ]] as const
  ) {
    if (!(name in given)) continue;
    if (given[name] === undefined) removed.push(name);
    else set[name] = field.write(given[name], name);
  }
  return { set, removed };
}

function encodeContent(
  content: unknown,
  name: string,
): { content: string; contentType: string } {
  if (typeof content === "string") {
    // A lone surrogate has no UTF-8 form, but JSON can escape it.
    return content.isWellFormed()
      ? { content, contentType: "string" }
      : { content: toJson(content, name), contentType: "json" };
  }
  checkContentParts(content, name);
  return { content: toJson(content, name), contentType: "json" };
}

/** All attributes of a message, unchecked. */
export interface MessageAttributes {
  readonly id: unknown;
  readonly role: unknown;
  readonly contentType: unknown;
  readonly sessionId: unknown;
  readonly createdAt: unknown;
  readonly sequence?: unknown;
  readonly tokenCount?: unknown;
  readonly updatedAt?: unknown;
  readonly metadata?: unknown;
}

/**
 * Returns the message that a record holds.
 *
 * @throws {Error} when it holds none, or one of another session
 */
export function decodeRecord(sessionId: SessionId, record: string): Message {
  // JSON escapes a line feed, so the first one is its end.
  const end = record.indexOf("\n");
  const list = end < 0 ? undefined : fromJson(record.slice(0, end));
  if (!Array.isArray(list)) throw new Error("its attributes are no JSON array");
  // By place: a read does this for each message, and a pattern makes an iterator.
  return decodeMessage(sessionId, record.slice(end + 1), {
    sessionId: list[0],
    createdAt: list[1],
    sequence: list[2],
    role: list[3],
    contentType: list[4],
    tokenCount: list[5] ?? undefined,
    updatedAt: list[6] ?? undefined,
    id: list[7],
    metadata: list[8],
  });
}

/** Returns the message that an append wrote, as a read would return it. */
export function decodeAppended(
  sessionId: SessionId,
  message: EncodedMessage,
  numbers: { readonly createdAt: number; readonly sequence: number },
): Message {
  const read = (json: string | undefined): unknown =>
    json === undefined ? undefined : JSON.parse(json);
  // Each by name: an object with two `...` takes Node twenty times as long.
  return decodeMessage(sessionId, message.content, {
    id: message.id,
    role: message.role,
    contentType: message.contentType,
    sessionId,
    createdAt: numbers.createdAt,
    sequence: numbers.sequence,
    tokenCount: read(message.tokenCount),
    updatedAt: read(message.updatedAt),
    metadata: read(message.metadata),
  });
}

/** Returns the attributes that the documented adapter wrote as a field per property, "" for unset. */
export function olderAttributes(
  id: MessageId,
  hash: Readonly<Record<string, string>>,
): MessageAttributes {
  const read = <T>(name: string, parse: (text: string) => T) =>
    hash[name] ? parse(hash[name]) : undefined;
  return {
    id,
    role: hash["role"],
    contentType: hash["contentType"] || "string",
    sessionId: hash["sessionId"],
    createdAt: read("createdAt", readDate)?.getTime(),
    sequence: read("sequence", Number),
    tokenCount: read("tokenCount", Number),
    updatedAt: read("updatedAt", readDate)?.getTime(),
    metadata: read("metadata", JSON.parse),
  };
}

/**
 * Returns the message that a content and attributes make.
 *
 * @throws {Error} when they make none, or one of another session
 */
export function decodeMessage(
  sessionId: SessionId,
  content: string | undefined,
  attributes: MessageAttributes,
): Message {
  const { contentType, sequence, tokenCount, updatedAt, metadata } = attributes;
  if (attributes.sessionId !== sessionId) {
    throw invalid("sessionId", show(sessionId), attributes.sessionId);
  }
  if (typeof content !== "string") throw invalid("content", "there", content);
  checkOneOf(contentType, CONTENT_TYPES, "contentType");
  const message: Message = {
    id: checkString(attributes.id, "id"),
    sessionId,
    role: checkOneOf(attributes.role, ROLES, "role"),
    content: contentType === "string" ? content : readContent(content),
    createdAt: dateOf(attributes.createdAt, "createdAt"),
  };
  if (tokenCount !== undefined) {
    message.tokenCount = checkNumber(tokenCount, "tokenCount");
  }
  if (sequence !== undefined) {
    message.sequence = checkNumber(sequence, "sequence");
  }
  if (metadata !== undefined) {
    message.metadata = checkObject(metadata, "metadata");
  }
  if (updatedAt !== undefined) {
    message.updatedAt = dateOf(updatedAt, "updatedAt");
  }
  return message;
}

function dateOf(ms: unknown, name: string): Date {
  const date = new Date(checkNumber(ms, name));
  checkDate(date, name);
  return date;
}

/** Returns what JSON stands for; undefined where it is none: an error would quote it, and a content is not for a log. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readContent(text: string): Message["content"] {
  const content = fromJson(text);
  if (content === undefined) throw new Error("its content is no JSON");
  if (typeof content !== "string") checkContentParts(content, "content");
  // A text, or parts that passed their check.
  return content as Message["content"];
}

function checkContentParts(value: unknown, name: string): void {
  if (!Array.isArray(value)) {
    throw invalid(name, "a string or an array of parts", value);
  }
  checkArray(value, name).forEach((each, i) => {
    const at = `${name}[${i}]`;
    const part = checkProperties(each, at);
    if (
      checkOneOf(part["type"], ["text", "image_url"], `${at}.type`) === "text"
    ) {
      checkString(part["text"], `${at}.text`);
      return;
    }
    const image = checkProperties(part["image_url"], `${at}.image_url`);
    checkString(image["url"], `${at}.image_url.url`);
  });
}

function checkMetadata(value: unknown, name: string): void {
  const metadata = checkProperties(value, name);
  checkOptional(metadata, "toolCalls", checkToolCalls, name);
  checkOptional(metadata, "toolResults", checkToolResults, name);
  checkOptional(metadata, "annotations", checkObject, name);
}

function checkToolCalls(value: unknown, name: string): void {
  checkArray(value, name).forEach((each, i) => {
    const call = checkProperties(each, `${name}[${i}]`);
    for (const property of ["id", "name", "arguments"]) {
      checkString(call[property], `${name}[${i}].${property}`);
    }
  });
}

function checkToolResults(value: unknown, name: string): void {
  checkArray(value, name).forEach((each, i) => {
    const result = checkProperties(each, `${name}[${i}]`);
    for (const property of ["toolCallId", "result"]) {
      checkString(result[property], `${name}[${i}].${property}`);
    }
  });
}

/**
 * Sessions as the fields of a hash.
 *
 * @module
 */

import {
  checkArray,
  checkCount,
  checkId,
  checkNumber,
  checkObject,
  checkOneOf,
  checkOptional,
  checkProperties,
  checkString,
  checkStrings,
} from "./check.ts";
import { corrupt, invalid, show } from "./failure.ts";
import { date, type Field, json, number, oneOf, text } from "./field.ts";
import { toJson } from "./json.ts";
import type { Keys } from "./keys.ts";
import type { Session, SessionId, SummarizerService } from "./types.ts";

/** The statuses that a session can have. */
export const STATUSES = ["active", "paused", "completed", "expired"] as const;

const STRATEGIES = ["sliding_window", "summarization", "hybrid"] as const;

/** The properties of a session that a caller can give, in the order of the hash. */
const FIELDS: Readonly<Record<string, Field>> = {
  userId: text,
  activeAgentId: text,
  status: oneOf(STATUSES),
  metadata: json(checkMetadata),
  participants: json(checkParticipants, ["joinedAt", "leftAt"]),
  schemaVersion: number,
  lastActivityAt: date,
  expiresAt: date,
  tokenBudget: json(checkTokenBudget),
  compression: { ...json(checkCompression), write: writeCompression },
  compressionState: json(checkCompressionState, ["updatedAt"]),
  tokenCount: number,
  messageCount: number,
  version: {
    ...number,
    write: (value, name) => String(checkCount(value, name)),
  },
};

/** The properties that every session has; an update cannot remove them. */
const REQUIRED = new Set([
  "status",
  "metadata",
  "participants",
  "schemaVersion",
  "createdAt",
  "lastActivityAt",
]);

/** What a new session has where its creator says nothing. */
const DEFAULTS = {
  status: "active",
  metadata: {},
  participants: [],
  schemaVersion: 1,
  version: 1,
};

/** Returns the hash fields of a new session, but for what the script sets: its id, its dates. */
export function encodeSession(session: unknown): Record<string, string> {
  const given = checkObject(session, "session");
  const hash: Record<string, string> = {};
  for (const [name, field] of Object.entries(FIELDS)) {
    if (name === "lastActivityAt") continue;
    const value = given[name] ?? DEFAULTS[name as keyof typeof DEFAULTS];
    // null is no absent value: it is refused like any other wrong one.
    if (given[name] === null) throw invalid(name, "given or absent", null);
    if (value !== undefined) hash[name] = field.write(value, name);
  }
  copyTags(hash, given["metadata"]);
  return hash;
}

/** The hash fields that an update writes, and those that it removes. */
export interface SessionChange {
  readonly set: Record<string, string>;
  readonly removed: string[];
}

/** Returns what an update changes in the hash. */
export function encodeSessionUpdates(updates: unknown): SessionChange {
  const given = checkObject(updates, "updates");
  const set: Record<string, string> = {};
  const removed: string[] = [];
  for (const [name, field] of Object.entries(FIELDS)) {
    if (!(name in given)) continue;
    const value = given[name];
    if (value !== undefined) {
      set[name] = field.write(value, name);
    } else if (REQUIRED.has(name)) {
      throw invalid(name, "given or left out", undefined);
    } else if (name !== "version") {
      // A version that is taken away would end optimistic locking: it grows instead.
      removed.push(name);
    }
  }
  if (set["metadata"] !== undefined) {
    copyTags(set, given["metadata"]);
    if (set["tags"] === undefined) removed.push("tags");
  }
  return { set, removed };
}

/** Lists filter by tags without parsing metadata: the hash has them once more by themselves. */
function copyTags(hash: Record<string, string>, metadata: unknown): void {
  // Its own ones, as JSON has them.
  const { tags } = { ...metadata as { tags?: unknown } | undefined };
  if (tags !== undefined) hash["tags"] = toJson(tags, "metadata.tags");
}

/** What reading a session needs to know of its store. */
export interface SessionContext {
  readonly keys: Keys;
  /** Put into the compression settings. */
  readonly summarizer: SummarizerService | undefined;
}

/**
 * Returns the session that a hash holds.
 *
 * @throws {Failure} corrupt-data, naming the key, when it holds none
 */
export function decodeSession(
  id: SessionId,
  hash: Readonly<Record<string, string>>,
  context: SessionContext,
): Session {
  return decodeValues(id, SESSION_FIELDS.map((name) => hash[name]), context);
}

/**
 * Returns the session whose fields have these values, in the order of
 * `SESSION_FIELDS`; anything but a text is a field that is not there.
 *
 * @throws {Failure} corrupt-data, naming the key, when they make none
 */
export function decodeValues(
  id: SessionId,
  values: readonly unknown[],
  { keys, summarizer }: SessionContext,
): Session {
  const [storedId, lastSequence] = values;
  if (storedId !== id) {
    throw corrupt(
      keys.session(id),
      typeof storedId === "string"
        ? `has a field "id" that is ${show(storedId)}`
        : 'has no field "id"',
    );
  }
  // The documented adapter, which kept no lastSequence, wrote "" for what is unset.
  const isOlder = typeof lastSequence !== "string";
  const session: Record<string, unknown> = { id };
  for (let i = 0; i < READ_FIELDS.length; i++) {
    const [name, field] = READ_FIELDS[i]!;
    const text = values[i + OWN_FIELDS.length];
    if (typeof text !== "string" || (isOlder && text === "")) {
      if (!REQUIRED.has(name)) continue;
      throw corrupt(keys.session(id), `has no field "${name}"`);
    }
    try {
      session[name] = field.read(text);
    } catch (error) {
      throw corrupt(
        keys.session(id),
        `has an unreadable field "${name}": ${(error as Error).message}`,
        error,
      );
    }
  }
  const compression = session["compression"] as
    | { strategy: string; summarizer?: SummarizerService }
    | undefined;
  if (summarizer && compression && compression.strategy !== "sliding_window") {
    compression.summarizer = summarizer;
  }
  // Each property was read by the field of its name.
  return session as unknown as Session;
}

const READ_FIELDS: readonly [string, Field][] = Object.entries({
  ...FIELDS,
  createdAt: date,
});

/** Fields that every record is checked by, before the others. */
const OWN_FIELDS = ["id", "lastSequence"];

/** The fields of a hash that a session is read from; the others are the adapter's own. */
export const SESSION_FIELDS: readonly string[] = [
  ...OWN_FIELDS,
  ...READ_FIELDS.map(([name]) => name),
];

function checkMetadata(value: unknown, name: string): void {
  const metadata = checkProperties(value, name);
  checkOptional(metadata, "title", checkString, name);
  checkOptional(metadata, "tags", checkStrings, name);
  checkOptional(metadata, "source", checkString, name);
}

function checkParticipants(value: unknown, name: string): void {
  checkArray(value, name).forEach((each, i) => {
    const at = `${name}[${i}]`;
    const participant = checkProperties(each, at);
    checkId(participant["id"], `${at}.id`);
    checkOneOf(
      participant["role"],
      ["user", "agent", "observer"],
      `${at}.role`,
    );
    checkOptional(participant, "metadata", checkObject, at);
    date.write(participant["joinedAt"], `${at}.joinedAt`);
    checkOptional(participant, "leftAt", date.write, at);
  });
}

function checkTokenBudget(value: unknown, name: string): void {
  const budget = checkProperties(value, name);
  checkNumber(budget["maxTokens"], `${name}.maxTokens`);
  checkNumber(budget["reserveTokens"], `${name}.reserveTokens`);
  checkOneOf(
    budget["overflowStrategy"],
    ["truncate", "compress", "error"],
    `${name}.overflowStrategy`,
  );
}

function checkCompression(value: unknown, name: string): void {
  const config = checkObject(value, name);
  checkOneOf(config["strategy"], STRATEGIES, `${name}.strategy`);
  checkNumber(config["targetTokens"], `${name}.targetTokens`);
}

/** Everything but the summarizer is written: it is a live object that can hold secrets. */
function writeCompression(value: unknown, name: string): string {
  const { summarizer: _, ...config } = checkObject(value, name);
  checkCompression(config, name);
  return toJson(config, name);
}

function checkCompressionState(value: unknown, name: string): void {
  const state = checkProperties(value, name);
  checkOneOf(state["strategy"], STRATEGIES, `${name}.strategy`);
  checkStrings(state["keptMessageIds"], `${name}.keptMessageIds`);
  checkString(state["signature"], `${name}.signature`);
  checkNumber(state["compressedTokenCount"], `${name}.compressedTokenCount`);
  date.write(state["updatedAt"], `${name}.updatedAt`);
}

/**
 * What the memory adapter accepts of sessions, messages, filters and options,
 * and how it copies it.
 *
 * @module
 */

import type {
  Message,
  MessageQueryOptions,
  NewMessage,
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import {
  checkId,
  count,
  date,
  fields,
  json,
  list,
  number,
  oneOf,
  Refusal,
  text,
} from "./memory_checks.ts";

/** Returns a copy of a value, or throws a Refusal. */
type Copy = (value: unknown, name: string) => unknown;

const STATUSES = ["active", "paused", "completed", "expired"];
const ROLES = ["user", "assistant", "system", "tool"];

const strategy = among(["sliding_window", "summarization", "hybrid"]);

const SESSION_FIELDS: Record<string, Copy> = {
  userId: text,
  activeAgentId: text,
  status: among(STATUSES),
  metadata: (value, name) => {
    check(fields(value, name), { title: text, tags: texts, source: text });
    return record(value, name);
  },
  participants: (value, name) => list(value, name).map(participant),
  schemaVersion: number,
  lastActivityAt: date,
  expiresAt: date,
  tokenBudget: (value, name) => {
    complete(value, name, {
      maxTokens: number,
      reserveTokens: number,
      overflowStrategy: among(["truncate", "compress", "error"]),
    });
    return record(value, name);
  },
  compression: (value, name) => {
    const { summarizer: _, ...rest } = fields(value, name);
    complete(rest, name, { strategy, targetTokens: number });
    return record(rest, name);
  },
  tokenCount: number,
  messageCount: number,
  compressionState: (value, name) => {
    complete(value, name, {
      strategy,
      keptMessageIds: texts,
      signature: text,
      compressedTokenCount: number,
      updatedAt: date,
    });
    return dated(value, name, ["updatedAt"]);
  },
  version: number,
};

const MESSAGE_FIELDS: Record<string, Copy> = {
  role: among(ROLES),
  content: (value, name) =>
    typeof value === "string" ? value : list(value, name).map(part),
  tokenCount: number,
  metadata: record,
  updatedAt: date,
};

const SESSION_REQUIRES = [
  "status",
  "metadata",
  "participants",
  "schemaVersion",
  "lastActivityAt",
];

const MESSAGE_REQUIRES = ["role", "content"];

/** What an update sets and what it removes. */
export interface Changes<T> {
  /** The fields that are set. */
  readonly set: Partial<T>;
  /** The fields that are removed. */
  readonly removed: (keyof T)[];
}

/** Copies what a session is created with. */
export function copySession(given: unknown): Partial<Session> {
  const { lastActivityAt: _, ...rest } = fields(given, "session");
  return changes(rest, SESSION_FIELDS).set;
}

/** Copies what a session is updated with. */
export function copySessionUpdates(given: unknown): Changes<Session> {
  // The names of the table are those of the fields.
  return changes(given, SESSION_FIELDS, SESSION_REQUIRES) as Changes<Session>;
}

/** Copies what a message is made of. */
export function copyMessage(given: unknown): NewMessage {
  const { set } = changes(given, MESSAGE_FIELDS);
  for (const name of MESSAGE_REQUIRES) {
    if (set[name] === undefined) throw missing(name);
  }
  return set as unknown as NewMessage; // Every required field is there.
}

/** Copies what a message is updated with. */
export function copyMessageUpdates(given: unknown): Changes<Message> {
  // The names of the table are those of the fields.
  return changes(given, MESSAGE_FIELDS, MESSAGE_REQUIRES) as Changes<Message>;
}

/** Refuses filters that mean nothing. */
export function checkFilters(filters: SessionFilters): void {
  check(filters, {
    userId: text,
    status: among(STATUSES),
    activeAgentId: text,
    tags: texts,
    createdAfter: date,
    createdBefore: date,
    limit: count,
    offset: count,
    order: among(["asc", "desc"]),
    sortBy: among(["createdAt", "lastActivityAt"]),
  });
}

/** Refuses options that mean nothing. */
export function checkQuery(options: MessageQueryOptions): void {
  check(options, {
    limit: count,
    offset: count,
    order: among(["asc", "desc"]),
    after: date,
    before: date,
    roles: (value, name) =>
      list(value, name).map((role) => among(ROLES)(role, name)),
  });
}

function changes(
  given: unknown,
  copies: Record<string, Copy>,
  required: string[] = [],
): Changes<Record<string, unknown>> {
  const all = fields(given, "record");
  const set: Record<string, unknown> = {};
  const removed: string[] = [];
  for (const [name, copy] of Object.entries(copies)) {
    if (!Object.hasOwn(all, name)) continue;
    if (all[name] !== undefined) set[name] = copy(all[name], name);
    else if (required.includes(name)) throw missing(name);
    else removed.push(name);
  }
  return { set, removed };
}

function missing(name: string): Refusal {
  return new Refusal("invalid-argument", `${name} is required`);
}

function check(given: object, copies: Record<string, Copy>): void {
  changes(given, copies);
}

/** Refuses an object that has not all of these fields. */
function complete(
  value: unknown,
  name: string,
  copies: Record<string, Copy>,
): void {
  const { set } = changes(fields(value, name), copies);
  for (const each of Object.keys(copies)) {
    if (set[each] === undefined) throw missing(`${name}.${each}`);
  }
}

function among(words: string[]): Copy {
  return (value, name) => oneOf(words, value, name);
}

function texts(value: unknown, name: string): unknown {
  return list(value, name).map((each) => text(each, name));
}

function participant(value: unknown): unknown {
  complete(value, "participant", {
    id: checkId,
    role: among(["user", "agent", "observer"]),
    joinedAt: date,
  });
  check(fields(value, "participant"), { metadata: record });
  return dated(value, "participant", ["joinedAt", "leftAt"]);
}

function part(value: unknown): unknown {
  const { type } = fields(value, "part");
  complete(value, "part", {
    type: among(["text", "image_url"]),
    ...type === "text" ? { text } : { image_url: image },
  });
  return record(value, "part");
}

function image(value: unknown, name: string): unknown {
  complete(value, name, { url: text });
  return value;
}

function dated(value: unknown, name: string, dates: string[]): unknown {
  const entries = Object.entries(fields(value, name)).filter(
    ([, each]) => each !== undefined,
  );
  return Object.fromEntries(entries.map(([key, each]) => [
    key,
    dates.includes(key) ? date(each, `${name}.${key}`) : json(each, name),
  ]));
}

function record(value: unknown, name: string): unknown {
  return json(fields(value, name), name);
}

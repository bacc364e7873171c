/**
 * What the memory adapter accepts, and how it copies it.
 *
 * @module
 */

import type {
  Message,
  MessageQueryOptions,
  NewMessage,
  Session,
  SessionFilters,
  StorageErrorReason,
} from "@reaatech/session-continuity-storage-redis";

/** Says why a call cannot be answered; the adapter adds what was tried. */
export class Refusal extends Error {
  readonly reason: StorageErrorReason;

  constructor(reason: StorageErrorReason, message: string) {
    super(message);
    this.name = "Refusal";
    this.reason = reason;
  }
}

/** Returns a copy of a value, or throws a Refusal. */
type Copy = (value: unknown, name: string) => unknown;

const STATUSES = ["active", "paused", "completed", "expired"];
const ROLES = ["user", "assistant", "system", "tool"];

const SESSION_FIELDS: Record<string, Copy> = {
  userId: text,
  activeAgentId: text,
  status: (value, name) => oneOf(STATUSES, value, name),
  metadata: record,
  participants: (value, name) =>
    list(value, name).map((each) => dated(each, name, ["joinedAt", "leftAt"])),
  schemaVersion: number,
  lastActivityAt: date,
  expiresAt: date,
  tokenBudget: record,
  compression: (value, name) => {
    const { summarizer: _, ...rest } = fields(value, name);
    return record(rest, name);
  },
  tokenCount: number,
  messageCount: number,
  compressionState: (value, name) => dated(value, name, ["updatedAt"]),
  version: number,
};

const MESSAGE_FIELDS: Record<string, Copy> = {
  role: (value, name) => oneOf(ROLES, value, name),
  content: (value, name) =>
    typeof value === "string" ? value : json(list(value, name), name),
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

/** Refuses what cannot identify anything. */
export function checkId(value: unknown, name = "id"): void {
  const id = text(value, name);
  if (id !== "" && id.isWellFormed()) return;
  throw new Refusal("invalid-argument", `${name} is not well-formed: "${id}"`);
}

/** Refuses filters that mean nothing. */
export function checkFilters(filters: SessionFilters): void {
  check(filters, {
    userId: text,
    status: (value, name) => oneOf(STATUSES, value, name),
    activeAgentId: text,
    tags: (value, name) => list(value, name).map((tag) => text(tag, name)),
    createdAfter: date,
    createdBefore: date,
    limit: count,
    offset: count,
  });
}

/** Refuses options that mean nothing. */
export function checkQuery(options: MessageQueryOptions): void {
  check(options, {
    limit: count,
    offset: count,
    order: (value, name) => oneOf(["asc", "desc"], value, name),
    after: date,
    before: date,
    roles: (value, name) =>
      list(value, name).map((role) => oneOf(ROLES, role, name)),
  });
}

/** Refuses what is no date. */
export function date(value: unknown, name: string): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return new Date(value);
  }
  throw new Refusal("invalid-argument", `${name} is not a valid date`);
}

/** Refuses what is no finite number. */
export function number(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new Refusal("invalid-argument", `${name} is not a finite number`);
}

/** Refuses what is no list. */
export function list(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Refusal("invalid-argument", `${name} is not a list`);
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

function text(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new Refusal("invalid-argument", `${name} is not a text`);
}

function count(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw new Refusal("invalid-argument", `${name} is not a count`);
}

function oneOf(allowed: string[], value: unknown, name: string): string {
  if (allowed.includes(text(value, name))) return String(value);
  throw new Refusal("invalid-argument", `${name} is none of ${allowed}`);
}

function fields(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { ...value };
  }
  throw new Refusal("invalid-argument", `${name} is not an object`);
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

/** Copies what JSON can carry and refuses the rest. */
function json(value: unknown, name: string, above: unknown[] = []): unknown {
  if (value === null || ["string", "boolean"].includes(typeof value)) {
    return value;
  }
  if (typeof value === "number") return number(value, name);
  const isPlain = typeof value === "object" &&
    [Object.prototype, Array.prototype, null].includes(
      Object.getPrototypeOf(value),
    );
  if (!isPlain || above.includes(value)) {
    throw new Refusal("invalid-argument", `${name} is not JSON`);
  }
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => json(item, name, path));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, json(item, name, path)]),
  );
}

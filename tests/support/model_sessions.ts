/**
 * What the contract says of the calls on sessions.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type Fields, Moment } from "./model_moments.ts";
import {
  type Caller,
  changed,
  type Entry,
  type Model,
  NEVER,
  type Situation,
  slid,
} from "./model_state.ts";
import { Refusal } from "./memory_checks.ts";
import type { SessionFilters } from "@reaatech/session-continuity-storage-redis";

/** Says that an update expected another version. */
export class Conflict extends Error {
  readonly actualVersion: number;

  constructor(actualVersion: number) {
    super(`version ${actualVersion} is stored`);
    this.name = "Conflict";
    this.actualVersion = actualVersion;
  }
}

const FIELDS = [
  ...["userId", "activeAgentId", "status", "metadata", "participants"],
  ...["schemaVersion", "lastActivityAt", "expiresAt", "tokenBudget"],
  ...["compression", "compressionState", "tokenCount", "messageCount"],
  "version",
];

const DEFAULTS = {
  status: "active",
  metadata: {},
  participants: [],
  schemaVersion: 1,
  version: 1,
};

/** Returns what is stored of given fields. */
function stored(given: Fields): Fields {
  const known = Object.entries(given).filter(([name]) => FIELDS.includes(name));
  const fields = Object.fromEntries(known);
  if (fields["compression"] === undefined) return fields;
  const { summarizer: _, ...compression } = fields["compression"] as Fields;
  return { ...fields, compression };
}

/** Returns a session as a caller gets it. */
function shown({ session }: Entry, { summarizer }: Caller): Fields {
  const compression = session["compression"] as Fields | undefined;
  const takesOne = compression !== undefined &&
    compression["strategy"] !== "sliding_window";
  if (summarizer === undefined || !takesOne) return session;
  return { ...session, compression: { ...compression, summarizer } };
}

function get(model: Model, id: string): Entry {
  const entry = model.find(id);
  if (entry !== undefined) return entry;
  throw new Refusal("not-found", "not found");
}

/** Returns a date of a record in ms; unlearned ones come last. */
export function msOf(date: unknown): number {
  if (date instanceof Moment) return date.ms ?? Infinity;
  return date instanceof Date ? date.getTime() : NaN;
}

export function createSession(
  model: Model,
  [given]: readonly [Fields],
  situation: Situation,
): Fields {
  // The store makes an id where none is given: another one than all it has.
  const id = String(given["id"] ?? (situation.actual as Fields)?.["id"]);
  if (model.find(id)) throw new Refusal("already-exists", "already exists");
  const now = new Moment(situation.span);
  const { lastActivityAt: _, ...fields } = stored(given);
  const there = Object.entries(fields).filter(([, value]) =>
    value !== undefined
  );
  const session = { ...DEFAULTS, ...Object.fromEntries(there), id };
  const entry = {
    session: { ...session, createdAt: now, lastActivityAt: now },
    messages: [],
    lastSequence: 0,
    ends: NEVER,
  };
  model.put(id, slid(entry, situation));
  return shown(entry, situation.caller);
}

export function getSession(
  model: Model,
  [id]: readonly [string],
  situation: Situation,
): Fields | null {
  const entry = model.find(id);
  if (entry === undefined) return null;
  if (situation.caller.refreshTtlOnRead) model.put(id, slid(entry, situation));
  return shown(entry, situation.caller);
}

export function updateSession(
  model: Model,
  [id, updates, options]: readonly [
    string,
    Fields,
    { expectedVersion?: number }?,
  ],
  situation: Situation,
): Fields {
  const entry = get(model, id);
  const actual = entry.session["version"] as number;
  const expected = options?.expectedVersion;
  if (expected !== undefined && expected !== actual) throw new Conflict(actual);
  const { version: given, ...fields } = stored(updates);
  // A whole session that is passed back has the version that is expected.
  const sets = given !== undefined && given !== expected;
  const next = changed(entry, {
    lastActivityAt: new Moment(situation.span),
    ...fields,
    version: sets ? given : actual + 1,
  });
  model.put(id, slid(next, situation));
  return shown(next, situation.caller);
}

export function deleteSession(model: Model, [id]: readonly [string]): void {
  model.remove(id);
}

export function touchSession(
  model: Model,
  [id]: readonly [string],
  situation: Situation,
): boolean {
  const entry = model.find(id);
  if (entry === undefined) return false;
  const lastActivityAt = new Moment(situation.span);
  model.put(id, slid(changed(entry, { lastActivityAt }), situation));
  return true;
}

function fits(session: Fields, filters: SessionFilters): boolean {
  const { tags = [], createdAfter, createdBefore } = filters;
  const own = (session["metadata"] as { tags?: string[] }).tags ?? [];
  const created = msOf(session["createdAt"]);
  return (["userId", "status", "activeAgentId"] as const)
    .every((name) => (filters[name] ?? session[name]) === session[name]) &&
    (tags.length === 0 || tags.some((tag) => own.includes(tag))) &&
    created >= (createdAfter?.getTime() ?? -Infinity) &&
    created <= (createdBefore?.getTime() ?? Infinity);
}

function compareIds(a: Fields, b: Fields): number {
  const [one, other] = [a, b].map(({ id }) => Buffer.from(String(id)));
  return Buffer.compare(one!, other!); // Both were given.
}

export function listSessions(
  model: Model,
  [filters = {}]: readonly [SessionFilters?],
  { caller }: Situation,
): Fields[] {
  const { sortBy = "createdAt", order, offset = 0, limit } = filters;
  const sessions = model.entries.filter(({ session }) => fits(session, filters))
    .map((entry) => shown(entry, caller))
    .sort((a, b) => msOf(a[sortBy]) - msOf(b[sortBy]) || compareIds(a, b));
  if (order === "desc") sessions.reverse();
  return sessions.slice(offset, offset + (limit ?? Infinity));
}

/** Returns the ids of due sessions; those of one moment in the order of the actual answer. */
export function getExpiredSessions(
  model: Model,
  [before]: readonly [Date],
  { actual }: Situation,
): unknown[] {
  const answer = Array.isArray(actual) ? actual : [];
  const due = model.entries.map(({ session: { id, expiresAt } }) => ({
    id,
    ms: msOf(expiresAt),
    place: answer.indexOf(id),
  }));
  return due.filter(({ ms }) => ms <= before.getTime())
    .sort((a, b) => a.ms - b.ms || a.place - b.place)
    .map(({ id }) => id);
}

/**
 * What the contract says of the calls on messages.
 *
 * @module
 */

import { Refusal } from "./memory_checks.ts";
import { type Fields, Moment } from "./model_moments.ts";
import { msOf } from "./model_sessions.ts";
import {
  changed,
  type Entry,
  type Model,
  type Situation,
  slid,
} from "./model_state.ts";
import type { MessageQueryOptions } from "@reaatech/session-continuity-storage-redis";

const FIELDS = ["role", "content", "tokenCount", "metadata", "updatedAt"];

/** Returns what is stored of given fields. */
function stored(given: Fields): Fields {
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => FIELDS.includes(name)),
  );
}

function get(model: Model, id: string): Entry {
  const entry = model.find(id);
  if (entry !== undefined) return entry;
  throw new Refusal("not-found", "not found");
}

function messageOf(entry: Entry | undefined, id: string): Fields | undefined {
  return entry?.messages.find((message) => message["id"] === id);
}

export function addMessages(
  model: Model,
  [sessionId, given]: readonly [string, readonly Fields[]],
  situation: Situation,
): Fields[] {
  const entry = get(model, sessionId);
  const actual = Array.isArray(situation.actual) ? situation.actual : [];
  const ids = given.map(({ id }, i) => String(id ?? actual[i]?.id));
  const others = model.entries.filter((other) => other !== entry);
  for (const id of model.idsPerSession ? [] : ids) {
    if (!others.some((other) => messageOf(other, id))) continue;
    throw new Refusal("already-exists", `"${id}" is another session's`);
  }
  const messages = [...entry.messages];
  const result = given.map((each, i) => {
    const id = ids[i];
    const known = messages.find((message) => message["id"] === id);
    if (known !== undefined) return known;
    const last = messages.at(-1)?.["createdAt"] as Moment | undefined;
    const message = {
      ...stored(each),
      id,
      sessionId,
      sequence: entry.lastSequence + messages.length - entry.messages.length +
        1,
      createdAt: new Moment(situation.span, last),
    };
    messages.push(message);
    return message;
  });
  const added = messages.length - entry.messages.length;
  // What is only repeated is no activity.
  if (added === 0) return result;
  const { createdAt } = messages.at(-1)!;
  const lastActivityAt = new Moment(situation.span, createdAt as Moment);
  const lastSequence = entry.lastSequence + added;
  const next = {
    ...changed(entry, { lastActivityAt }),
    messages,
    lastSequence,
  };
  model.put(sessionId, slid(next, situation));
  return result;
}

export function addMessage(
  model: Model,
  [sessionId, given]: readonly [string, Fields],
  situation: Situation,
): Fields | undefined {
  const actual = [situation.actual];
  const args = [sessionId, [given]] as const;
  return addMessages(model, args, { ...situation, actual })[0];
}

export function getMessage(
  model: Model,
  [sessionId, id]: readonly [string, string],
): Fields | null {
  return messageOf(model.find(sessionId), id) ?? null;
}

export function getMessages(
  model: Model,
  [sessionId, options = {}]: readonly [string, MessageQueryOptions?],
  situation: Situation,
): Fields[] {
  const entry = model.find(sessionId);
  if (entry === undefined) return [];
  if (situation.caller.refreshTtlOnRead) {
    model.put(sessionId, slid(entry, situation));
  }
  const { after, before, roles = [], offset = 0, limit } = options;
  const all: readonly string[] = roles;
  const found = entry.messages.filter(({ role, createdAt }) =>
    msOf(createdAt) > (after?.getTime() ?? -Infinity) &&
    msOf(createdAt) < (before?.getTime() ?? Infinity) &&
    (all.length === 0 || all.includes(String(role)))
  );
  if (options.order === "desc") found.reverse();
  return found.slice(offset, offset + (limit ?? Infinity));
}

export function countMessages(
  model: Model,
  [sessionId]: readonly [string],
): number {
  return model.find(sessionId)?.messages.length ?? 0;
}

export function updateMessage(
  model: Model,
  [sessionId, id, updates]: readonly [string, string, Fields],
  situation: Situation,
): Fields {
  const entry = get(model, sessionId);
  const message = messageOf(entry, id);
  if (message === undefined) throw new Refusal("not-found", "not found");
  const fields = stored(updates);
  const updatedAt = fields["updatedAt"] ?? new Moment(situation.span);
  const next = { ...message, ...fields, updatedAt };
  const messages = entry.messages.map((each) => each === message ? next : each);
  model.put(sessionId, slid({ ...entry, messages }, situation));
  return next;
}

export function deleteMessage(
  model: Model,
  [sessionId, id]: readonly [string, string],
  situation: Situation,
): void {
  const entry = model.find(sessionId);
  const message = messageOf(entry, id);
  if (entry === undefined || message === undefined) return;
  const messages = entry.messages.filter((each) => each !== message);
  model.put(sessionId, slid({ ...entry, messages }, situation));
}

export function deleteAllMessages(
  model: Model,
  [sessionId]: readonly [string],
  situation: Situation,
): void {
  const entry = model.find(sessionId);
  if (entry === undefined) return;
  model.put(sessionId, slid({ ...entry, messages: [] }, situation));
}

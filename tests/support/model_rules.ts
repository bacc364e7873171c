/**
 * Holds what calls came to against the model, one by one or in any order.
 *
 * @module
 */

import {
  ConcurrencyError,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { Refusal } from "./memory_checks.ts";
import * as messages from "./model_messages.ts";
import {
  type Fields,
  match,
  Mismatch,
  Moment,
  type Span,
} from "./model_moments.ts";
import * as sessions from "./model_sessions.ts";
import type { Caller, Model, Situation } from "./model_state.ts";

/** What a call came to: its value, or the facts of its error. */
export type Outcome = { readonly value: unknown } | { readonly fails: Fields };

/** Says what a call returns, and changes the model; throws what the call fails with. */
type Rule = (model: Model, args: never, situation: Situation) => unknown;

const { createSession, getSession, updateSession, deleteSession } = sessions;
const { touchSession, listSessions, getExpiredSessions } = sessions;
const { addMessage, addMessages, getMessage, getMessages } = messages;
const { countMessages, updateMessage, deleteMessage } = messages;

const RULES = {
  ...{ createSession, getSession, updateSession, deleteSession },
  ...{ touchSession, listSessions, getExpiredSessions },
  iterateSessions: listSessions,
  ...{ addMessage, addMessages, getMessage, getMessages },
  ...{ countMessages, updateMessage, deleteMessage },
  deleteAllMessages: messages.deleteAllMessages,
  reindex: (_model, _args: unknown, { actual }) => ({
    ...actual as Fields,
    isComplete: true,
  }),
  health: (_model, _args: unknown, { actual }) => ({
    status: "healthy",
    latency: (actual as Fields | undefined)?.["latency"],
  }),
} as const satisfies Record<string, Rule>;

/** The name of a call. */
export type CallName = keyof typeof RULES;

/** A call with what it came to. */
export interface Answered {
  readonly call: CallName;
  readonly args: readonly unknown[];
  readonly isBad: boolean;
  readonly caller: Caller;
  readonly span: Span;
  readonly outcome: Outcome;
}

/** Waits for a call, and tells what it came to; only errors of the contract are an outcome. */
export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await call };
  } catch (error) {
    if (error instanceof ConcurrencyError) {
      const { sessionId, expectedVersion, actualVersion } = error;
      return { fails: { sessionId, expectedVersion, actualVersion } };
    }
    if (error instanceof StorageError) {
      return { fails: { reason: error.reason } };
    }
    throw error;
  }
}

/** Returns what a call comes to by the model, and changes the model. */
function expect(
  model: Model,
  { call, args, isBad, caller, span, outcome }: Answered,
): Outcome {
  const rule: Rule = RULES[call];
  const actual = "value" in outcome ? outcome.value : undefined;
  try {
    if (isBad) throw new Refusal("invalid-argument", "unusable");
    // The arguments were made for the call of this name.
    return { value: rule(model, args as never, { caller, span, actual }) };
  } catch (error) {
    if (error instanceof Refusal) return { fails: { reason: error.reason } };
    if (!(error instanceof sessions.Conflict)) throw error;
    const { expectedVersion } = args[2] as { expectedVersion: number };
    const { actualVersion } = error;
    return { fails: { sessionId: args[0], expectedVersion, actualVersion } };
  }
}

/** Learns when sessions were active from a list that is in the order of it. */
function learnActivity(
  model: Model,
  { call, outcome }: Answered,
  learned: Moment[],
): void {
  if (call !== "listSessions" || !("value" in outcome)) return;
  for (const { id, lastActivityAt } of outcome.value as Fields[]) {
    const moment = model.find(String(id))?.session["lastActivityAt"];
    if (!(moment instanceof Moment)) continue;
    match(lastActivityAt, moment, learned, "result.lastActivityAt");
  }
}

/**
 * Holds calls, in their order, against the model, and changes it.
 *
 * @param learned gets each moment that was learned
 * @throws {Mismatch} where a call did not come to what the model says
 */
export function follow(
  model: Model,
  calls: readonly Answered[],
  learned: Moment[] = [],
): void {
  for (const call of calls) {
    learnActivity(model, call, learned);
    const { outcome } = call;
    const expected = expect(model, call);
    const path = `${call.call}()`;
    if ("value" in outcome && "value" in expected) {
      match(outcome.value, expected.value, learned, path);
    } else {
      match(outcome, expected, learned, path);
    }
  }
}

/**
 * Finds an order of calls that were made at once by which all of them came to
 * what the model says, and so did what was read after them.
 *
 * @param after reads that came after all calls
 * @returns the model after them
 * @throws {Mismatch} where there is no such order: the mismatches of each
 */
export function explain(
  model: Model,
  calls: readonly Answered[],
  after: readonly Answered[],
  check: (model: Model) => void,
): Model {
  const failures: string[] = [];
  for (const order of ordersOf(calls)) {
    const copy = model.copy();
    const learned: Moment[] = [];
    try {
      follow(copy, [...order, ...after], learned);
      check(copy);
      return copy;
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      for (const moment of learned) moment.forget();
      const names = order.map((each) => calls.indexOf(each) + 1);
      failures.push(`order ${names.join(", ")}: ${error.message}`);
    }
  }
  throw new Mismatch(failures.join("\n"));
}

function* ordersOf<T>(list: readonly T[]): Generator<T[]> {
  if (list.length === 0) yield [];
  for (const [i, first] of list.entries()) {
    const others = list.filter((_, j) => j !== i);
    for (const order of ordersOf(others)) yield [first, ...order];
  }
}

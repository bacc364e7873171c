/**
 * Random calls of the adapters, and what comes between them.
 *
 * @module
 */

import fc from "fast-check";
import {
  FILTERS,
  MESSAGE_IDS,
  QUERIES,
  SESSION_IDS,
  VERSIONS,
  WALKS,
} from "./model_choices.ts";
import {
  BAD_MESSAGES,
  BAD_QUERIES,
  BAD_SESSION_UPDATES,
  BAD_SESSIONS,
} from "./model_flaws.ts";
import { type AdapterName, ADAPTERS } from "./model_places.ts";
import type { CallName } from "./model_rules.ts";
import {
  all,
  DATES,
  MESSAGE_UPDATES,
  MESSAGES,
  PLAIN,
  SESSION_UPDATES,
  SESSIONS,
} from "./model_values.ts";

/** A call of one adapter. */
export interface Call {
  readonly by: AdapterName;
  readonly call: CallName;
  /** The arguments; some are choices, see model_choices.ts. */
  readonly args: readonly unknown[];
  /** Says that one of the arguments is unusable. */
  readonly isBad?: boolean;
}

/** What happens next: a call, several at once, or that time passes. */
export type Step =
  | Call
  | { readonly race: readonly Call[] }
  | { readonly passMs: number };

const OPTIONS = fc.oneof(
  fc.constant(undefined),
  all({ expectedVersion: VERSIONS }),
);

/** A new session with an id, or without one. */
const NEW_SESSIONS = withId(SESSIONS, SESSION_IDS.filter(isText));
const NEW_MESSAGES = withId(MESSAGES, MESSAGE_IDS.filter(isText));

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function withId(
  records: fc.Arbitrary<object>,
  ids: fc.Arbitrary<unknown>,
): fc.Arbitrary<object> {
  const some = fc.option(ids, { nil: undefined, freq: 4 });
  return fc.tuple(some, records).map(([id, record]) =>
    id === undefined ? record : { id, ...record }
  );
}

/** Spoils records by properties that are unusable. */
function spoil(
  records: fc.Arbitrary<object>,
  flaws: fc.Arbitrary<object>,
): fc.Arbitrary<object> {
  return fc.tuple(records, flaws).map(([record, flaw]) => ({
    ...record,
    ...flaw,
  }));
}

type Args = fc.Arbitrary<readonly unknown[]>;

const ID = fc.tuple(SESSION_IDS);
const IDS = fc.tuple(SESSION_IDS, MESSAGE_IDS);
const MANY = fc.array(NEW_MESSAGES, { maxLength: 4 });

/** How often each call is made, and with what. */
const CALLS: Readonly<Record<CallName, readonly [number, Args]>> = {
  createSession: [8, fc.tuple(NEW_SESSIONS)],
  getSession: [3, ID],
  updateSession: [8, fc.tuple(SESSION_IDS, SESSION_UPDATES, OPTIONS)],
  deleteSession: [1, ID],
  touchSession: [2, ID],
  listSessions: [8, fc.tuple(FILTERS)],
  iterateSessions: [3, fc.tuple(WALKS)],
  getExpiredSessions: [2, fc.tuple(DATES)],
  addMessage: [8, fc.tuple(SESSION_IDS, NEW_MESSAGES)],
  addMessages: [5, fc.tuple(SESSION_IDS, MANY)],
  getMessage: [2, IDS],
  getMessages: [7, fc.tuple(SESSION_IDS, QUERIES)],
  countMessages: [1, ID],
  updateMessage: [6, fc.tuple(SESSION_IDS, MESSAGE_IDS, MESSAGE_UPDATES)],
  deleteMessage: [3, IDS],
  deleteAllMessages: [1, ID],
  reindex: [1, fc.constant([])],
  health: [1, fc.constant([])],
};

const BAD_ONE = spoil(MESSAGES, BAD_MESSAGES);
const BAD_MANY = fc.tuple(NEW_MESSAGES, BAD_ONE);

const BAD_CALLS: Readonly<Partial<Record<CallName, Args>>> = {
  createSession: fc.tuple(spoil(NEW_SESSIONS, BAD_SESSIONS)),
  getSession: fc.constant([""]),
  updateSession: fc.tuple(
    SESSION_IDS,
    spoil(SESSION_UPDATES, BAD_SESSION_UPDATES),
    OPTIONS,
  ),
  listSessions: fc.tuple(spoil(FILTERS, BAD_QUERIES)),
  iterateSessions: fc.constant([{ sortBy: "lastActivityAt" }]),
  getExpiredSessions: fc.constant([new Date(NaN)]),
  addMessage: fc.tuple(SESSION_IDS, BAD_ONE),
  addMessages: fc.tuple(SESSION_IDS, BAD_MANY),
  getMessages: fc.tuple(SESSION_IDS, spoil(QUERIES, BAD_QUERIES)),
  updateMessage: fc.tuple(
    SESSION_IDS,
    MESSAGE_IDS,
    spoil(MESSAGE_UPDATES, BAD_MESSAGES),
  ),
};

const BY = fc.constantFrom(...Object.keys(ADAPTERS) as AdapterName[]);

function callsOf(
  weights: Readonly<Partial<Record<CallName, readonly [number, Args]>>>,
): fc.Arbitrary<Call> {
  return fc.oneof(
    ...Object.entries(weights).map(([call, [weight, args]]) => ({
      weight,
      arbitrary: fc.record(
        { by: BY, call: fc.constant(call as CallName), args },
        PLAIN,
      ),
    })),
  );
}

const BAD: fc.Arbitrary<Call> = fc.oneof(
  ...Object.entries(BAD_CALLS).map(([call, args]) =>
    fc.record({
      by: BY,
      call: fc.constant(call as CallName),
      args,
      isBad: fc.constant(true),
    }, PLAIN)
  ),
);

/** Waits last up to a quarter of one of the TTLs, or beyond all of them. */
const WAIT = fc.record({
  passMs: fc.oneof(
    ...[2000, 5000, 25_000, 130_000].map((max) => fc.nat({ max })),
  ),
}, PLAIN);

const CALL = callsOf(CALLS);

/** A page of what goes by activity depends on dates that only later reads tell. */
const RACER = callsOf({ ...CALLS, listSessions: [4, fc.tuple(WALKS)] });

const RACE = fc.record({
  race: fc.array(RACER, { minLength: 2, maxLength: 4 }),
}, PLAIN);

/** Makes series of one step after another. */
export const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: CALL },
    { weight: 1, arbitrary: BAD },
    { weight: 2, arbitrary: WAIT },
  ),
  { maxLength: 100, size: "max" },
);

/** Makes series of steps among which several calls are made at once. */
export const RACES: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 1, arbitrary: CALL }, { weight: 1, arbitrary: RACE }),
  { maxLength: 40, size: "max" },
);

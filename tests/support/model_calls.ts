/**
 * Random calls of the adapters, and what comes between them.
 *
 * @module
 */

import fc from "fast-check";
import {
  FILTERS,
  MESSAGE_IDS,
  NEW_MESSAGES,
  NEW_SESSIONS,
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

const FEW = fc.array(NEW_MESSAGES, { maxLength: 4 });

/** So long that two of them are not appended by one script. */
const LONG = "x".repeat(260_000);

/**
 * A large append. Without ids, since one that is refused for an id that another
 * session has starts the TTL again.
 */
const LARGE = fc.array(MESSAGES, { minLength: 2, maxLength: 3 }).map(
  (messages) => messages.map((message) => ({ ...message, content: LONG })),
);

const MANY = fc.oneof(
  { weight: 9, arbitrary: FEW },
  { weight: 1, arbitrary: LARGE },
);

type Calls = Readonly<Partial<Record<CallName, readonly [number, Args]>>>;

/** Returns how often each call is made, and with what. */
function callsOn(
  session: fc.Arbitrary<unknown>,
  message: fc.Arbitrary<unknown>,
): Readonly<Record<CallName, readonly [number, Args]>> {
  const both = fc.tuple(session, message);
  return {
    createSession: [8, fc.tuple(NEW_SESSIONS)],
    getSession: [3, fc.tuple(session)],
    updateSession: [8, fc.tuple(session, SESSION_UPDATES, OPTIONS)],
    deleteSession: [1, fc.tuple(session)],
    touchSession: [4, fc.tuple(session)],
    listSessions: [8, fc.tuple(FILTERS)],
    iterateSessions: [3, fc.tuple(WALKS)],
    getExpiredSessions: [2, fc.tuple(DATES)],
    addMessage: [8, fc.tuple(session, NEW_MESSAGES)],
    addMessages: [5, fc.tuple(session, MANY)],
    getMessage: [2, both],
    getMessages: [7, fc.tuple(session, QUERIES)],
    countMessages: [1, fc.tuple(session)],
    updateMessage: [6, fc.tuple(session, message, MESSAGE_UPDATES)],
    deleteMessage: [3, both],
    deleteAllMessages: [1, fc.tuple(session)],
    reindex: [1, fc.constant([])],
    health: [1, fc.constant([])],
  };
}

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

function callsOf(weights: Calls): fc.Arbitrary<Call> {
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

const CALL = callsOf(callsOn(SESSION_IDS, MESSAGE_IDS));

/** Calls of a race are about the same session, mostly, and one of two messages. */
const RACERS = callsOn(
  fc.constantFrom(0, 0, 0, 1).map((nthSession) => ({ nthSession })),
  fc.constantFrom(0, 0, 1).map((nthMessage) => ({ nthMessage })),
);

const RACER = callsOf({
  ...RACERS,
  createSession: [3, RACERS.createSession[1]],
  updateMessage: [10, RACERS.updateMessage[1]],
  // A page of what goes by activity depends on dates that only later reads tell.
  listSessions: [3, fc.tuple(WALKS)],
});

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

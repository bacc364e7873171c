/**
 * Random ids, versions, filters and options. Some depend on what is stored when
 * the call is made: a choice is plain data, and becomes a value then.
 *
 * @module
 */

import fc from "fast-check";
import type { Fields } from "./model_moments.ts";
import { msOf } from "./model_sessions.ts";
import type { Model } from "./model_state.ts";
import {
  AGENTS,
  all,
  DATES,
  MESSAGES,
  ROLES,
  SESSIONS,
  STATUSES,
  TAGS,
  USERS,
} from "./model_values.ts";

const PLACES = fc.nat({ max: 4 });
const DISTANCES = fc.constantFrom(-1, 0, 1);

/** Ids of sessions; the last two are in another order by UTF-16 than by UTF-8. */
export const SESSION_IDS: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("1", "2") },
  { weight: 1, arbitrary: fc.constantFrom("\uff5e", "😀") },
  { weight: 1, arbitrary: all({ nthSession: PLACES }) },
);

/** Ids of messages. */
export const MESSAGE_IDS: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom("a", "b", "c", "d"),
  all({ nthMessage: PLACES }),
);

/** Sessions to create, with an id or without one. */
export const NEW_SESSIONS: fc.Arbitrary<object> = withId(
  SESSIONS,
  SESSION_IDS.filter(isText),
);

/** Messages to append, with an id or without one. */
export const NEW_MESSAGES: fc.Arbitrary<object> = withId(
  MESSAGES,
  MESSAGE_IDS.filter(isText),
);

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

/** Versions that updates expect, right ones mostly. */
export const VERSIONS: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ storedPlus: 0 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 99) },
);

const NEAR_SESSIONS = all({ nthCreation: PLACES, plusMs: DISTANCES });
const NEAR_MESSAGES = all({ nthAppend: PLACES, plusMs: DISTANCES });

const PAGE = { limit: fc.nat({ max: 3 }), offset: fc.nat({ max: 2 }) };
const ORDERS = fc.constantFrom("asc", "desc");

const FILTER_FIELDS = {
  userId: USERS,
  status: STATUSES,
  activeAgentId: AGENTS,
  tags: TAGS,
  createdAfter: fc.oneof(NEAR_SESSIONS, DATES),
  createdBefore: fc.oneof(NEAR_SESSIONS, DATES),
};

/** Returns objects that have a few of the properties. */
function few(
  properties: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Fields> {
  const rare = Object.entries(properties).map(([name, values]) => [
    name,
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: values },
    ),
  ]);
  return all(Object.fromEntries(rare)).map((given) =>
    Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    )
  );
}

/** Filters of an iterator: it goes by creation. */
export const WALKS: fc.Arbitrary<Fields> = few({
  ...FILTER_FIELDS,
  ...PAGE,
  order: ORDERS,
});

/** Filters of a list. */
export const FILTERS: fc.Arbitrary<Fields> = fc.tuple(
  WALKS,
  fc.constantFrom({}, { sortBy: "createdAt" }, { sortBy: "lastActivityAt" }),
).map(([filters, order]) => ({ ...filters, ...order }));

/** Options of a history. */
export const QUERIES: fc.Arbitrary<Fields> = few({
  ...PAGE,
  order: ORDERS,
  roles: fc.uniqueArray(ROLES, { maxLength: 2 }),
  after: NEAR_MESSAGES,
  before: NEAR_MESSAGES,
});

/** Returns the values that choices stand for in these arguments. */
export function choose(
  model: Model,
  args: readonly unknown[],
): readonly unknown[] {
  const id = pick(model, args[0], undefined);
  return args.map((arg) => {
    const value = pick(model, arg, id);
    if (value !== arg || typeof arg !== "object" || arg === null) return value;
    if (Array.isArray(arg)) return arg;
    const entries = Object.entries(arg);
    // A date, or a record without choices, is passed as it is.
    if (!entries.some(([, each]) => pick(model, each, id) !== each)) return arg;
    return Object.fromEntries(
      entries.map(([name, each]) => [name, pick(model, each, id)]),
    );
  });
}

/** Returns what a choice stands for; anything else is itself. */
function pick(model: Model, choice: unknown, sessionId: unknown): unknown {
  if (typeof choice !== "object" || choice === null) return choice;
  const { nthSession, nthMessage, nthCreation, nthAppend, plusMs, storedPlus } =
    choice as Record<string, number | undefined>;
  const entry = model.find(String(sessionId));
  if (nthSession !== undefined) {
    return nth(model.ids, nthSession) ?? "nobody's";
  }
  if (nthMessage !== undefined) {
    return nth(entry?.messages ?? [], nthMessage)?.["id"] ?? "nobody's";
  }
  if (storedPlus !== undefined) {
    return Number(entry?.session["version"] ?? 0) + storedPlus;
  }
  if (nthCreation === undefined && nthAppend === undefined) return choice;
  const near = nthCreation === undefined
    ? nth(entry?.messages ?? [], nthAppend ?? 0)
    : nth(model.entries, nthCreation)?.session;
  return new Date((near ? msOf(near["createdAt"]) : 0) + (plusMs ?? 0));
}

function nth<T>(list: readonly T[], place: number): T | undefined {
  return list[place % Math.max(list.length, 1)];
}

/**
 * In which orders a storage adapter lists sessions: by creation or by activity,
 * from either end.
 *
 * @module
 */

import type { Session, SessionFilters } from "../types.ts";
import { equal } from "./assertions.ts";
import type { Group } from "./group.ts";
import { describeOrderedPages } from "./ordered_pages.ts";
import { newMessage, newSession, unset } from "./samples.ts";
import { choose, filtersOf, stirred } from "./session_samples.ts";
import type { CompleteAdapter, Subject } from "./subject.ts";

const LONG_AGO = new Date("2001-02-03T04:05:06.789Z");
const BEFORE_1970 = new Date(-1);

/** Ids whose bytes, UTF-16 units, letters and lengths are all in different orders. */
const IDS = ["é", "z", "Z", "ab", "a", "10", "9", "\uffee", "😀", "a:b", "-"];

/** Declares the tests of `order` and `sortBy`. */
export function describeSessionOrder(group: Group): void {
  orders(group);
  ties(group);
  activity(group);
  noActivity(group);
  describeOrderedPages(group);
}

function orders({ test }: Group): void {
  test("listSessions() returns the newest first when asked to", async (subject) => {
    const { adapter } = subject;
    const sessions = await stirred(subject);
    equal(await adapter.listSessions({ order: "desc" }), sessions.toReversed());
    equal(await adapter.listSessions({ order: "asc" }), sessions);
  });

  test("listSessions() goes by createdAt when asked to", async (subject) => {
    const { adapter } = subject;
    const sessions = await stirred(subject);
    const sortBy = "createdAt";
    equal(await adapter.listSessions({ sortBy }), sessions);
    equal(
      await adapter.listSessions({ sortBy, order: "desc" }),
      sessions.toReversed(),
    );
  });

  test("listSessions() takes an undefined order as absent", async (subject) => {
    const { adapter } = subject;
    const sessions = await stirred(subject);
    equal(await adapter.listSessions(unset("order", "sortBy")), sessions);
  });

  const asked: SessionFilters[] = [
    { order: "desc" },
    { sortBy: "lastActivityAt" },
    { sortBy: "lastActivityAt", order: "desc" },
  ];
  for (const { sortBy = "createdAt", order = "asc" } of asked) {
    test(`listSessions() filters in the order of ${sortBy}, "${order}"`, async (subject) => {
      const sessions = await stirred(subject);
      for (const filter of filtersOf(sessions)) {
        const filters = { ...filter, sortBy, order };
        const expected = choose(sessions, filters);
        equal(await subject.adapter.listSessions(filters), expected);
      }
    });
  }
}

function ties({ test }: Group): void {
  test("listSessions() turns sessions of one creation around, too", async ({ adapter }) => {
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => `s${99 - index}`)
        .map((id) => adapter.createSession(newSession({ id, userId: "ada" }))),
    );
    const ascending = await adapter.listSessions();
    for (const filter of [{}, { userId: "ada" }]) {
      equal(
        await adapter.listSessions({ ...filter, order: "desc" }),
        ascending.toReversed(),
      );
    }
  });

  test("listSessions() orders sessions of one activity by the bytes of their ids", async ({ adapter }) => {
    const sessions: Session[] = [];
    for (const id of IDS) {
      await adapter.createSession(newSession({ id, userId: "ada" }));
      sessions.push(
        await adapter.updateSession(id, { lastActivityAt: LONG_AGO }),
      );
    }
    for (const order of ["asc", "desc"] as const) {
      for (const filter of [{}, { userId: "ada" }, { offset: 2, limit: 5 }]) {
        const filters = { ...filter, sortBy: "lastActivityAt", order } as const;
        const expected = choose(sessions, filters);
        equal(await adapter.listSessions(filters), expected);
      }
    }
  });
}

function activity({ test, capabilities }: Group): void {
  const last = ["b", "c", "a"];
  const movers: Record<string, [Act, string[]]> = {
    "a message": [(adapter) => adapter.addMessage("a", newMessage()), last],
    "an update": [(adapter) => adapter.updateSession("a", {}), last],
    "a given lastActivityAt": [
      (adapter) => adapter.updateSession("c", { lastActivityAt: LONG_AGO }),
      ["c", "a", "b"],
    ],
    "a given lastActivityAt of before 1970": [
      async (adapter) => {
        await adapter.updateSession("a", { lastActivityAt: LONG_AGO });
        await adapter.updateSession("c", { lastActivityAt: BEFORE_1970 });
      },
      ["c", "a", "b"],
    ],
    "a message after a given lastActivityAt": [
      async (adapter) => {
        await adapter.updateSession("a", { lastActivityAt: LONG_AGO });
        await adapter.addMessage("a", newMessage());
      },
      last,
    ],
    ...capabilities.addMessages && {
      "a batch": [(adapter) => adapter.addMessages("a", [newMessage()]), last],
    },
    ...capabilities.touchSession && {
      "a touch": [(adapter) => adapter.touchSession("a"), last],
    },
  };
  for (const [name, [move, expected]] of Object.entries(movers)) {
    test(`listSessions() by activity follows ${name}`, (subject) =>
      places(subject, move, expected));
  }

  test("listSessions() by activity follows a session that is made anew", (subject) =>
    places(subject, async (adapter) => {
      await adapter.deleteSession("a");
      equal(await idsBy(adapter, "asc"), ["b", "c"]);
      equal(await idsBy(adapter, "desc"), ["c", "b"]);
      await adapter.createSession(newSession({ id: "a", userId: "ada" }));
    }, last));
}

function noActivity({ test }: Group): void {
  test("listSessions() by activity stays where there is none", (subject) =>
    places(subject, async (adapter) => {
      await adapter.getSession("a");
      await adapter.getMessages("a");
      await adapter.addMessage("a", newMessage({ id: "m1" }));
      await adapter.updateMessage("a", "m1", { content: "Anew" });
      await adapter.deleteMessage("a", "m1");
      await adapter.deleteAllMessages("a");
    }, ["a", "b", "c"]));
}

type Act = (adapter: CompleteAdapter) => Promise<unknown>;

/** Fails unless the act gives three sessions, of which "c" came last, these places. */
async function places(
  subject: Subject,
  act: Act,
  expected: string[],
): Promise<void> {
  const { adapter } = subject;
  for (const id of ["a", "b", "c"]) {
    await adapter.createSession(newSession({ id, userId: "ada" }));
    // It can be appended again, which is no activity.
    await adapter.addMessage(id, newMessage({ id: id === "a" ? "m1" : id }));
    await subject.tick();
  }
  await act(adapter);
  equal(await idsBy(adapter, "asc"), expected);
  equal(await idsBy(adapter, "desc"), expected.toReversed());
}

/** Lists ids by activity, of all sessions and of a user's; both have to agree. */
async function idsBy(
  adapter: CompleteAdapter,
  order: "asc" | "desc",
): Promise<string[]> {
  const filters = { sortBy: "lastActivityAt", order } as const;
  const listed = await adapter.listSessions(filters);
  equal(await adapter.listSessions({ ...filters, userId: "ada" }), listed);
  return listed.map(({ id }) => id);
}

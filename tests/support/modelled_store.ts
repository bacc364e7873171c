/**
 * A store beside its model: each step is taken in both.
 *
 * @module
 */

import { inspect } from "node:util";
import type { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import type { Call, Step } from "./model_calls.ts";
import { choose } from "./model_choices.ts";
import { Mismatch, type Span } from "./model_moments.ts";
import {
  type AdapterName,
  ADAPTERS,
  endsOfSessions,
  LONGEST_TTL_MS,
  type ModelPlace,
} from "./model_places.ts";
import {
  type Answered,
  type CallName,
  explain,
  outcomeOf,
} from "./model_rules.ts";
import { Model } from "./model_state.ts";
import { USER_IDS } from "./model_values.ts";

/** Sessions that end so soon end before the next call, so that none ends during it. */
const MARGIN_MS = 1000;

/** Reads of this adapter change nothing. */
const OBSERVER = "no TTL";

/** Lists all sessions that have a deadline. */
const DUE: Call = {
  by: OBSERVER,
  call: "getExpiredSessions",
  args: [new Date(8.64e15)],
};

/** Adapters and the model of what they store. */
export class ModelledStore {
  readonly #place: ModelPlace;
  #model: Model;

  constructor(place: ModelPlace) {
    this.#place = place;
    this.#model = new Model(place.idsPerSession);
  }

  /** Takes a step in the store and in the model, and fails where they differ. */
  async take(step: Step): Promise<void> {
    if ("passMs" in step) await this.#pass(step.passMs);
    await this.#settle();
    if ("passMs" in step) return await this.#call([]);
    await this.#call("race" in step ? step.race : [step]);
  }

  /** Compares all that is stored, then lets all of it go, and fails if anything is left. */
  async end(): Promise<void> {
    await this.#settle();
    for (const sortBy of ["createdAt", "lastActivityAt"]) {
      const args = [{ sortBy }];
      await this.#call([{ by: OBSERVER, call: "listSessions", args }]);
    }
    await this.#call([DUE]);
    for (const id of this.#model.ids) {
      await this.#call([{ by: OBSERVER, call: "getMessages", args: [id] }]);
    }
    await this.#pass(2 * LONGEST_TTL_MS);
    await this.#settle();
    await this.#call([{ by: OBSERVER, call: "listSessions", args: [] }]);
    for (const id of this.#model.ids) {
      await this.#call([{ by: OBSERVER, call: "deleteSession", args: [id] }]);
    }
    if (this.#place.leavesHints) await this.#meetHints();
    const left = [...(await this.#place.ends()).keys()];
    if (left.length > 0) throw Mismatch.of("what is left", left, []);
  }

  /** Makes the lists that meet what refused calls have left in the indexes. */
  async #meetHints(): Promise<void> {
    for (const userId of USER_IDS) {
      const args = [{ userId }];
      await this.#call([{ by: OBSERVER, call: "listSessions", args }]);
    }
    const args = [{ sortBy: "lastActivityAt" }];
    await this.#call([{ by: OBSERVER, call: "listSessions", args }]);
    await this.#call([DUE]);
  }

  async #pass(ms: number): Promise<void> {
    await this.#place.pass(ms);
    this.#model.pass(ms);
  }

  /** Lets the sessions end whose end is near. */
  async #settle(): Promise<void> {
    let passMs: number;
    do {
      const now = (await this.#place.clock()).to;
      this.#model.expire(now - MARGIN_MS / 10);
      const lefts = this.#model.entries.map(({ ends }) => ends.to - now);
      const near = lefts.filter((left) => left < MARGIN_MS);
      passMs = near.length === 0 ? 0 : Math.max(...near) + MARGIN_MS / 5;
      if (passMs > 0) await this.#pass(Math.ceil(passMs));
    } while (passMs > 0);
  }

  /** Makes calls, all at once, and reads what they left; finds an order that explains it. */
  async #call(given: readonly Call[]): Promise<void> {
    const calls = given.map((call) => ({
      ...call,
      args: choose(this.#model, call.args),
    }));
    const { from } = await this.#place.clock();
    const outcomes = await Promise.all(
      calls.map(({ by, call, args }) =>
        outcomeOf(makeCall(this.#place.adapters[by], call, args))
      ),
    );
    const { to } = await this.#place.clock();
    const answered = calls.map((call, i) =>
      answer(call, { from, to }, outcomes[i]!)
    );
    const after = await this.#read(answered, { from, to });
    const ends = endsOfSessions(await this.#place.ends());
    try {
      const check = (model: Model) => checkEnds(model, ends);
      this.#model = explain(this.#model, answered, after, check);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      const shown = calls.map(({ by, call, args }, i) => {
        const texts = [args, outcomes[i]].map((each) =>
          inspect(each, { depth: 6, breakLength: Infinity })
        );
        return `${i + 1}. ${call}() by "${by}" of ${texts.join("\n   -> ")}`;
      });
      throw new Mismatch([...shown, error.message].join("\n"));
    }
  }

  /** Reads the sessions that calls were about. */
  async #read(calls: readonly Answered[], span: Span): Promise<Answered[]> {
    const ids = new Set<string>();
    for (const { call, args: [first], outcome } of calls) {
      const created = call === "createSession" && "value" in outcome &&
        (outcome.value as { id: string }).id;
      for (const id of [first, created]) {
        if (typeof id === "string" && id !== "") ids.add(id);
      }
    }
    const reads = [...ids].flatMap((id) =>
      (["getSession", "getMessages"] as const).map((call) => ({
        by: OBSERVER as AdapterName,
        call,
        args: [id],
      }))
    );
    return await Promise.all(reads.map(async (read) => {
      const { by, call, args } = read;
      const made = makeCall(this.#place.adapters[by], call, args);
      return answer(read, span, await outcomeOf(made));
    }));
  }
}

function answer(
  { by, call, args, isBad = false }: Call,
  span: Span,
  outcome: Answered["outcome"],
): Answered {
  return { call, args, isBad, caller: ADAPTERS[by], span, outcome };
}

/** Makes a call; what an iterator visits is a list. */
async function makeCall(
  storage: RedisAdapter,
  call: CallName,
  args: readonly unknown[],
): Promise<unknown> {
  // The arguments were made for the method of this name, or to be refused by it.
  const method = storage[call] as (...args: readonly unknown[]) => unknown;
  const result = method.apply(storage, [...args]);
  if (call !== "iterateSessions") return await result;
  const sessions: unknown[] = [];
  for await (const each of result as AsyncIterable<unknown>) {
    sessions.push(each);
  }
  return sessions;
}

/** Fails unless the sessions there are end when the model says, and learns when that is. */
function checkEnds(model: Model, ends: ReadonlyMap<string, number>): void {
  const ids = [...ends.keys()].sort();
  if (ids.join() !== model.ids.toSorted().join()) {
    throw Mismatch.of("sessions", ids, model.ids);
  }
  for (const [id, end] of ends) {
    const entry = model.find(id)!; // All were found above.
    const { from, to } = entry.ends;
    // The clock tells no less than a millisecond.
    if (end < from - 1 || end > to + 1) {
      const span = [from, to].map((ms) => ms - end);
      throw Mismatch.of(`end of session ${inspect(id)}`, end, span);
    }
    model.put(id, { ...entry, ends: { from: end, to: end } });
  }
}

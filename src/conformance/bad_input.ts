/**
 * What a storage adapter refuses before it writes anything.
 *
 * @module
 */

import { inspect } from "node:util";
import type { Group } from "./group.ts";
import type { Capabilities } from "./options.ts";
import { invalid, newMessage, newSession } from "./samples.ts";
import type { CompleteAdapter, Subject } from "./subject.ts";

/** Values of one argument that a call has to refuse. */
export interface BadInput {
  /** The capability that the call needs. */
  readonly needs?: keyof Capabilities;
  /** What the message has to name. */
  readonly names?: string[];
  readonly values: readonly unknown[];
  /** Passes one of the values; any of them goes in the place of a usable one. */
  readonly call: (adapter: CompleteAdapter, value: never) => Promise<unknown>;
}

/** The session that is there when the calls are made. */
export const SESSION = "s1";
/** The only message of that session. */
export const MESSAGE = "m1";

/** Declares the tests of what no adapter can use, by their names. */
export function describeBadInput(
  { test, capabilities }: Group,
  inputs: Record<string, BadInput>,
): void {
  for (const [name, input] of Object.entries(inputs)) {
    if (input.needs !== undefined && !capabilities[input.needs]) continue;
    test(name, (subject) => refusesAll(subject, input));
  }
}

async function refusesAll(
  subject: Subject,
  { values, names = [], call }: BadInput,
): Promise<void> {
  const { adapter } = subject;
  await adapter.createSession(newSession({ id: SESSION, userId: "ada" }));
  await adapter.addMessage(SESSION, newMessage({ id: MESSAGE }));
  for (const value of values) {
    await subject.changesNothing(() =>
      subject.fails(() => call(adapter, invalid(value)), "invalid-argument", {
        names,
        about: `The value ${inspect(value)}`,
      })
    );
  }
}

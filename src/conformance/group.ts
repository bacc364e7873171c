/**
 * What a group of tests is declared with.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { AdapterSettings, Capabilities } from "./options.ts";
import type { CompleteAdapter, Subject } from "./subject.ts";

/** Declares a test on a fresh adapter. */
export type Test = (
  name: string,
  body: (subject: Subject) => Promise<void>,
) => void;

/** Declares the tests of a group. */
export interface Group {
  /** What the adapter can do. */
  readonly capabilities: Capabilities;
  /** Declares a test on an adapter without settings. */
  readonly test: Test;
  /** Returns what declares tests on adapters with these settings. */
  readonly testWith: (settings: AdapterSettings) => Test;
  /** Declares that no adapter with these settings can be made. */
  readonly refuses: (name: string, settings: AdapterSettings) => void;
}

/** Declares that a method which the adapter is said to lack is absent. */
export function absent(
  group: Group,
  method: keyof CompleteAdapter,
  name: string = String(method),
): void {
  group.test(`${name}() is absent`, ({ adapter }) => {
    assert.equal(adapter[method], undefined);
    return Promise.resolve();
  });
}

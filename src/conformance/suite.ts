/**
 * Runs the groups of the conformance suite.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describeConcurrency } from "./concurrency.ts";
import { describeContent } from "./content.ts";
import { describeErrors } from "./errors.ts";
import { describeExpiry } from "./expiry.ts";
import type { Group, Test } from "./group.ts";
import { describeMessages } from "./messages.ts";
import type {
  AdapterSettings,
  Capabilities,
  ConformanceOptions,
} from "./options.ts";
import { describeOrdering } from "./ordering.ts";
import { describeQueries } from "./queries.ts";
import { describeSessions } from "./sessions.ts";
import { Subject } from "./subject.ts";

const GROUPS: Record<string, (group: Group) => void> = {
  sessions: describeSessions,
  concurrency: describeConcurrency,
  messages: describeMessages,
  ordering: describeOrdering,
  queries: describeQueries,
  content: describeContent,
  expiry: describeExpiry,
  errors: describeErrors,
};

const EVERYTHING: Capabilities = {
  ttl: true,
  refreshTtlOnRead: true,
  summarizer: true,
  errorClasses: true,
  reasons: true,
  optimisticLocking: true,
  messageIdsUniqueAcrossSessions: true,
  sharedStore: true,
  listOrder: true,
  getMessage: true,
  addMessages: true,
  countMessages: true,
  touchSession: true,
  iterateSessions: true,
  asyncDispose: true,
};

/**
 * Declares the tests that any storage adapter has to pass, in eight groups:
 * sessions, concurrency, messages, ordering, queries, content, expiry and
 * errors. Each test makes its own adapter and disposes of it. The page of the
 * module has the rules and an example.
 *
 * @param options the test runner, the adapter, and what it can do
 */
export function describeStorageAdapter(options: ConformanceOptions): void {
  const { describe, it, createAdapter } = options;
  const capabilities = { ...EVERYTHING, ...options.capabilities };
  const group: Group = {
    capabilities,
    test: testWith(),
    testWith,
    refuses: (name, settings) =>
      it(`createAdapter() refuses ${name}`, async () => {
        const made = await Promise.resolve(settings).then(createAdapter)
          .catch(() => undefined);
        await made?.dispose();
        assert.equal(made, undefined, `It ignores ${name}`);
      }),
  };
  for (const [name, describeGroup] of Object.entries(GROUPS)) {
    describe(name, () => describeGroup(group));
  }

  function testWith(settings?: AdapterSettings): Test {
    return (name, body) =>
      it(name, async () => {
        const made = await createAdapter(settings);
        const subject = new Subject(made, capabilities);
        try {
          await body(subject);
        } finally {
          await subject.dispose();
        }
      });
  }
}

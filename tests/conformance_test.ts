import {
  type AdapterSettings,
  type AdapterUnderTest,
  type ConformanceOptions,
  describeStorageAdapter,
} from "@reaatech/session-continuity-storage-redis/conformance";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  BROKEN_ADAPTERS,
  type BrokenAdapter,
} from "./support/broken_adapters.ts";
import { MemoryAdapter } from "./support/memory_adapter.ts";
import { MemoryStore } from "./support/memory_store.ts";
import {
  createMinimalAdapter,
  NO_CAPABILITIES,
} from "./support/minimal_adapter.ts";

type Subject = Pick<ConformanceOptions, "createAdapter" | "capabilities">;

const memory: Subject = inMemory(MemoryAdapter);
const minimal: Subject = {
  createAdapter: (settings) =>
    Promise.resolve(settings).then(createMinimalAdapter),
  capabilities: NO_CAPABILITIES,
};

describe("MemoryAdapter", () => {
  describeStorageAdapter({ describe, it, ...memory });
});

describe("describeStorageAdapter()", () => {
  it("finds nothing wrong with a complete adapter", async () => {
    assertEquals(await failures(memory), []);
  });

  it("finds nothing wrong with a minimal adapter", async () => {
    assertEquals(await failures(minimal), []);
  });

  it("expects a refusal of what an adapter is said to lack", async () => {
    const { createAdapter } = memory;
    const capabilities = NO_CAPABILITIES;
    const failed = await failures({ createAdapter, capabilities });
    assertEquals(failed, [
      "touchSession() is absent",
      "updateSession() refuses expectedVersion",
      "addMessage() keeps the same id of two sessions apart",
      "getMessage() is absent",
      "countMessages() is absent",
      "addMessages() is absent",
      "iterateSessions() is absent",
      "createAdapter() refuses a summarizer",
      "createAdapter() refuses ttlSeconds",
      "createAdapter() refuses refreshTtlOnRead",
      "createAdapter() refuses error classes",
      "[Symbol.asyncDispose]() is absent",
    ]);
    // So none of the tests of a refusal is one that cannot fail.
    const usual = new Set(testsOf(memory).map(({ name }) => name));
    const tests = testsOf(minimal).map(({ name }) => name);
    assertEquals(failed, tests.filter((name) => !usual.has(name)));
  });

  for (const [group, adapters] of Object.entries(BROKEN_ADAPTERS)) {
    const noticed = new Set<string>();
    const names = testsOf(memory, group).map(({ name }) => name);

    for (const [defect, Adapter] of Object.entries(adapters)) {
      it(`notices in ${group} that ${defect}`, async () => {
        const failed = await failures(inMemory(Adapter), group);
        assert(failed.length > 0);
        // What fails half a group says little of any one test.
        if (failed.length > names.length / 2) return;
        for (const name of failed) noticed.add(name);
      });
    }

    it(`has no test in ${group} that cannot fail`, () => {
      assertEquals(names.filter((name) => !noticed.has(name)), []);
    });
  }

  it("gives every test of a group a name of its own", () => {
    for (const group of Object.keys(BROKEN_ADAPTERS)) {
      const names = testsOf(memory, group).map(({ name }) => name);
      assertEquals(names, [...new Set(names)]);
    }
  });
});

/** Makes adapters of a class, each on a store with a clock of its own. */
function inMemory(Adapter: BrokenAdapter): Subject {
  return { createAdapter };

  function createAdapter(
    settings?: AdapterSettings,
  ): Promise<AdapterUnderTest> {
    const store = new MemoryStore();
    const adapter = new Adapter(store, settings);
    return Promise.resolve({
      adapter,
      reopen: (others) => Promise.resolve(new Adapter(store, others)),
      elapse: (milliseconds) => store.elapse(milliseconds),
      dispose: () => Promise.resolve(),
    });
  }
}

interface DeclaredTest {
  readonly name: string;
  readonly body: () => Promise<void>;
}

/** Declares the suite, or one group of it, without a test runner. */
function testsOf(subject: Subject, group?: string): DeclaredTest[] {
  const tests: DeclaredTest[] = [];
  describeStorageAdapter({
    describe: (name, body) => {
      if (group === undefined || group === name) body();
    },
    it: (name, body) => tests.push({ name, body }),
    ...subject,
  });
  return tests;
}

/** Runs the suite, or one group of it; returns the names of the tests that fail. */
async function failures(subject: Subject, group?: string): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, body } of testsOf(subject, group)) {
    await body().catch(() => failed.push(name));
  }
  return failed;
}

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
  });

  for (const [group, adapters] of Object.entries(BROKEN_ADAPTERS)) {
    for (const [defect, Adapter] of Object.entries(adapters)) {
      it(`notices in ${group} that ${defect}`, async () => {
        const failed = await failures(inMemory(Adapter), group);
        assert(failed.length > 0);
      });
    }
  }
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

/** Runs the suite, or one group of it, without a test runner; returns the tests that fail. */
async function failures(subject: Subject, group?: string): Promise<string[]> {
  const tests: { name: string; body: () => Promise<void> }[] = [];
  describeStorageAdapter({
    describe: (name, body) => {
      if (group === undefined || group === name) body();
    },
    it: (name, body) => tests.push({ name, body }),
    ...subject,
  });
  const failed: string[] = [];
  for (const { name, body } of tests) {
    await body().catch(() => failed.push(name));
  }
  return failed;
}

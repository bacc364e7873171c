/**
 * What a storage adapter does with a summarizer, a live object that can hold
 * API keys and sockets: it never writes it, and puts its own one back.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { CompressionConfig, SummarizerService } from "../types.ts";
import { equal, present } from "./assertions.ts";
import type { Group } from "./group.ts";
import { newSession } from "./samples.ts";

const summarizer: SummarizerService = {
  summarize: () => Promise.resolve("In short"),
};

/** Declares the tests of `compression.summarizer`. */
export function describeSummarizers(group: Group): void {
  neverStored(group);
  if (group.capabilities.summarizer) putBack(group);
  else group.refuses("a summarizer", { summarizer });
}

function neverStored({ test, capabilities }: Group): void {
  test("createSession() never stores a summarizer", async (subject) => {
    const { adapter } = subject;
    const made = await adapter.createSession(
      newSession({ compression: summarization(withSecrets()) }),
    );
    equal(made.compression, stored());
    equal(await adapter.getSession(made.id), made);
    equal(await adapter.listSessions(), [made]);
    if (!capabilities.sharedStore) return;
    const other = await subject.another();
    equal(await other.getSession(made.id), made);
  });

  test("updateSession() never stores a summarizer", async ({ adapter }) => {
    const { id } = await adapter.createSession(newSession());
    const updated = await adapter.updateSession(id, {
      compression: hybrid(withSecrets()),
    });
    equal(updated.compression, {
      strategy: "hybrid",
      targetTokens: 100,
      maxMessages: 5,
    });
    equal(await adapter.getSession(id), updated);
  });
}

function putBack({ testWith, capabilities }: Group): void {
  const test = testWith({ summarizer });

  test("getSession() puts the summarizer back", async (subject) => {
    const { adapter } = subject;
    for (const compression of [summarization, hybrid]) {
      const made = await adapter.createSession(
        newSession({ compression: compression(withSecrets()) }),
      );
      const updated = await adapter.updateSession(made.id, { userId: "ada" });
      const read = present(await adapter.getSession(made.id));
      const [listed] = await adapter.listSessions();
      for (const session of [made, updated, read, present(listed)]) {
        equal(session.compression, compression(summarizer));
        assert.equal(
          Reflect.get(present(session.compression), "summarizer"),
          summarizer,
        );
      }
      await adapter.deleteSession(made.id);
    }
  });

  test("getSession() adds no summarizer where none belongs", async ({ adapter }) => {
    const compression = {
      strategy: "sliding_window",
      targetTokens: 100,
    } as const;
    const window = await adapter.createSession(newSession({ compression }));
    equal(window.compression, compression);
    equal(await adapter.getSession(window.id), window);
    const none = await adapter.createSession(newSession());
    assert.equal(none.compression, undefined);
    equal(await adapter.getSession(none.id), none);
  });

  if (!capabilities.sharedStore) return;
  test("updateSession() writes back a session that was read, without the summarizer", async (subject) => {
    const { adapter } = subject;
    const { id } = await adapter.createSession(
      newSession({ compression: summarization(withSecrets()) }),
    );
    const read = present(await adapter.getSession(id));
    await adapter.updateSession(id, { ...read, userId: "ada" });
    const other = await subject.another();
    const session = present(await other.getSession(id));
    equal([session.userId, session.compression], ["ada", stored()]);
  });
}

/** Makes a summarizer that no codec can write, and that none may. */
function withSecrets(): SummarizerService {
  const service = { ...summarizer, apiKey: "secret", quota: 1n };
  return Object.assign(service, { socket: { owner: service } });
}

function summarization(service: SummarizerService): CompressionConfig {
  return {
    strategy: "summarization",
    targetTokens: 100,
    summarizer: service,
    summarizationPrompt: "Shorter",
    summaryOverhead: 10,
  };
}

function hybrid(service: SummarizerService): CompressionConfig {
  return {
    strategy: "hybrid",
    targetTokens: 100,
    maxMessages: 5,
    summarizer: service,
  };
}

function stored(): unknown {
  return {
    strategy: "summarization",
    targetTokens: 100,
    summarizationPrompt: "Shorter",
    summaryOverhead: 10,
  };
}

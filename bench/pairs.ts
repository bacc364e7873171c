/**
 * The adapter beside other ways to do the same, which say what a convenience
 * costs or is worth.
 *
 * @module
 */

import { createClient } from "redis";
import { adapter, adapterWith } from "./contenders/adapter.ts";
import { connected, type Contender } from "./contenders/contender.ts";
import { filled } from "./message_rows.ts";
import { sampleMessages } from "./messages.ts";
import { sameTexts, type Work } from "./work.ts";

/** The largest number of messages that one call is given here. */
const MANY = 1000;

/** A pair; both sides are opened on prefixes of their own. */
export interface Pair {
  readonly name: string;
  readonly beside: string;
  /** Calls in one round. */
  readonly calls: number;
  readonly ours: Side;
  readonly other: Side;
}

/** One of the two ways. */
export type Side = (
  url: string,
  keyPrefix: string,
  seed: number,
) => Promise<{ work: Work; close(): Promise<unknown> }>;

const withoutRetries = adapterWith("without retries", { retries: 0 });

/** The pairs, in their order. */
export const pairs: readonly Pair[] = [
  {
    name: "addMessage",
    beside: "one HSET of its fields",
    calls: 50,
    ours: appending(adapter),
    other: async (url, keyPrefix, seed) => {
      const client = await connected(createClient({ url }));
      const messages = sampleMessages(50, seed);
      return {
        work: {
          call(i) {
            const { role, content, tokenCount } = messages[i]!;
            const id = crypto.randomUUID();
            return client.hSet(`${keyPrefix}${id}`, {
              ...{ id, role, content, contentType: "string" },
              tokenCount: `${tokenCount}`,
              sequence: `${i}`,
              createdAt: `${Date.now()}`,
            });
          },
          check: (added) => added === 7,
        },
        close: () => client.close(),
      };
    },
  },
  {
    name: "addMessage",
    beside: "with retries: 0",
    calls: 50,
    ours: appending(adapter),
    other: appending(withoutRetries),
  },
  {
    name: "getMessages(20)",
    beside: "with retries: 0",
    calls: 50,
    ours: reading(adapter),
    other: reading(withoutRetries),
  },
  {
    name: "addMessages of 1,000",
    beside: "1,000 awaited addMessage",
    calls: 1,
    ours: storing((contender, id, messages) =>
      contender.addMessages(id, messages)
    ),
    other: storing(async (contender, id, messages) => {
      for (const message of messages) await contender.addMessage(id, message);
    }),
  },
];

/** Appends a message a call. */
function appending(entry: typeof adapter): Side {
  return async (url, keyPrefix, seed) => {
    const contender = await entry.connect(url, keyPrefix);
    const messages = sampleMessages(50, seed);
    let id = "";
    const work: Work = {
      async prepare() {
        id = await contender.open("writer");
      },
      call: (i) => contender.addMessage(id, messages[i]!),
      check: async (_result, i) =>
        i < messages.length - 1 ||
        sameTexts(await contender.getMessages(id), messages),
    };
    return { work, close: () => contender.close() };
  };
}

/** Reads a history of 20. */
function reading(entry: typeof adapter): Side {
  return async (url, keyPrefix, seed) => {
    const contender = await entry.connect(url, keyPrefix);
    const messages = sampleMessages(20, seed);
    const id = await filled(contender, messages);
    const work: Work = {
      call: () => contender.getMessages(id),
      check: (found) => sameTexts(found, messages),
    };
    return { work, close: () => contender.close() };
  };
}

/** Stores many messages a call. */
function storing(
  store: (
    contender: Contender,
    id: string,
    messages: ReturnType<typeof sampleMessages>,
  ) => Promise<unknown>,
): Side {
  return async (url, keyPrefix, seed) => {
    const contender = await adapter.connect(url, keyPrefix);
    const messages = sampleMessages(MANY, seed);
    let id = "";
    const work: Work = {
      async prepare() {
        if (id !== "") await contender.forget(id);
        id = await contender.open("writer");
      },
      call: () => store(contender, id, messages),
      check: async () => sameTexts(await contender.getMessages(id), messages),
    };
    return { work, close: () => contender.close() };
  };
}

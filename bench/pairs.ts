/**
 * The adapter beside other ways to do the same, which say what a convenience
 * costs or is worth.
 *
 * @module
 */

import { createClient } from "redis";
import { adapter, adapterWith } from "./contenders/adapter.ts";
import { bareAdapter } from "./contenders/bare_adapter.ts";
import {
  connected,
  type Contender,
  type Entry,
} from "./contenders/contender.ts";
import { langchainHistory } from "./contenders/langchain.ts";
import { messageRows } from "./message_rows.ts";
import { type SampleMessage, sampleMessages } from "./messages.ts";
import { rawRead } from "./raw_read.ts";
import { type Row, sameTexts, type Work } from "./work.ts";

/** Messages that are stored in one call, and in as many calls. */
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

const cached = adapterWith("this adapter, with a cache", {
  cache: { maxMessages: 100_000 },
});
const addMessage = rowNamed("addMessage");
const getMessages = rowNamed("getMessages(20)");
const getAllMessages = rowNamed("getMessages(1000)");
const readAgain = rowNamed("re-read of 20 after one append");
const readAllAgain = rowNamed("re-read of 1,000 after one append");

/** The pairs, in their order. */
export const pairs: readonly Pair[] = [
  {
    name: addMessage.name,
    beside: "one HSET of its fields",
    calls: addMessage.calls,
    ours: sideOf(adapter, addMessage),
    other: openHset,
  },
  ...[addMessage, getMessages].map((row) => ({
    name: row.name,
    beside: bareAdapter.name,
    calls: row.calls,
    ours: sideOf(adapter, row),
    other: sideOf(bareAdapter, row),
  })),
  ...([[getMessages, 20], [getAllMessages, 1000]] as const).map((
    [row, count],
  ) => ({
    name: row.name,
    beside: "its SORT_RO, not decoded",
    calls: row.calls,
    ours: sideOf(adapter, row),
    other: rawRead(count),
  })),
  ...[
    [readAgain, adapter, "no cache"] as const,
    [readAllAgain, adapter, "no cache"] as const,
    [readAllAgain, langchainHistory, "LangChain"] as const,
  ].map(([row, other, beside]) => ({
    name: `${row.name}, with a cache`,
    beside,
    calls: row.calls,
    ours: sideOf(cached, row),
    other: sideOf(other, row),
  })),
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

function rowNamed(name: string): Row {
  // The names above are some of them.
  return messageRows.find((row) => row.name === name)!;
}

/** Does what a row of the tables does, by any contender that can. */
function sideOf(entry: Entry, row: Row): Side {
  return async (url, keyPrefix, seed) => {
    const contender = await entry.connect(url, keyPrefix);
    const work = await row.open(contender, seed);
    if (work === undefined) {
      throw new Error(`Cannot measure ${row.name} of ${entry.name}: it cannot`);
    }
    return { work, close: () => contender.close() };
  };
}

/** Writes the fields of a message as the adapter does, and nothing else. */
async function openHset(url: string, keyPrefix: string, seed: number) {
  const client = await connected(createClient({ url }));
  const messages = sampleMessages(addMessage.calls, seed);
  const work: Work = {
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
  };
  return { work, close: () => client.close() };
}

/** Stores many messages a call. */
function storing(
  store: (
    contender: Contender,
    id: string,
    messages: readonly SampleMessage[],
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

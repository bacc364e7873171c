/**
 * LangChain's message history: a list of JSON texts per session, and nothing
 * but messages. It reads whole histories only.
 *
 * @module
 */

import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { RedisChatMessageHistory } from "@langchain/redis";
import langchain from "@langchain/redis/package.json" with { type: "json" };
// The major version that @langchain/redis depends on.
import { createClient } from "redis4";
import redis from "redis4/package.json" with { type: "json" };
import type { SampleMessage } from "../messages.ts";
import {
  connected,
  type Contender,
  type Entry,
  inBatches,
  TTL_SECONDS,
} from "./contender.ts";

/** `RedisChatMessageHistory`, with a TTL. */
export const langchainHistory: Entry = {
  name: "LangChain",
  client: `@langchain/redis ${langchain.version}, node-redis ${redis.version}`,

  async connect(url, keyPrefix): Promise<Contender> {
    const client = await connected(createClient({ url }));
    const histories = new Map<string, RedisChatMessageHistory>();
    // One history per session stays, as a chain keeps it.
    const historyOf = (sessionId: string) => {
      const history = histories.get(sessionId) ?? new RedisChatMessageHistory({
        client,
        sessionId: `${keyPrefix}${sessionId}`,
        sessionTTL: TTL_SECONDS,
      });
      histories.set(sessionId, history);
      return history;
    };
    const addMessage = (sessionId: string, message: SampleMessage) =>
      historyOf(sessionId).addMessage(toLangchain(message));
    return {
      // A list comes to be with its first message.
      open: () => Promise.resolve(crypto.randomUUID()),
      fill: (sessionId, messages) =>
        inBatches(
          messages,
          (batch) =>
            Promise.all(batch.map((message) => addMessage(sessionId, message))),
        ),
      addMessage,
      addMessages: (sessionId, messages) =>
        historyOf(sessionId).addMessages(messages.map(toLangchain)),
      getMessages: (sessionId) => historyOf(sessionId).getMessages(),
      getLast: async (sessionId, count) =>
        (await historyOf(sessionId).getMessages()).slice(-count),
      async getByRole(sessionId, role) {
        const messages = await historyOf(sessionId).getMessages();
        const type = role === "user" ? "human" : "ai";
        return messages.filter((message) => message.getType() === type);
      },
      deleteSession: (sessionId) => historyOf(sessionId).clear(),
      async forget(sessionId) {
        await historyOf(sessionId).clear();
        histories.delete(sessionId);
      },
      close: () => client.quit(),
    };
  },
};

function toLangchain({ role, content }: SampleMessage) {
  return role === "user" ? new HumanMessage(content) : new AIMessage(content);
}

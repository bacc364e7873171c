/**
 * LangChain's message history: a list per session, and nothing but messages.
 *
 * @module
 */

import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { RedisChatMessageHistory } from "@langchain/redis";
import langchain from "@langchain/redis/package.json" with { type: "json" };
// The major version that @langchain/redis depends on.
import { createClient } from "redis4";
import redis from "redis4/package.json" with { type: "json" };
import { type Contender, type Entry, TTL_SECONDS } from "./contender.ts";

/** `RedisChatMessageHistory`, with a TTL. */
export const langchainHistory: Entry = {
  name: `@langchain/redis ${langchain.version}`,
  client: `node-redis ${redis.version}`,

  async connect(url, keyPrefix): Promise<Contender> {
    const client = createClient({ url });
    client.on("error", (error) => console.error(error));
    await client.connect();
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
    return {
      // A list comes to be with its first message.
      open: () => Promise.resolve(crypto.randomUUID()),
      addMessage: (sessionId, { role, content }) =>
        historyOf(sessionId).addMessage(
          role === "user" ? new HumanMessage(content) : new AIMessage(content),
        ),
      getMessages: (sessionId) => historyOf(sessionId).getMessages(),
      async close() {
        await client.quit();
      },
    };
  },
};

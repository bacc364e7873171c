/**
 * The Redis state of the Chat SDK, by the calls with which it keeps histories:
 * a list of JSON texts per thread. It reads whole lists, appends one value a
 * call, and offers no way to remove a list.
 *
 * @module
 */

import { createRedisState } from "@chat-adapter/state-redis";
// The major version that @chat-adapter/state-redis depends on.
import redis from "redis5/package.json" with { type: "json" };
import config from "../../deno.json" with { type: "json" };
import type { SampleMessage } from "../messages.ts";
import {
  type Contender,
  type Entry,
  type FoundMessage,
  inBatches,
  TTL_SECONDS,
} from "./contender.ts";

/** The package does not export its own version: it is pinned. */
const VERSION = config.imports["@chat-adapter/state-redis"].split("@").at(-1);

interface Stored extends FoundMessage {
  readonly role: string;
}

/** The list calls of `@chat-adapter/state-redis`, with a TTL. */
export const chatState: Entry = {
  name: "Chat SDK",
  client: `@chat-adapter/state-redis ${VERSION}, node-redis ${redis.version}`,

  async connect(url, keyPrefix): Promise<Contender> {
    const state = createRedisState({ url, keyPrefix });
    await state.connect();
    const options = { ttlMs: TTL_SECONDS * 1000 };
    const addMessage = (sessionId: string, message: SampleMessage) =>
      state.appendToList(sessionId, {
        id: crypto.randomUUID(),
        ...message,
        createdAt: new Date(),
      }, options);
    // In one tick, which keeps their order on one connection.
    const addMessages = (
      sessionId: string,
      messages: readonly SampleMessage[],
    ) => Promise.all(messages.map((message) => addMessage(sessionId, message)));
    const getMessages = (sessionId: string) => state.getList<Stored>(sessionId);
    return {
      // A list comes to be with its first message.
      open: () => Promise.resolve(crypto.randomUUID()),
      fill: (sessionId, messages) =>
        inBatches(messages, (batch) => addMessages(sessionId, batch)),
      addMessage,
      addMessages,
      getMessages,
      getLast: async (sessionId, count) =>
        (await getMessages(sessionId)).slice(-count),
      getByRole: async (sessionId, role) =>
        (await getMessages(sessionId)).filter((message) =>
          message.role === role
        ),
      forget: (sessionId) =>
        state.getClient().del(`${keyPrefix}:list:${sessionId}`),
      close: () => state.disconnect(),
    };
  },
};

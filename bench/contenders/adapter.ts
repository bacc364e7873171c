/**
 * This package's adapter.
 *
 * @module
 */

import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
import { createClient } from "redis";
import redis from "redis/package.json" with { type: "json" };
import { type Contender, type Entry, TTL_SECONDS } from "./contender.ts";

/** The adapter, with a TTL and otherwise its defaults. */
export const adapter: Entry = {
  name: "this adapter",
  client: `node-redis ${redis.version}`,

  async connect(url, keyPrefix): Promise<Contender> {
    const client = createClient({ url });
    client.on("error", (error) => console.error(error));
    await client.connect();
    const storage = new RedisAdapter({
      client,
      keyPrefix,
      ttlSeconds: TTL_SECONDS,
    });
    const create = async (userId: string) => {
      const session = await storage.createSession({
        userId,
        status: "active",
        metadata: { title: "Travel plans", tags: ["travel"] },
        participants: [],
        schemaVersion: 1,
      });
      return session.id;
    };
    return {
      open: create,
      addMessage: (sessionId, message) =>
        storage.addMessage(sessionId, message),
      getMessages: (sessionId) => storage.getMessages(sessionId),
      sessions: {
        create,
        get: (id) => storage.getSession(id),
        update: (id, title, tokenCount) =>
          storage.updateSession(id, { metadata: { title }, tokenCount }),
        list: (userId) => storage.listSessions({ userId }),
      },
      close: () => storage.close(),
    };
  },
};

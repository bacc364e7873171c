/**
 * This package's adapter.
 *
 * @module
 */

import {
  RedisAdapter,
  type RedisAdapterConfig,
} from "@reaatech/session-continuity-storage-redis";
import { createClient } from "redis";
import redis from "redis/package.json" with { type: "json" };
import {
  connected,
  type Contender,
  type Entry,
  inBatches,
  TTL_SECONDS,
} from "./contender.ts";

/** Returns the adapter with a TTL and these options, under this name. */
export function adapterWith(
  name: string,
  config: Omit<RedisAdapterConfig, "client"> = {},
): Entry {
  return {
    name,
    client: `node-redis ${redis.version}`,

    async connect(url, keyPrefix): Promise<Contender> {
      const storage = new RedisAdapter({
        client: await connected(createClient({ url })),
        keyPrefix,
        ttlSeconds: TTL_SECONDS,
        ...config,
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
        fill: (sessionId, messages) =>
          inBatches(messages, (batch) => storage.addMessages(sessionId, batch)),
        addMessage: (sessionId, message) =>
          storage.addMessage(sessionId, message),
        addMessages: (sessionId, messages) =>
          storage.addMessages(sessionId, messages),
        getMessages: (sessionId) => storage.getMessages(sessionId),
        async getLast(sessionId, limit) {
          const query = { order: "desc", limit } as const;
          return (await storage.getMessages(sessionId, query)).reverse();
        },
        getByRole: (sessionId, role) =>
          storage.getMessages(sessionId, { roles: [role] }),
        deleteSession: (sessionId) => storage.deleteSession(sessionId),
        forget: (sessionId) => storage.deleteSession(sessionId),
        sessions: {
          create,
          get: (id) => storage.getSession(id),
          update: (id, { title, tokenCount }) =>
            storage.updateSession(id, { metadata: { title }, tokenCount }),
          updateIfVersion: (id, { title, tokenCount }, expectedVersion) =>
            storage.updateSession(id, { metadata: { title }, tokenCount }, {
              expectedVersion,
            }),
          list: (userId) => storage.listSessions({ userId }),
          page: (limit) => storage.listSessions({ order: "desc", limit }),
        },
        close: () => storage.close(),
      };
    },
  };
}

/** The adapter with its defaults. */
export const adapter: Entry = adapterWith("this adapter");

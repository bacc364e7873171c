/**
 * The commands that the toolkit documents for a Redis adapter, written plainly:
 * each one awaited before the next, a hash field per property. Only what is not
 * measured goes in one tick.
 *
 * It has no index but the one of users, and its HSET cannot tell whether
 * somebody else has written since a version was read.
 *
 * @module
 */

import { createClient } from "redis";
import redis from "redis/package.json" with { type: "json" };
import type { SampleMessage } from "../messages.ts";
import {
  connected,
  type Contender,
  type Entry,
  inBatches,
  TTL_SECONDS,
} from "./contender.ts";
import { newSessionHash, toMessage, toSession } from "./hashes.ts";

/** The documented sequence, on the same client as the adapter. */
export const documentedSequence: Entry = {
  name: "documented",
  client: `node-redis ${redis.version}`,

  async connect(url, keyPrefix): Promise<Contender> {
    const client = await connected(createClient({ url }));

    const sessionKey = (id: string) => `${keyPrefix}session:${id}`;
    const orderKey = (id: string) => `${keyPrefix}session:${id}:messages`;
    const messageKey = (id: string) => `${keyPrefix}message:${id}`;
    const userKey = (id: string) => `${keyPrefix}user:${id}:sessions`;

    const create = async (userId: string) => {
      const id = crypto.randomUUID();
      await client.hSet(sessionKey(id), newSessionHash(id, userId));
      await client.expire(sessionKey(id), TTL_SECONDS);
      await client.sAdd(userKey(userId), id);
      return id;
    };
    const get = async (id: string) =>
      toSession(await client.hGetAll(sessionKey(id)));

    /** Returns the four commands of an append, to be sent one by one. */
    const appending = (
      sessionId: string,
      message: SampleMessage,
      createdAt = new Date(),
    ): (() => Promise<unknown>)[] => {
      const id = crypto.randomUUID();
      const entry = { score: createdAt.getTime(), value: id };
      const hash = {
        id,
        sessionId,
        role: message.role,
        content: message.content,
        contentType: "string",
        tokenCount: String(message.tokenCount),
        sequence: "",
        metadata: "",
        createdAt: createdAt.toISOString(),
      };
      return [
        () => client.zAdd(orderKey(sessionId), entry),
        () => client.hSet(messageKey(id), hash),
        () => client.expire(messageKey(id), TTL_SECONDS),
        () => client.expire(orderKey(sessionId), TTL_SECONDS),
      ];
    };
    const addMessage = async (sessionId: string, message: SampleMessage) => {
      for (const send of appending(sessionId, message)) await send();
    };
    const read = async (sessionId: string, first: number) => {
      const messages = [];
      for (const id of await client.zRange(orderKey(sessionId), first, -1)) {
        messages.push(toMessage(await client.hGetAll(messageKey(id))));
      }
      return messages;
    };
    const deleteSession = async (sessionId: string) => {
      const { userId } = await get(sessionId);
      for (const id of await client.zRange(orderKey(sessionId), 0, -1)) {
        await client.del(messageKey(id));
      }
      await client.del(orderKey(sessionId));
      await client.del(sessionKey(sessionId));
      await client.sRem(userKey(userId), sessionId);
    };

    return {
      open: create,
      async fill(sessionId, messages) {
        // One millisecond apart, since its order is that of the clock.
        let at = Date.now() - messages.length;
        await inBatches(messages, (batch) =>
          Promise.all(
            batch.flatMap((message) =>
              appending(sessionId, message, new Date(at++)).map((send) =>
                send()
              )
            ),
          ));
      },
      addMessage,
      async addMessages(sessionId, messages) {
        for (const message of messages) await addMessage(sessionId, message);
      },
      getMessages: (sessionId) => read(sessionId, 0),
      getLast: (sessionId, count) => read(sessionId, -count),
      async getByRole(sessionId, role) {
        const messages = await read(sessionId, 0);
        return messages.filter((message) => message.role === role);
      },
      deleteSession,
      forget: deleteSession,
      sessions: {
        create,
        get,
        async update(id, { title, tokenCount }) {
          const session = await get(id);
          const version = session.version + 1;
          await client.hSet(sessionKey(id), {
            metadata: JSON.stringify({ title }),
            tokenCount: String(tokenCount),
            lastActivityAt: new Date().toISOString(),
            version: String(version),
          });
          await client.expire(sessionKey(id), TTL_SECONDS);
          return { ...session, metadata: { title }, tokenCount, version };
        },
        async list(userId) {
          const sessions = [];
          for (const id of await client.sMembers(userKey(userId))) {
            sessions.push(await get(id));
          }
          return sessions;
        },
      },
      close: () => client.close(),
    };
  },
};

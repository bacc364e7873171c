/**
 * The commands that the toolkit documents for a Redis adapter, written plainly:
 * each one awaited before the next, a hash field per property.
 *
 * @module
 */

import { createClient } from "redis";
import redis from "redis/package.json" with { type: "json" };
import { type Contender, type Entry, TTL_SECONDS } from "./contender.ts";

/** The documented sequence, on the same client as the adapter. */
export const documentedSequence: Entry = {
  name: "documented sequence",
  client: `node-redis ${redis.version}`,

  async connect(url, keyPrefix): Promise<Contender> {
    const client = createClient({ url });
    client.on("error", (error) => console.error(error));
    await client.connect();

    const sessionKey = (id: string) => `${keyPrefix}session:${id}`;
    const orderKey = (id: string) => `${keyPrefix}session:${id}:messages`;
    const messageKey = (id: string) => `${keyPrefix}message:${id}`;
    const userKey = (id: string) => `${keyPrefix}user:${id}:sessions`;

    const create = async (userId: string) => {
      const id = crypto.randomUUID();
      const now = new Date().toISOString();
      await client.hSet(sessionKey(id), {
        id,
        userId,
        activeAgentId: "",
        status: "active",
        metadata: JSON.stringify({ title: "Travel plans", tags: ["travel"] }),
        participants: "[]",
        schemaVersion: "1",
        createdAt: now,
        lastActivityAt: now,
        version: "1",
      });
      await client.expire(sessionKey(id), TTL_SECONDS);
      await client.sAdd(userKey(userId), id);
      return id;
    };
    const get = async (id: string) =>
      toSession(await client.hGetAll(sessionKey(id)));

    return {
      open: create,
      async addMessage(sessionId, { role, content, tokenCount }) {
        const id = crypto.randomUUID();
        const createdAt = new Date();
        await client.zAdd(orderKey(sessionId), {
          score: createdAt.getTime(),
          value: id,
        });
        await client.hSet(messageKey(id), {
          id,
          sessionId,
          role,
          content,
          contentType: "string",
          tokenCount: String(tokenCount),
          sequence: "",
          metadata: "",
          createdAt: createdAt.toISOString(),
        });
        await client.expire(messageKey(id), TTL_SECONDS);
        await client.expire(orderKey(sessionId), TTL_SECONDS);
        return { id, sessionId, role, content, tokenCount, createdAt };
      },
      async getMessages(sessionId) {
        const messages = [];
        for (const id of await client.zRange(orderKey(sessionId), 0, -1)) {
          messages.push(toMessage(await client.hGetAll(messageKey(id))));
        }
        return messages;
      },
      sessions: {
        create,
        get,
        async update(id, title, tokenCount) {
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

/** A hash as it comes: a field that is not there is as good as an empty one. */
type Hash = Readonly<Record<string, string>>;

function toSession(hash: Hash) {
  return {
    ...hash,
    metadata: JSON.parse(hash["metadata"] ?? "{}"),
    participants: JSON.parse(hash["participants"] ?? "[]"),
    schemaVersion: Number(hash["schemaVersion"]),
    createdAt: new Date(hash["createdAt"] ?? ""),
    lastActivityAt: new Date(hash["lastActivityAt"] ?? ""),
    version: Number(hash["version"]),
  };
}

function toMessage(hash: Hash) {
  const { content, metadata, tokenCount } = hash;
  return {
    ...hash,
    content,
    metadata: metadata ? JSON.parse(metadata) : undefined,
    tokenCount: tokenCount ? Number(tokenCount) : undefined,
    createdAt: new Date(hash["createdAt"] ?? ""),
  };
}

/**
 * No store, but the floor: what a row would cost at the least if nothing were
 * checked, indexed or kept alive, on the same client as the adapter.
 *
 * - a session is written by one HSET, without a TTL and without an index, and
 *   read by one HGETALL; an update that expects a version is one script that
 *   compares and writes;
 * - messages are JSON texts in a list: RPUSH appends one or many, LRANGE reads
 *   them, and they are parsed; dates stay texts;
 * - a list of sessions is an HGETALL for each, all sent in one tick; their ids
 *   are known beforehand, which no real store can say;
 * - a session is deleted by one DEL of both keys.
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
  type FoundMessage,
  inBatches,
  type SessionChange,
} from "./contender.ts";
import { newSessionHash, toSession } from "./hashes.ts";

/** Writes fields if the version is the expected one. */
const COMPARE_AND_SET = `
if redis.call("HGET", KEYS[1], "version") ~= ARGV[1] then return 0 end
return redis.call("HSET", KEYS[1], unpack(ARGV, 2))`;

interface Stored extends FoundMessage {
  readonly role: string;
}

/** The least that each row could cost. */
export const floor: Entry = {
  name: "floor",
  client: `node-redis ${redis.version}`,

  async connect(url, keyPrefix): Promise<Contender> {
    const client = await connected(createClient({ url }));
    const sha1 = await client.scriptLoad(COMPARE_AND_SET);
    const idsOf = new Map<string, string[]>();
    const ids: string[] = [];
    const sessionKey = (id: string) => `${keyPrefix}${id}`;
    const listKey = (id: string) => `${keyPrefix}${id}:m`;

    const addMessages = (
      sessionId: string,
      messages: readonly SampleMessage[],
    ) =>
      client.rPush(
        listKey(sessionId),
        messages.map((message) =>
          JSON.stringify({
            id: crypto.randomUUID(),
            ...message,
            createdAt: new Date(),
          })
        ),
      );
    const read = async (sessionId: string, first: number): Promise<Stored[]> =>
      (await client.lRange(listKey(sessionId), first, -1))
        .map((text) => JSON.parse(text));
    const get = async (id: string) =>
      toSession(await client.hGetAll(sessionKey(id)));
    const readAll = (wanted: readonly string[]) => Promise.all(wanted.map(get));
    const deleteSession = (id: string) =>
      client.del([sessionKey(id), listKey(id)]);

    return {
      // A list comes to be with its first message.
      open: () => Promise.resolve(crypto.randomUUID()),
      fill: (sessionId, messages) =>
        inBatches(messages, (batch) => addMessages(sessionId, batch)),
      addMessage: (sessionId, message) => addMessages(sessionId, [message]),
      addMessages,
      getMessages: (sessionId) => read(sessionId, 0),
      getLast: (sessionId, count) => read(sessionId, -count),
      getByRole: async (sessionId, role) =>
        (await read(sessionId, 0)).filter((message) => message.role === role),
      deleteSession,
      forget: deleteSession,
      sessions: {
        async create(userId) {
          const id = crypto.randomUUID();
          await client.hSet(sessionKey(id), newSessionHash(id, userId));
          ids.push(id);
          idsOf.set(userId, [...idsOf.get(userId) ?? [], id]);
          return id;
        },
        get,
        update: (id, change) => client.hSet(sessionKey(id), fieldsOf(change)),
        updateIfVersion: (id, change, version) =>
          client.evalSha(sha1, {
            keys: [sessionKey(id)],
            arguments: [
              String(version),
              ...Object.entries(fieldsOf(change, version + 1)).flat(),
            ],
          }),
        list: (userId) => readAll(idsOf.get(userId) ?? []),
        page: (count) => readAll(ids.slice(-count)),
      },
      close: () => client.close(),
    };
  },
};

function fieldsOf(
  { title, tokenCount }: SessionChange,
  version = 2,
): Record<string, string> {
  return {
    metadata: JSON.stringify({ title }),
    tokenCount: String(tokenCount),
    lastActivityAt: new Date().toISOString(),
    version: String(version),
  };
}

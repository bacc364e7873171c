/**
 * A JSON document per session, which holds its messages too: what is written
 * when nothing but GET and SET is at hand. Each write reads the document,
 * changes it and writes it whole, so two writers at a time lose one's change;
 * there is no index.
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
  type SessionChange,
  TTL_SECONDS,
} from "./contender.ts";

interface StoredMessage extends SampleMessage {
  readonly id: string;
  readonly sessionId: string;
  readonly createdAt: Date;
}

interface Document {
  readonly id: string;
  readonly userId: string;
  readonly status: string;
  readonly participants: readonly unknown[];
  readonly schemaVersion: number;
  readonly createdAt: Date;
  readonly messages: StoredMessage[];
  metadata: { readonly title: string; readonly tags?: readonly string[] };
  tokenCount?: number;
  lastActivityAt: Date;
  version: number;
}

/** The document, on the same client as the adapter. */
export const jsonDocument: Entry = {
  name: "JSON document",
  client: `node-redis ${redis.version}`,

  async connect(url, keyPrefix): Promise<Contender> {
    const client = await connected(createClient({ url }));
    const keyOf = (id: string) => `${keyPrefix}${id}`;

    const get = async (id: string): Promise<Document | null> => {
      const text = await client.get(keyOf(id));
      return text === null ? null : parse(text);
    };
    const set = (document: Document) =>
      client.set(keyOf(document.id), JSON.stringify(document), {
        expiration: { type: "EX", value: TTL_SECONDS },
      });
    const change = async (id: string, edit: (document: Document) => void) => {
      const document = await get(id);
      if (document === null) throw new Error(`Cannot change "${id}": no such`);
      edit(document);
      document.lastActivityAt = new Date();
      document.version++;
      await set(document);
      return document;
    };
    const create = async (userId: string) => {
      const document = newDocument(userId);
      await set(document);
      return document.id;
    };
    const addMessages = (
      sessionId: string,
      messages: readonly SampleMessage[],
    ) =>
      change(sessionId, (document) => {
        const createdAt = new Date();
        for (const message of messages) {
          const id = crypto.randomUUID();
          document.messages.push({ id, sessionId, ...message, createdAt });
        }
      });
    const getMessages = async (id: string) => (await get(id))?.messages ?? [];
    return {
      open: create,
      fill: async (sessionId, messages) => {
        await addMessages(sessionId, messages);
      },
      addMessage: (sessionId, message) => addMessages(sessionId, [message]),
      addMessages,
      getMessages,
      getLast: async (id, count) => (await getMessages(id)).slice(-count),
      getByRole: async (id, role) =>
        (await getMessages(id)).filter((message) => message.role === role),
      deleteSession: (id) => client.del(keyOf(id)),
      forget: (id) => client.del(keyOf(id)),
      sessions: {
        create,
        get,
        update: (id, { title, tokenCount }: SessionChange) =>
          change(id, (document) => {
            document.metadata = { title };
            document.tokenCount = tokenCount;
          }),
      },
      close: () => client.close(),
    };
  },
};

function newDocument(userId: string): Document {
  const createdAt = new Date();
  return {
    id: crypto.randomUUID(),
    userId,
    status: "active",
    metadata: { title: "Travel plans", tags: ["travel"] },
    participants: [],
    schemaVersion: 1,
    createdAt,
    lastActivityAt: createdAt,
    version: 1,
    messages: [],
  };
}

/** Parses a document; its dates become dates again. */
function parse(text: string): Document {
  const document = JSON.parse(text);
  document.createdAt = new Date(document.createdAt);
  document.lastActivityAt = new Date(document.lastActivityAt);
  for (const message of document.messages) {
    message.createdAt = new Date(message.createdAt);
  }
  return document;
}

/**
 * This package's adapter without deadlines and retries: what is left is the
 * same scripts, records and checks, so that the difference is what those cost.
 *
 * @module
 */

import { createClient } from "redis";
import redis from "redis/package.json" with { type: "json" };
import { uuidv7 } from "uuidv7";
import { Keys } from "../../src/keys.ts";
import { encodeMessage } from "../../src/message_codec.ts";
import { checkMessageQuery } from "../../src/queries.ts";
import { RedisPort } from "../../src/redis_port.ts";
import { appendMessages } from "../../src/scripts/append_messages.ts";
import { readMessages } from "../../src/scripts/read_messages.ts";
import type { Store } from "../../src/store.ts";
import { adapter } from "./adapter.ts";
import { connected, type Entry, TTL_SECONDS } from "./contender.ts";

/** Appends and reads by themselves; the rest is the adapter's own. */
export const bareAdapter: Entry = {
  name: "without deadlines and retries",
  client: `node-redis ${redis.version}`,

  async connect(url, keyPrefix) {
    const whole = await adapter.connect(url, keyPrefix);
    const client = await connected(createClient({ url }));
    const keys = new Keys(keyPrefix, "plain");
    const store: Store = {
      port: new RedisPort(client, { timeoutMs: 0, retries: 0 }),
      keys,
      ttlMs: TTL_SECONDS * 1000,
      refreshTtlOnRead: false,
      summarizer: undefined,
      onCorrupt: (failure) => {
        throw failure;
      },
    };
    return {
      ...whole,
      async addMessage(sessionId, message) {
        keys.checkSessionId(sessionId);
        const encoded = encodeMessage(message, "message", uuidv7);
        return (await appendMessages(store, sessionId, [encoded]))[0];
      },
      async getMessages(sessionId) {
        keys.checkSessionId(sessionId);
        return await readMessages(store, sessionId, checkMessageQuery({}));
      },
      async close() {
        await client.close();
        await whole.close();
      },
    };
  },
};

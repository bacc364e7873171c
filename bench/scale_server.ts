/**
 * A server that holds a number of sessions, for measuring.
 *
 * @module
 */

import {
  RedisAdapter,
  type Session,
} from "@reaatech/session-continuity-storage-redis";
import { createClient } from "redis";
import { countCommands } from "../tests/support/command_stats.ts";
import { fillSessions } from "../tests/support/many_sessions.ts";
import { newMessage, newSession } from "../tests/support/records.ts";
import { startRedisServer } from "../tests/support/redis_server.ts";
import type { TestClient } from "../tests/support/test_bed.ts";
import { TTL_SECONDS } from "./contenders/contender.ts";
import { progress } from "./output.ts";

/** The numbers of sessions, each in a server of its own. */
export const SIZES = [1000, 10_000, 100_000] as const;
/** Messages of the sessions that are appended to, all in one server. */
export const APPEND_SIZES = [10, 1000, 100_000] as const;
/** Messages that are stored by one call. */
const BATCH = 500;

/** What is measured on. */
export interface ScaleServer extends AsyncDisposable {
  readonly client: TestClient;
  readonly storage: RedisAdapter;
  /** The sessions, in the order in which they were created. */
  readonly sessions: readonly Session[];
  /** The sessions that are appended to, in the order of their sizes. */
  readonly longSessionIds: readonly string[];
  /** Counts the sessions that a list looks at, by INFO commandstats. */
  countLooks(list: () => Promise<readonly unknown[]>): Promise<number>;
}

/** Starts a server and fills it; also with sessions of so many messages to append to. */
export async function openScaleServer(
  size: number,
  appendSizes: readonly number[],
): Promise<ScaleServer> {
  const server = await startRedisServer();
  const client: TestClient = createClient({ url: server.url });
  client.on("error", (error) => console.error(error));
  await client.connect();
  const storage = new RedisAdapter({
    client,
    ttlSeconds: TTL_SECONDS,
    timeoutMs: 60_000,
  });
  const sessions = await fillSessions(storage, size, {
    onProgress: (stored) => {
      if (stored % 10_000 === 0) progress(`${stored} of ${size} sessions`);
    },
  });
  const longSessionIds: string[] = [];
  for (const messages of appendSizes) {
    const { id } = await storage.createSession(newSession());
    for (let left = messages; left > 0; left -= BATCH) {
      const length = Math.min(left, BATCH);
      await storage.addMessages(
        id,
        Array.from({ length }, () => newMessage("A short message")),
      );
    }
    progress(`${messages} messages in one session`);
    longSessionIds.push(id);
  }
  return {
    client,
    storage,
    sessions,
    longSessionIds,
    async countLooks(list) {
      let found = 0;
      const counts = await countCommands(client, async () => {
        found = (await list()).length;
      });
      // What is returned is read once more.
      return (counts["hmget"] ?? NaN) - found;
    },
    async [Symbol.asyncDispose]() {
      await storage.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

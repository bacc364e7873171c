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
/** Messages of the session that is appended to, in each of those servers. */
export const APPEND_SIZES = [10, 1000, 100_000] as const;
/** Messages that are stored by one call. */
const BATCH = 500;

/** What is measured on. */
export interface ScaleServer extends AsyncDisposable {
  readonly client: TestClient;
  readonly storage: RedisAdapter;
  /** The sessions, in the order in which they were created. */
  readonly sessions: readonly Session[];
  /** The session that is appended to. */
  readonly longSessionId: string;
  /** Counts the sessions that a list looks at, by INFO commandstats. */
  countLooks(list: () => Promise<readonly unknown[]>): Promise<number>;
}

/** Starts a server and fills it. */
export async function openScaleServer(
  size: number,
  messages: number,
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
  // It would be the newest of all.
  const { id: longSessionId } = await storage.createSession(
    newSession({ userId: "appender" }),
  );
  for (let left = messages; left > 0; left -= BATCH) {
    const length = Math.min(left, BATCH);
    await storage.addMessages(
      longSessionId,
      Array.from({ length }, () => newMessage("A short message")),
    );
  }
  progress(`${messages} messages in one session`);
  return {
    client,
    storage,
    sessions,
    longSessionId,
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

/**
 * Starts real Redis servers on free ports of the loopback interface.
 *
 * @module
 */

import { freeClusterPort, freePort } from "./ports.ts";
import { LocalRedisServer } from "./local_redis_server.ts";
import { findRedisPrograms } from "./redis_programs.ts";

const START_ATTEMPTS = 5;

/** The signals that a server can be sent. */
export type ServerSignal = "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT";

/** How to start a server. */
export interface RedisServerOptions {
  /**
   * Further arguments of redis-server, such as `["--appendonly", "yes"]`.
   *
   * @default []
   */
  readonly args?: readonly string[];
  /**
   * Whether it is to become a node of a cluster.
   *
   * @default false
   */
  readonly isClusterNode?: boolean;
  /** What makes it a sentinel: its configuration, which it goes on writing. */
  readonly sentinelConfig?: string;
}

/** A server of one's own. Disposing of it stops it and removes its data. */
export interface RedisServer extends AsyncDisposable {
  /** The address that it listens on. */
  readonly host: string;
  /** The port that it listens on, the same after a restart. */
  readonly port: number;
  /** Both, as clients take them. */
  readonly url: string;
  /** The id of its process; of `docker run` for one in a container. */
  readonly pid: number;
  /** Whether it runs and is not frozen. */
  readonly isUp: boolean;
  /** Returns what it has logged. */
  log(): string;
  /** Sends it a signal; after SIGKILL, resolves when the process is gone. */
  kill(signal: ServerSignal): Promise<void>;
  /** Stops it, even if it is frozen. Its data stays. No error if it is stopped. */
  stop(): Promise<void>;
  /** Stops it and starts it again, on the same port and data. */
  restart(): Promise<void>;
}

/**
 * Starts a server that keeps nothing on disk, and resolves when it answers. It
 * ends with this process, if it is not stopped before.
 *
 * @throws {Error} when it does not start, with its log
 */
export async function startRedisServer(
  options: RedisServerOptions = {},
): Promise<RedisServer> {
  const { isClusterNode = false, sentinelConfig } = options;
  const args = [...options.args ?? []];
  if (isClusterNode) args.unshift("--cluster-enabled", "yes");
  const programs = await findRedisPrograms();
  for (let attempt = 1;; attempt++) {
    const port = await (isClusterNode ? freeClusterPort() : freePort());
    const settings = { programs, port, args, sentinelConfig };
    const server = LocalRedisServer.prepare(settings);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      // Somebody else can have taken the port in the meantime.
      const isTaken = server.log().includes("Address already in use");
      if (!isTaken || attempt === START_ATTEMPTS) throw error;
    }
  }
}

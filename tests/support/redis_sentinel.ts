/**
 * Starts a real primary with replicas and sentinels on the loopback interface.
 *
 * @module
 */

import { ask } from "./redis_cli.ts";
import { type RedisServer, startRedisServer } from "./redis_server.ts";
import { readSentinelView, type SentinelView } from "./sentinel_view.ts";
import { disposeOf, startRedisServers, waitUntilFine } from "./server_group.ts";

const MASTER_NAME = "test-primary";
const REPLICAS = 2;
const SENTINELS = 3;
const QUORUM = 2;
const DOWN_AFTER_MS = 1_000;
const FAILOVER_TIMEOUT_MS = 3_000;

/** Since Redis 7.0 a replica would wait 5 s for others that want a copy. */
const ARGS = ["--repl-diskless-sync-delay", "0"];

/**
 * Starts a primary, two replicas and three sentinels, and resolves when the
 * sentinels know them and each other, so that a failover can follow at once.
 * They end with this process, if they are not stopped before.
 *
 * @throws {Error} when one does not start, with its log
 */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const primary = await startRedisServer({ args: ARGS });
  const started = [primary];
  try {
    const { host, port } = primary;
    const args = [...ARGS, "--replicaof", host, `${port}`];
    started.push(...await startRedisServers(Array(REPLICAS).fill({ args })));
    // A sentinel looks for replicas as it starts, and then only after 10 s.
    await waitUntilFine(started, () => replicationProblem(primary, started));
    const servers = [...started];
    const sentinelConfig = configFor(primary);
    const sentinels = await startRedisServers(
      Array(SENTINELS).fill({ sentinelConfig }),
    );
    started.push(...sentinels);
    const deployment = new RedisSentinel(servers, sentinels);
    await deployment.waitUntilHealthy();
    return deployment;
  } catch (error) {
    await disposeOf(started);
    throw error;
  }
}

/** Servers and sentinels of one's own. Disposing of them stops them all. */
export class RedisSentinel implements AsyncDisposable {
  /** The name that the sentinels have for the primary and its replicas. */
  readonly masterName = MASTER_NAME;
  /** The primary and the replicas, for a test to kill, freeze and restart. */
  readonly servers: readonly RedisServer[];
  /** The sentinels. */
  readonly sentinels: readonly RedisServer[];

  /** Takes what runs; {@linkcode startRedisSentinel} sets it up. */
  constructor(
    servers: readonly RedisServer[],
    sentinels: readonly RedisServer[],
  ) {
    this.servers = servers;
    this.sentinels = sentinels;
  }

  /** The addresses of the sentinels, as `createSentinel()` of node-redis takes them. */
  get sentinelRootNodes(): { host: string; port: number }[] {
    return this.sentinels.map(({ host, port }) => ({ host, port }));
  }

  /** Returns the primary, as soon as all sentinels that are up name the same. */
  async primary(): Promise<RedisServer> {
    return await this.#waitForPrimary(() => true);
  }

  /** Returns the primary, as soon as another server has become it. */
  async waitForPrimaryOtherThan(server: RedisServer): Promise<RedisServer> {
    return await this.#waitForPrimary((primary) => primary !== server);
  }

  /**
   * Waits until all servers that are up follow the primary, and all sentinels
   * that are up know these servers and each other. That takes up to 20 s after
   * a failover: sentinels do not look more often.
   *
   * @throws {Error} when that is not so after a minute, with the logs
   */
  async waitUntilHealthy(): Promise<void> {
    await waitUntilFine(this.#all, () => this.#problem());
  }

  /** Stops all and removes their folders. */
  async [Symbol.asyncDispose](): Promise<void> {
    await disposeOf(this.#all);
  }

  get #all(): RedisServer[] {
    return [...this.servers, ...this.sentinels];
  }

  async #waitForPrimary(
    isWanted: (primary: RedisServer) => boolean,
  ): Promise<RedisServer> {
    let primary: RedisServer | undefined;
    await waitUntilFine(this.#all, async () => {
      primary = this.#agreedPrimary(await this.#views());
      return isWanted(primary) ? undefined : `${primary.url} is the primary`;
    });
    return primary!;
  }

  async #problem(): Promise<string | undefined> {
    const views = await this.#views();
    const primary = this.#agreedPrimary(views);
    if (!primary.isUp) return `${primary.url} is the primary, and is not up`;
    const replicas = upAmong(this.servers).length - 1;
    for (const view of views) {
      if (view.replicas < replicas) {
        return `A sentinel sees ${view.replicas} of ${replicas} replicas`;
      }
      if (view.otherSentinels < views.length - 1) {
        return `A sentinel sees ${view.otherSentinels} other sentinels`;
      }
    }
    return await replicationProblem(primary, this.servers);
  }

  async #views(): Promise<SentinelView[]> {
    return await Promise.all(
      upAmong(this.sentinels)
        .map((sentinel) => readSentinelView(sentinel, this.masterName)),
    );
  }

  #agreedPrimary(views: readonly SentinelView[]): RedisServer {
    const ports = new Set(views.map(({ primaryPort }) => primaryPort));
    const named = this.servers.filter(({ port }) => ports.has(port));
    if (ports.size === 1 && named.length === 1) return named[0]!;
    throw new Error(
      `Cannot tell the primary: sentinels name ${[...ports].join(" and ")}`,
    );
  }
}

function configFor({ host, port }: RedisServer): string {
  return [
    `sentinel monitor ${MASTER_NAME} ${host} ${port} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER_NAME} ${FAILOVER_TIMEOUT_MS}`,
    "",
  ].join("\n");
}

/** Tells which server that is up is not, or does not follow, the primary. */
async function replicationProblem(
  primary: RedisServer,
  servers: readonly RedisServer[],
): Promise<string | undefined> {
  for (const server of upAmong(servers)) {
    const [reply] = await ask(server, ["ROLE"]);
    const [role, , port, link] = reply as unknown[];
    const isFine = server === primary
      ? role === "master"
      : Number(port) === primary.port && link === "connected";
    if (!isFine) return `${server.url} has the role ${reply}`;
  }
  return undefined;
}

function upAmong(servers: readonly RedisServer[]): RedisServer[] {
  return servers.filter(({ isUp }) => isUp);
}

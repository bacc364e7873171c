/**
 * Starts real clusters of Redis on the loopback interface.
 *
 * @module
 */

import {
  type ClusterNode,
  holds,
  layoutOf,
  readClusterView,
} from "./cluster_view.ts";
import { ask, runRedisCli } from "./redis_cli.ts";
import type { RedisServer } from "./redis_server.ts";
import { disposeOf, startRedisServers, waitUntilFine } from "./server_group.ts";
import { SlotMigration } from "./slot_migration.ts";

const PRIMARIES = 3;
const NODE_TIMEOUT_MS = 2_000;

/** How to start a cluster. */
export interface RedisClusterOptions {
  /**
   * Further arguments of each redis-server, such as `["--appendonly", "yes"]`:
   * without that, a primary that is restarted before its replica takes over is
   * empty, and so is its replica then.
   *
   * @default []
   */
  readonly args?: readonly string[];
}

/**
 * Starts a cluster of three primaries with a replica each, and resolves when
 * all six agree on that and the replicas are linked. It ends with this process,
 * if it is not stopped before.
 *
 * @throws {Error} when it does not start, with the logs
 */
export async function startRedisCluster(
  options: RedisClusterOptions = {},
): Promise<RedisCluster> {
  const node = {
    isClusterNode: true,
    args: [
      ...["--cluster-node-timeout", `${NODE_TIMEOUT_MS}`],
      ...["--cluster-announce-ip", "127.0.0.1"],
      // Since Redis 7.0 a replica would wait 5 s for others that want a copy.
      ...["--repl-diskless-sync-delay", "0"],
      ...options.args ?? [],
    ],
  };
  const nodes = await startRedisServers(Array(2 * PRIMARIES).fill(node));
  const cluster = new RedisCluster(nodes);
  try {
    const addresses = nodes.map(({ host, port }) => `${host}:${port}`);
    await runRedisCli(
      ...["--cluster", "create", ...addresses],
      ...["--cluster-replicas", "1", "--cluster-yes"],
    );
    await cluster.waitUntilHealthy();
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

/** A cluster of one's own. Disposing of it stops it and removes its data. */
export class RedisCluster implements AsyncDisposable {
  /** All nodes, for a test to kill, freeze and restart. */
  readonly nodes: readonly RedisServer[];

  /** Takes nodes that run; {@linkcode startRedisCluster} makes a cluster of them. */
  constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  /** The addresses of the nodes, as `createCluster()` of node-redis takes them. */
  get rootNodes(): { url: string }[] {
    return this.nodes.map(({ url }) => ({ url }));
  }

  /** Returns the slot of a key. */
  async slotOf(key: string): Promise<number> {
    const [slot] = await ask(this.#anyNode(), ["CLUSTER", "KEYSLOT", key]);
    return Number(slot);
  }

  /** Returns the node that holds the slot of a key. */
  async primaryOf(key: string): Promise<RedisServer> {
    return await this.primaryOfSlot(await this.slotOf(key));
  }

  /** Returns the node that holds a slot. */
  async primaryOfSlot(slot: number): Promise<RedisServer> {
    return this.#server(
      (await this.#view()).find((node) => holds(node, slot)),
      `slot ${slot}`,
    );
  }

  /** Returns the nodes that hold slots. */
  async primaries(): Promise<RedisServer[]> {
    const view = await this.#view();
    return view.filter(({ slots }) => slots.length > 0)
      .map((node) => this.#server(node, "its slots"));
  }

  /** Returns the replica of a primary that is up. */
  async replicaOf(primary: RedisServer): Promise<RedisServer> {
    const view = await this.#view();
    const id = view.find(({ port }) => port === primary.port)?.id;
    const replicas = view.filter(({ primaryId }) => primaryId === id)
      .map((node) => this.#server(node, "a replica"));
    const replica = replicas.find(({ isUp }) => isUp);
    if (replica !== undefined) return replica;
    throw new Error(`Cannot find a replica of ${primary.url}: none is up`);
  }

  /** Returns the name that the cluster has for a node. */
  async idOf(server: RedisServer): Promise<string> {
    const [id] = await ask(server, ["CLUSTER", "MYID"]);
    return String(id);
  }

  /** Moves slots with their keys, and resolves when all nodes know. */
  async reshard(
    from: RedisServer,
    to: RedisServer,
    slots: number,
  ): Promise<void> {
    await runRedisCli(
      ...["--cluster", "reshard", `${from.host}:${from.port}`],
      ...["--cluster-from", await this.idOf(from)],
      ...["--cluster-to", await this.idOf(to)],
      ...["--cluster-slots", `${slots}`, "--cluster-yes"],
    );
    await this.waitUntilHealthy();
  }

  /** Opens a slot for moving it step by step, and moves no key. */
  beginMigration(slot: number, to: RedisServer): Promise<SlotMigration> {
    return SlotMigration.begin(this, slot, to);
  }

  /**
   * Waits until the nodes that are up take commands, hold all slots, agree on
   * who holds what, and have their replicas linked.
   *
   * @throws {Error} when that is not so after a minute, with the logs
   */
  async waitUntilHealthy(): Promise<void> {
    await waitUntilFine(this.nodes, () => this.#problem());
  }

  /** Stops all nodes and removes their folders. */
  async [Symbol.asyncDispose](): Promise<void> {
    await disposeOf(this.nodes);
  }

  async #problem(): Promise<string | undefined> {
    const up = this.nodes.filter(({ isUp }) => isUp);
    const ports = up.map(({ port }) => port);
    const views = await Promise.all(up.map(readClusterView));
    const layouts = views.map((view) => layoutOf(view, ports));
    for (const [index, { nodes, isOk, isLinked }] of views.entries()) {
      const url = up[index]!.url;
      const lost = nodes.filter(({ port, slots }) =>
        slots.length > 0 && !ports.includes(port)
      );
      const seen = nodes.filter(({ port, isInContact }) =>
        isInContact && ports.includes(port)
      );
      if (!isOk) return `${url} refuses commands`;
      if (!isLinked) return `${url} is not linked to its primary`;
      if (lost.length > 0) return `${url} misses ${lost[0]!.port}`;
      if (seen.length < up.length) return `${url} does not see all nodes`;
      if (layouts[index] !== layouts[0]) return `${url} sees other owners`;
    }
    return undefined;
  }

  #anyNode(): RedisServer {
    const node = this.nodes.find(({ isUp }) => isUp);
    if (node !== undefined) return node;
    throw new Error("Cannot ask the cluster: no node is up");
  }

  async #view(): Promise<readonly ClusterNode[]> {
    return (await readClusterView(this.#anyNode())).nodes;
  }

  #server(node: ClusterNode | undefined, what: string): RedisServer {
    const server = this.nodes.find(({ port }) => port === node?.port);
    if (server !== undefined) return server;
    throw new Error(`Cannot find the node of ${what}: not in the cluster`);
  }
}

/**
 * Moves one slot of a cluster step by step, so that a test can look in between.
 *
 * @module
 */

import { ask } from "./redis_cli.ts";
import type { RedisCluster } from "./redis_cluster.ts";
import type { RedisServer } from "./redis_server.ts";

const BATCH_SIZE = 100;
const TIMEOUT_MS = 5_000;

/**
 * A slot on its way: what is still there is served by the old primary, the rest
 * by the new one to those who ask first (ASK, ASKING); a command on keys of both
 * kinds gets TRYAGAIN.
 *
 * The steps are those of
 * {@link https://redis.io/docs/latest/commands/cluster-setslot/ | CLUSTER SETSLOT}.
 */
export class SlotMigration {
  readonly #cluster: RedisCluster;
  /** The slot. */
  readonly slot: number;
  /** The primary that holds it until the end. */
  readonly from: RedisServer;
  /** The primary that holds it from then on. */
  readonly to: RedisServer;

  private constructor(
    cluster: RedisCluster,
    slot: number,
    from: RedisServer,
    to: RedisServer,
  ) {
    this.#cluster = cluster;
    this.slot = slot;
    this.from = from;
    this.to = to;
  }

  /** Opens a slot on both primaries, and moves no key. */
  static async begin(
    cluster: RedisCluster,
    slot: number,
    to: RedisServer,
  ): Promise<SlotMigration> {
    const from = await cluster.primaryOfSlot(slot);
    const migration = new SlotMigration(cluster, slot, from, to);
    await migration.#set(to, "IMPORTING", await cluster.idOf(from));
    await migration.#set(from, "MIGRATING", await cluster.idOf(to));
    return migration;
  }

  /**
   * Moves keys of the slot.
   *
   * @throws {Error} when none of them is at the old primary
   */
  async migrateKeys(keys: readonly string[]): Promise<void> {
    const { host, port } = this.to;
    const command = ["MIGRATE", host, `${port}`, "", "0", `${TIMEOUT_MS}`];
    const [reply] = await ask(this.from, [...command, "KEYS", ...keys]);
    if (reply === "OK") return;
    throw new Error(`Cannot migrate ${keys.join(", ")}: ${reply}`);
  }

  /** Moves the other keys, closes the slot, and resolves when all nodes know. */
  async end(): Promise<void> {
    for (;;) {
      const keys = await this.#keysLeft();
      if (keys.length === 0) break;
      await this.migrateKeys(keys);
    }
    const id = await this.#cluster.idOf(this.to);
    // The new one first: otherwise, for a moment, none would hold the slot.
    const primaries = [this.to, this.from, ...await this.#cluster.primaries()];
    for (const primary of new Set(primaries)) {
      await this.#set(primary, "NODE", id);
    }
    await this.#cluster.waitUntilHealthy();
  }

  async #keysLeft(): Promise<string[]> {
    const command = ["CLUSTER", "GETKEYSINSLOT", `${this.slot}`];
    const [keys] = await ask(this.from, [...command, `${BATCH_SIZE}`]);
    return keys as string[];
  }

  async #set(server: RedisServer, state: string, id: string): Promise<void> {
    await ask(server, ["CLUSTER", "SETSLOT", `${this.slot}`, state, id]);
  }
}

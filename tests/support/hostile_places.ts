/**
 * Servers of one's own for hostile input: all that is on them can be looked at,
 * and removed.
 *
 * @module
 */

import {
  RedisAdapter,
  type RedisAdapterConfig,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import { connectCluster } from "./cluster_store.ts";
import { portray, textOf } from "./portrait.ts";
import { sharedRedisCluster } from "./shared_cluster.ts";
import type { TestBed, TestClient } from "./test_bed.ts";

/** Where hostile input goes to. */
export interface HostilePlace {
  /** What it is called in reports. */
  readonly name: string;
  /** Whether the keys of a session have a hash tag. */
  readonly isTagged: boolean;
  /** Whether the indexes lie in other slots than the sessions. */
  readonly isCluster: boolean;
  /** Opens an adapter. */
  open(
    options?: Pick<
      RedisAdapterConfig,
      "keyPrefix" | "ttlSeconds" | "onCorrupt"
    >,
  ): RedisAdapter;
  /** Sends a command to where the key lies. */
  send(...command: (string | Uint8Array)[]): Promise<unknown>;
  /** Returns all that is stored as one text. */
  read(): Promise<string>;
  /** Removes all that is stored. */
  clear(): Promise<void>;
}

/** Long: what is tried is large, and machines are slow. */
const TIMEOUT_MS = 120_000;

/** Starts a server. */
export async function hostileServer(
  bed: TestBed,
  hashTags: boolean,
): Promise<HostilePlace> {
  const redis = await bed.client((await bed.server()).url);
  const open: HostilePlace["open"] = (options) =>
    new RedisAdapter({
      client: redis,
      closeClient: false,
      timeoutMs: TIMEOUT_MS,
      hashTags,
      ...options,
    });
  return {
    name: hashTags ? "one server, hash tags" : "one server",
    isTagged: hashTags,
    isCluster: false,
    open,
    send: (...command) => redis.sendCommand(command.map(toBuffer)),
    ...lookAt([redis]),
  };
}

/** Takes the shared cluster, whose keys are all this file's own. */
export async function hostileCluster(bed: TestBed): Promise<HostilePlace> {
  const cluster = await sharedRedisCluster();
  const client = await connectCluster(bed, cluster);
  const primaries = await cluster.primaries();
  const nodes = await Promise.all(primaries.map(({ url }) => bed.client(url)));
  return {
    name: "a cluster",
    isTagged: true,
    isCluster: true,
    open: (options) =>
      new RedisAdapter({
        client: client as RedisClient,
        closeClient: false,
        timeoutMs: TIMEOUT_MS,
        ...options,
      }),
    send: (...command) => {
      const [, key = ""] = command;
      return client.sendCommand(toBuffer(key), false, command.map(toBuffer));
    },
    ...lookAt(nodes),
  };
}

function lookAt(
  nodes: readonly TestClient[],
): Pick<HostilePlace, "read" | "clear"> {
  return {
    read: async () => {
      const texts = nodes.map(async (redis) =>
        textOf(await portray({ redis, prefix: "" }))
      );
      return (await Promise.all(texts)).filter((text) => text !== "").join(
        "\n",
      );
    },
    clear: async () => {
      await Promise.all(nodes.map((redis) => redis.flushAll()));
    },
  };
}

function toBuffer(word: string | Uint8Array): Buffer {
  return Buffer.from(word as string);
}

/**
 * Connections that break while many writers expect the same version.
 */

import { assert } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import {
  createClient,
  createClientPool,
  createCluster,
  createSentinel,
} from "redis";
import {
  RedisAdapter,
  type RedisClient,
} from "@reaatech/session-continuity-storage-redis";
import { CuttingProxy, type Direction } from "../support/cutting_proxy.ts";
import { faultRounds } from "../support/fault_rounds.ts";
import { sharedRedisCluster } from "../support/shared_cluster.ts";
import { sharedRedisSentinel } from "../support/shared_sentinel.ts";
import { TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";
import { describeCounts, VersionLedger } from "../support/version_ledger.ts";

const WRITERS = 50;
const FAULTS = 10 * faultRounds();
/** Versions that are won between two faults, so that the next one meets writers again. */
const BETWEEN = 5;
const PATIENCE_MS = 60_000;
const RECONNECT_MS = 3;
/**
 * Where connections are cut: within some updates; or soon in their replies, of
 * which the first one is the winner's.
 */
const SPANS = { request: 20_000, reply: 100 };

/** Two applications, each connected by a way of its own, and what breaks the first. */
interface Lane {
  readonly clients: readonly RedisClient[];
  /** Breaks connections; resolves when they are broken. */
  readonly cut: (number: number) => Promise<void>;
}

describe("updateSession() that expects a version, while connections break", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());
  const socket = { reconnectStrategy: () => RECONNECT_MS };

  const lanes: Readonly<Record<string, () => Promise<Lane>>> = {
    "one client": async () =>
      await throughProxy(
        (await bed.server()).url,
        (url) => createClient({ url, socket }),
      ),
    "a pool": async () =>
      await throughProxy(
        (await bed.server()).url,
        (url) => createClientPool({ url, socket }, { minimum: 2, maximum: 5 }),
      ),
    "a cluster": async () => {
      const cluster = await sharedRedisCluster();
      const defaults = { socket };
      const client = createCluster({ rootNodes: cluster.rootNodes, defaults });
      const primaries = await cluster.primaries();
      const other = createCluster({ rootNodes: cluster.rootNodes, defaults });
      const urls = primaries.map(({ url }) => url);
      return await withKills([client, other], urls);
    },
    "a sentinel": async () => {
      const deployment = await sharedRedisSentinel();
      const { masterName: name, sentinelRootNodes } = deployment;
      const { host, port } = await deployment.primary();
      return await throughProxy(
        `redis://${host}:${port}`,
        (url) => {
          const way = { host: new URL(url).hostname, port: +new URL(url).port };
          const nodeAddressMap = { [`${host}:${port}`]: way };
          return createSentinel({ name, sentinelRootNodes, nodeAddressMap });
        },
      );
    },
  };

  for (const [name, connect] of Object.entries(lanes)) {
    it(`gives each version one writer, on ${name}`, async () => {
      const { clients, cut } = await connect();
      const keyPrefix = bed.prefix();
      const config = { keyPrefix, closeClient: false, timeoutMs: PATIENCE_MS };
      const storages = clients.map((client) =>
        new RedisAdapter({ client, ...config })
      );
      const storage = storages.at(-1)!;
      const ledger = new VersionLedger("s1");
      await ledger.create(storage);
      let isOver = false;
      const writers = Promise.all(
        Array.from({ length: WRITERS }, async (_, i) => {
          while (!isOver) await ledger.compete(storages[i % storages.length]!);
        }),
      );
      const advance = async () => {
        const wanted = ledger.won + BETWEEN;
        assert(await until(() => ledger.won >= wanted, PATIENCE_MS), "stuck");
      };
      try {
        for (let fault = 0; fault < FAULTS; fault++) {
          await advance();
          await cut(fault);
        }
        await advance();
      } finally {
        isOver = true;
        await writers;
      }
      const counts = ledger.audit((await storage.getSession("s1"))!);
      console.log(
        `${name}, ${FAULTS} faults of connections, ${WRITERS} writers, ${
          describeCounts(counts)
        }`,
      );
    });
  }

  /** Cuts the way of one connection, in the middle of what goes to the server, or back. */
  async function throughProxy(
    url: string,
    connect: (url: string) => Connectable,
  ): Promise<Lane> {
    const proxy = await openProxy(url);
    return {
      clients: [
        await open(connect(proxy.url)),
        // As far away, and never cut.
        await open(createClient({ url: (await openProxy(url)).url })),
      ],
      cut: async (number) => {
        const before = proxy.faults;
        const direction: Direction = number % 3 === 0 ? "request" : "reply";
        const afterBytes = 1 + Math.floor(Math.random() * SPANS[direction]);
        proxy.fuse.arm({ direction, afterBytes, kind: "cut" });
        assert(await until(() => proxy.faults > before, PATIENCE_MS), "no cut");
      },
    };
  }

  async function openProxy(url: string): Promise<CuttingProxy> {
    const proxy = await CuttingProxy.open(url);
    bed.defer(() => proxy[Symbol.asyncDispose]());
    return proxy;
  }

  /** Lets the servers end all connections of applications. */
  async function withKills(
    made: readonly Connectable[],
    urls: readonly string[],
  ): Promise<Lane> {
    const clients = await Promise.all(made.map(open));
    const admins = await Promise.all(urls.map((url) => bed.connect(url)));
    return {
      clients,
      cut: async () => {
        for (const admin of admins) {
          await admin.sendCommand([
            ...["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"],
          ]);
        }
      },
    };
  }

  async function open(client: Connectable): Promise<RedisClient> {
    client.on("error", () => {});
    await client.connect();
    bed.defer(() => client.isOpen && client.destroy());
    return client;
  }
});

/** What clients of all kinds have in common. */
type Connectable = RedisClient & {
  readonly isOpen: boolean;
  on(event: "error", listener: () => void): unknown;
  connect(): Promise<unknown>;
  destroy(): unknown;
};

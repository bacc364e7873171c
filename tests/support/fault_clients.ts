/**
 * Clients that reach their servers by way of proxies, and connect again at once.
 *
 * @module
 */

import {
  createClient,
  createClientPool,
  createCluster,
  createSentinel,
} from "redis";
import { createClient as createClient4 } from "redis4";
import { createClient as createClient5 } from "redis5";
import type { RedisClient } from "@reaatech/session-continuity-storage-redis";
import type { CuttingProxy } from "./cutting_proxy.ts";
import type { RedisSentinel } from "./redis_sentinel.ts";
import type { LaneClient, LaneConnect } from "./fault_lane.ts";

const reconnectStrategy = () => 3;

const optionsBy = (proxy: CuttingProxy | undefined) => ({
  url: proxy!.url, // A client of one server has one.
  socket: { reconnectStrategy },
});

/** Connects node-redis 6. */
export const connectClient: LaneConnect = async ([proxy]) => {
  const client = createClient(optionsBy(proxy));
  return await laneOf(client, {
    close: () => client.close(),
    end: () => client.destroy(),
  });
};

/** The other clients of one server. */
export const OTHER_CLIENTS: Readonly<Record<string, LaneConnect>> = {
  "node-redis 5": async ([proxy]) => {
    const client = createClient5(optionsBy(proxy));
    return await laneOf(client, {
      close: () => client.close(),
      end: () => client.destroy(),
    });
  },
  "node-redis 4": async ([proxy]) => {
    const client = createClient4(optionsBy(proxy));
    return await laneOf(client, {
      close: () => client.quit(),
      end: () => client.disconnect(),
    });
  },
  "a pool": async ([proxy]) => {
    // With several connections it would be chance which one breaks.
    const size = { minimum: 1, maximum: 1 };
    const pool = createClientPool({
      url: proxy!.url,
      socket: { reconnectStrategy },
    }, size);
    pool.on("error", ignore);
    await pool.connect();
    return {
      client: pool,
      isReady: () => answers(pool.ping()),
      close: () => pool.close(),
      end: () => pool.isOpen && pool.destroy(),
    };
  },
};

/** Connects a client of one server, which each version ends by other names. */
async function laneOf(
  client: RedisClient & {
    readonly isReady: boolean;
    readonly isOpen: boolean;
    on(event: "error", listener: () => void): unknown;
    connect(): Promise<unknown>;
    ping(): Promise<unknown>;
  },
  { close, end }: Pick<LaneClient, "close" | "end">,
): Promise<LaneClient> {
  client.on("error", ignore);
  await client.connect();
  return {
    client,
    isReady: async () => client.isReady && await answers(client.ping()),
    close,
    end: () => client.isOpen && end(),
  };
}

/** Returns what connects to the primary that sentinels name; they are asked directly. */
export function sentinelClient(
  { masterName: name, sentinelRootNodes }: RedisSentinel,
  primary: string,
): LaneConnect {
  return async ([proxy]) => {
    const client = createSentinel({
      ...{ name, sentinelRootNodes },
      nodeAddressMap: (address) =>
        primary.endsWith(address) ? addressOf(proxy!) : undefined,
      nodeClientOptions: { socket: { reconnectStrategy } },
    });
    client.on("error", ignore);
    await client.connect();
    return {
      client,
      isReady: () => answers(client.sendCommand(false, ["PING"])),
      close: () => client.close(),
      end: () => client.isOpen && client.destroy(),
    };
  };
}

/** Returns what connects to a cluster; each of its nodes, by their URLs, has its proxy. */
export function clusterClient(urls: readonly string[]): LaneConnect {
  return async (proxies) => {
    const client = createCluster({
      rootNodes: proxies.map(({ url }) => ({ url })),
      defaults: { socket: { reconnectStrategy } },
      nodeAddressMap: (address) =>
        addressOf(proxies[urls.findIndex((url) => url.endsWith(address))]!),
    });
    client.on("error", ignore);
    await client.connect();
    const pings = () =>
      client.masters.map(async (node) =>
        await answers((await client.nodeClient(node)).ping())
      );
    return {
      client: client as RedisClient,
      isReady: async () => {
        const answered = await Promise.all(pings()).catch(() => [false]);
        return answered.length > 0 && answered.every(Boolean);
      },
      close: () => client.close(),
      end: () => client.isOpen && client.destroy(),
    };
  };
}

function answers(ping: Promise<unknown>): Promise<boolean> {
  return ping.then(() => true, () => false);
}

function addressOf({ url }: CuttingProxy): { host: string; port: number } {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port) };
}

/** A client without a listener of errors would end the process with its first one. */
function ignore(): void {}

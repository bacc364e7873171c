/**
 * No outage, of whatever kind, is turned into an answer that looks like one, or
 * into a corrupt record.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { createClient } from "redis";
import {
  RedisAdapter,
  type RedisClient,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import {
  DEPENDENT_READS,
  DEPENDENT_WRITES,
  fillForBreaking,
} from "../support/broken_records.ts";
import { connectCluster } from "../support/cluster_store.ts";
import { CuttingProxy } from "../support/cutting_proxy.ts";
import { startRedisCluster } from "../support/redis_cluster.ts";
import type { RedisServer } from "../support/redis_server.ts";
import { TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const TIMEOUT_MS = 300;
const PATIENCE_MS = 20_000;
/** Enough, and slow enough, for all calls to be made while the server loads. */
const FILLER_KEYS = 10_000;
const SLOW_TO_LOAD = [
  ...["--key-load-delay", "2000"],
  ...["--loading-process-events-interval-bytes", "1024"],
];
const OUTAGE = ["unavailable", "timeout"];

/** What comes over a server that has data. */
interface Outage {
  readonly args?: readonly string[];
  /** Reasons that tell it. */
  readonly reasons?: readonly string[];
  /** Begins it; resolves to what has to end before the server does. */
  readonly begin: (on: Scene) => Promise<(() => unknown) | void>;
}

interface Scene {
  readonly server: RedisServer;
  readonly proxy: CuttingProxy;
  /** The client of the adapters, which reaches the server through the proxy. */
  readonly client: ReturnType<typeof makeClient>;
}

describe("an outage", () => {
  const bed = new TestBed();
  let calls = 0;
  afterAll(async () => {
    console.log(`${calls} calls in outages`);
    await bed.close();
  });

  const outages: Readonly<Record<string, Outage>> = {
    "a server that is gone": { begin: ({ server }) => server.kill("SIGKILL") },
    "a frozen server": {
      reasons: ["timeout"],
      begin: async ({ server }) => {
        await server.kill("SIGSTOP");
        return () => server.kill("SIGCONT");
      },
    },
    "a server that loads its data": {
      args: SLOW_TO_LOAD,
      begin: async ({ server, client }) => {
        const redis = await bed.client(server.url);
        await redis.mSet(
          Array.from(
            { length: FILLER_KEYS },
            (_, i): [string, string] => [`filler:${i}`, "text"],
          ),
        );
        await redis.sendCommand(["SAVE"]);
        // It is ended before it has loaded all.
        const restarting = server.restart().catch(() => {});
        const isLoading = () =>
          client.ping().then(() => false, (error) => /LOADING/.test(error));
        assert(await until(isLoading, PATIENCE_MS), "it does not load");
        return async () => {
          await server.kill("SIGKILL");
          await restarting;
        };
      },
    },
    "a server that wants a password": {
      // A client that may not introduce itself connects again and again.
      reasons: ["access-denied", ...OUTAGE],
      begin: async ({ server, client }) => {
        const admin = await bed.client(server.url);
        await admin.configSet("requirepass", "secret");
        await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal"]);
        const isOut = () =>
          client.ping().then(() => false, (error) => /NOAUTH/.test(error));
        assert(await until(isOut, PATIENCE_MS), "it lets anybody in");
      },
    },
    "a server that forbids all commands": {
      reasons: ["access-denied"],
      begin: async ({ server }) => {
        const admin = await bed.client(server.url);
        await admin.aclSetUser("admin", ["on", ">x", "~*", "+@all"]);
        await admin.aclSetUser("default", ["-@all", "+hello", "+client"]);
      },
    },
    "a client that is closed": {
      reasons: ["unavailable"],
      begin: async ({ client }) => await client.close(),
    },
    "a way that is silent": {
      reasons: ["timeout"],
      begin: ({ proxy }) => {
        proxy.fuse.arm({
          direction: "request",
          afterBytes: 1,
          kind: "silence",
        });
        return Promise.resolve();
      },
    },
    "a way that is gone": {
      begin: async ({ proxy }) => await proxy[Symbol.asyncDispose](),
    },
  };

  for (const [name, { args = [], reasons, begin }] of Object.entries(outages)) {
    it(`is an error of every call: ${name}`, async () => {
      const server = await bed.server(...args);
      const proxy = await CuttingProxy.open(server.url);
      const client = makeClient(proxy.url);
      client.on("error", () => {});
      await client.connect();
      bed.defer(() => client.isOpen && client.destroy());
      const patient = adaptersOn(client, PATIENCE_MS);
      await fillForBreaking(patient.strict);
      const whole = await makeCalls(patient, DEPENDENT_READS);
      for (const outcome of whole) assert("value" in outcome, outcome.about);
      const adapters = adaptersOn(client, TIMEOUT_MS);
      const end = await begin({ server, proxy, client });
      try {
        const outcomes = [
          ...await makeCalls(adapters, DEPENDENT_READS),
          ...await makeCalls(adapters, DEPENDENT_WRITES),
        ];
        for (const outcome of outcomes) {
          assertTold(outcome, reasons ?? OUTAGE);
        }
        assertEquals(adapters.reports, []);
        calls += outcomes.length;
      } finally {
        await end?.();
      }
    });
  }

  it("is an error of every call that needs the node of a cluster that is away", async () => {
    const cluster = await startRedisCluster();
    bed.defer(() => cluster[Symbol.asyncDispose]());
    const client = await connectCluster(bed, cluster);
    const keys = {
      "session": "session:{s1}",
      "by-created": "sessions:by-created",
      "by-activity": "sessions:by-activity",
      "by-expiry": "sessions:by-expiry",
      "by-deadline": "sessions:by-deadline",
      "user": "user:ada:sessions",
    };
    const patient = adaptersOn(client as RedisClient, PATIENCE_MS);
    await fillForBreaking(patient.strict);
    const whole = await makeCalls(patient, DEPENDENT_READS);
    for (const key of Object.values(keys)) {
      const adapters = adaptersOn(client as RedisClient, TIMEOUT_MS);
      const node = await cluster.primaryOf(key);
      await node.kill("SIGSTOP");
      const outcomes = await makeCalls(adapters, DEPENDENT_READS);
      await node.kill("SIGCONT");
      calls += outcomes.length;
      // The nodes of all that lies there, the order and the messages with their session.
      const away = new Set<string>();
      for (const [what, each] of Object.entries(keys)) {
        if (await cluster.primaryOf(each) === node) away.add(what);
      }
      if (away.has("session")) away.add("order").add("message");
      for (const [i, outcome] of outcomes.entries()) {
        const isNeeded = outcome.needs.some((what) => away.has(what));
        if (isNeeded || "error" in outcome) assertTold(outcome, OUTAGE);
        else assertEquals(outcome, whole[i]);
      }
      assertEquals(adapters.reports, []);
      const isBack = async () =>
        (await patient.strict.health()).status === "healthy";
      assert(await until(isBack, PATIENCE_MS), `${node.url} is not back`);
    }
    // No write to the session is a success without its node.
    const { "createSession()": _, ...writes } = DEPENDENT_WRITES;
    const adapters = adaptersOn(client as RedisClient, TIMEOUT_MS);
    const node = await cluster.primaryOf(keys.session);
    await node.kill("SIGSTOP");
    const outcomes = await makeCalls(adapters, writes);
    await node.kill("SIGCONT");
    calls += outcomes.length;
    for (const outcome of outcomes) assertTold(outcome, OUTAGE);
  });
});

function makeClient(url: string) {
  const socket = { reconnectStrategy: () => 3 };
  return createClient({ url, socket, RESP: 2 });
}

/** Adapters that have the same data. */
interface Adapters {
  readonly strict: RedisAdapter;
  /** One that is told of corrupt records, of which there are none. */
  readonly lenient: RedisAdapter;
  readonly refreshing: RedisAdapter;
  readonly reports: readonly StorageError[];
}

function adaptersOn(client: RedisClient, timeoutMs: number): Adapters {
  const config = { client, closeClient: false, ttlSeconds: 600, timeoutMs };
  const reports: StorageError[] = [];
  const onCorrupt = (error: StorageError) => reports.push(error);
  return {
    strict: new RedisAdapter(config),
    lenient: new RedisAdapter({ ...config, onCorrupt }),
    refreshing: new RedisAdapter({ ...config, refreshTtlOnRead: true }),
    reports,
  };
}

/** What came of a call. */
type Told =
  & { readonly about: string; readonly needs: readonly string[] }
  & ({ readonly value: unknown } | { readonly error: unknown });

/** Makes calls at once, on each adapter that can tell. */
async function makeCalls(
  { strict, lenient, refreshing }: Adapters,
  calls: Readonly<
    Record<string, {
      readonly run: (storage: RedisAdapter) => Promise<unknown>;
      readonly needs: readonly string[];
      readonly refreshes?: boolean;
    }>
  >,
): Promise<Told[]> {
  return await Promise.all(
    Object.entries(calls).flatMap(([name, { run, needs, refreshes }]) =>
      [refreshes ? refreshing : strict, lenient].map((storage, i) => {
        const about = i === 0 ? name : `${name}, with onCorrupt`;
        return run(storage).then(
          (value): Told => ({ about, needs, value }),
          (error: unknown): Told => ({ about, needs, error }),
        );
      })
    ),
  );
}

/** Fails unless a call failed for one of the reasons. */
function assertTold(outcome: Told, reasons: readonly string[]): void {
  const { about } = outcome;
  assert("error" in outcome, `${about}: ${JSON.stringify(outcome)}`);
  const { error } = outcome;
  assert(error instanceof StorageError, `${about}: ${error}`);
  assert(reasons.includes(error.reason), `${about}: ${error.reason} ${error}`);
  assert(error.cause !== undefined, about);
}

import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { createSentinel } from "redis";
import { isAlive } from "../support/is_alive.ts";
import { ask } from "../support/redis_cli.ts";
import {
  type RedisSentinel,
  startRedisSentinel,
} from "../support/redis_sentinel.ts";

async function connect({ masterName, sentinelRootNodes }: RedisSentinel) {
  const client = createSentinel({ name: masterName, sentinelRootNodes });
  client.on("error", () => {});
  await client.connect();
  return client;
}

describe("startRedisSentinel()", () => {
  let deployment: RedisSentinel;

  beforeAll(async () => {
    deployment = await startRedisSentinel();
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  it("writes to the primary that the sentinels name", async () => {
    const client = await connect(deployment);
    await client.set("key", "value");
    const primary = await deployment.primary();
    assertEquals(await ask(primary, ["GET", "key"]), ["value"]);
    await client.close();
  });

  it("makes a replica the primary when that is gone", async () => {
    const killed = await deployment.primary();
    await killed.kill("SIGKILL");
    const primary = await deployment.waitForPrimaryOtherThan(killed);
    assert(primary !== killed);
    assert(deployment.servers.includes(primary));
    assertEquals(await deployment.primary(), primary);
    const client = await connect(deployment);
    await client.set("key", "later value");
    // On a busy machine the sentinels may have changed their minds once more.
    const current = await deployment.primary();
    assert(current !== killed);
    assertEquals(await ask(current, ["GET", "key"]), ["later value"]);
    await client.close();
  });

  it("stops everything when it is disposed of", async () => {
    await deployment[Symbol.asyncDispose]();
    const { servers, sentinels } = deployment;
    assertEquals(servers.length + sentinels.length, 6);
    for (const { pid } of [...servers, ...sentinels]) assert(!isAlive(pid));
  });
});

/**
 * Servers that end, freeze, forget or refuse while many write to them.
 */

import { assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { LOAD_CLIENTS, StandingLoads } from "../support/standing_load.ts";
import { TestBed } from "../support/test_bed.ts";

/** Where servers do not answer for a while. */
const TIMEOUT_MS = 500;
/** What outlives the process that had it. */
const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];

describe("a load of creates, updates, appends and deletes", () => {
  const bed = new TestBed();
  const loads = new StandingLoads(bed);
  afterAll(async () => {
    console.log(loads.summary());
    await bed.close();
  });

  it("is all there after kills and restarts, as far as it was acknowledged", async () => {
    const server = await bed.server(...DURABLE);
    await loads.assertStands(server, async (load) => {
      await server.kill("SIGKILL");
      await load.fail(1);
      await server.restart();
    }, { timeoutMs: TIMEOUT_MS });
  });

  it("stands a server that freezes", async () => {
    const server = await bed.server();
    await loads.assertStands(server, async (load) => {
      await server.kill("SIGSTOP");
      await load.fail(LOAD_CLIENTS);
      await server.kill("SIGCONT");
    }, { timeoutMs: TIMEOUT_MS });
  });

  it("stands connections that the server ends", async () => {
    const server = await bed.server();
    const admin = await bed.connect(server.url);
    await loads.assertStands(server, async (load) => {
      const kills = 5;
      for (let kill = 0; kill < kills; kill++) {
        await load.advance(3);
        await admin.sendCommand([
          ...["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"],
        ]);
      }
      return kills * LOAD_CLIENTS;
    });
  });

  it("does not notice that the server forgets its scripts", async () => {
    const server = await bed.server();
    const admin = await bed.connect(server.url);
    const load = await loads.assertStands(server, async (load) => {
      const flushes = 10;
      for (let flush = 0; flush < flushes; flush++) {
        await admin.scriptFlush();
        await load.advance(2);
      }
      return flushes;
    }, { hasParts: true });
    assertEquals(load.failures, {});
  });

  it("is refused whole by a server that becomes a replica of nobody", async () => {
    const server = await bed.server();
    const admin = await bed.connect(server.url);
    const load = await loads.assertStands(server, async (load) => {
      await admin.sendCommand(["REPLICAOF", "127.0.0.1", "1"]);
      await load.fail(LOAD_CLIENTS);
      await admin.sendCommand(["REPLICAOF", "NO", "ONE"]);
    }, { isRefusal: ({ message }) => message.includes("READONLY") });
    assertEquals(Object.keys(load.failures), ["unavailable"]);
  });

  it("is refused whole by a server without memory", async () => {
    const server = await bed.server("--maxmemory-policy", "noeviction");
    const admin = await bed.connect(server.url);
    const load = await loads.assertStands(server, async (load) => {
      await admin.configSet("maxmemory", "1");
      await load.fail(LOAD_CLIENTS);
      await admin.configSet("maxmemory", "0");
    }, {
      ...{ isRefusal: ({ reason }) => reason === "out-of-memory" },
      hasParts: true,
    });
    assertEquals(Object.keys(load.failures), ["out-of-memory"]);
  });
});

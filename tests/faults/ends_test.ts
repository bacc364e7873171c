/**
 * Connections that break while an adapter is asked how it is, or is closed.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import type { Direction } from "../support/cutting_proxy.ts";
import { FaultLane } from "../support/fault_lane.ts";
import { spread } from "../support/fault_rounds.ts";
import { newMessage, newSession } from "../support/records.ts";
import { TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const TIMEOUT_MS = 3_000;
const SHORT_TIMEOUT_MS = 100;
const MARGIN_MS = 5_000;
const PATIENCE_MS = 20_000;
const PLACES = 6;
const DIRECTIONS: readonly Direction[] = ["request", "reply"];

describe("health()", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("tells of a connection that is cut anywhere, and that it is back", async () => {
    const { url } = await bed.server();
    const lane = await FaultLane.open(bed, [url]);
    const storage = lane.adapter(bed.prefix(), { timeoutMs: TIMEOUT_MS });
    lane.fuse.arm();
    assertEquals((await storage.health()).status, "healthy");
    const { carried } = lane.fuse;
    let calls = 0;
    for (const direction of DIRECTIONS) {
      for (let n = 0; n <= carried[direction]; n++) {
        await lane.calm();
        lane.fuse.arm({ direction, afterBytes: n, kind: "cut" });
        const { status, details } = await storage.health();
        calls++;
        if (status === "healthy") continue;
        assertEquals(status, "unhealthy");
        assertStringIncludes(String(details?.["error"]), "Cannot reach");
        assert(/unavailable|timeout/.test(String(details?.["reason"])));
      }
    }
    await lane.calm();
    assertEquals((await storage.health()).status, "healthy");
    console.log(`${lane.fuse.faults} faults of connections in ${calls} PINGs`);
  });

  it("tells in time of a connection that is silent", async () => {
    const { url } = await bed.server();
    const lane = await FaultLane.open(bed, [url]);
    const storage = lane.adapter(bed.prefix(), {
      timeoutMs: SHORT_TIMEOUT_MS,
    });
    for (const direction of DIRECTIONS) {
      await lane.calm();
      lane.fuse.arm({ direction, afterBytes: 1, kind: "silence" });
      const start = performance.now();
      const { status, details } = await storage.health();
      assert(performance.now() - start < SHORT_TIMEOUT_MS + MARGIN_MS);
      assertEquals([status, details?.["reason"]], ["unhealthy", "timeout"]);
    }
    await lane.calm();
    const isBack = async () => (await storage.health()).status === "healthy";
    assert(await until(isBack, PATIENCE_MS));
  });
});

describe("close()", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("ends when the connection of a call under way breaks", async () => {
    const { url } = await bed.server();
    const { storage: other, prefix } = await bed.open({ url });
    await other.createSession(newSession({ id: "s1" }));
    await other.addMessage("s1", newMessage());
    const sizes = await measureAppend(url, prefix);
    for (const kind of ["cut", "silence"] as const) {
      for (const direction of DIRECTIONS) {
        const places = spread(sizes[direction], PLACES);
        await Promise.all(places.map(async (afterBytes) => {
          const about = `${kind} after ${afterBytes} of the ${direction}`;
          await using lane = await FaultLane.open(bed, [url]);
          const storage = lane.adapter(prefix, {
            ...{ timeoutMs: SHORT_TIMEOUT_MS, closeClient: true },
          });
          lane.fuse.arm({ direction, afterBytes, kind });
          const id = crypto.randomUUID();
          const append = storage.addMessage("s1", newMessage("Hi", { id }))
            .then((message) => message, (error: unknown) => error);
          const start = performance.now();
          // The client can be gone already; then that is what close() wants.
          await storage.close();
          const tookMs = performance.now() - start;
          assert(tookMs < 2 * SHORT_TIMEOUT_MS + MARGIN_MS, about);
          const outcome = await append;
          if (outcome instanceof StorageError) {
            assert(/unavailable|timeout/.test(outcome.reason), `${outcome}`);
            await other.addMessage("s1", newMessage("Hi", { id }));
          }
          const found = await other.getMessage("s1", id);
          assertEquals(found?.content, "Hi", about);
        }));
      }
    }
    const messages = await other.getMessages("s1");
    const places = DIRECTIONS.flatMap((each) => spread(sizes[each], PLACES));
    assertEquals(messages.length, 1 + 2 * places.length);
    const sequences = messages.map(({ sequence }) => sequence);
    assertEquals(sequences, messages.map((_, i) => i + 1));
  });

  async function measureAppend(url: string, prefix: string) {
    await using lane = await FaultLane.open(bed, [url]);
    const storage = lane.adapter(`${prefix}other:`, {
      timeoutMs: TIMEOUT_MS,
    });
    await storage.createSession(newSession({ id: "s1" }));
    lane.fuse.arm();
    const id = crypto.randomUUID();
    await storage.addMessage("s1", newMessage("Hi", { id }));
    return lane.fuse.carried;
  }
});

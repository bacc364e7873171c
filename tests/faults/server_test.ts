/**
 * Servers that freeze, load or cannot save: every call on its own.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { StorageError } from "@reaatech/session-continuity-storage-redis";
import { FAULT_WRITES } from "../support/fault_calls.ts";
import { FaultLane } from "../support/fault_lane.ts";
import { faultServer } from "../support/fault_place.ts";
import { FaultTrials } from "../support/fault_trial.ts";
import { portray, textOf } from "../support/portrait.ts";
import { newMessage } from "../support/records.ts";
import { assertFails, fill, READS } from "../support/sample_calls.ts";
import { hasSortRo } from "../support/server_facts.ts";
import { TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const SHORT_TIMEOUT_MS = 80;
const PATIENCE_MS = 20_000;
const FILLER_KEYS = 400;
/** It loads a key in so many microseconds, and answers meanwhile. */
const SLOW_TO_LOAD = [
  ...["--key-load-delay", "2000"],
  ...["--loading-process-events-interval-bytes", "1024"],
];

describe("a server", () => {
  const bed = new TestBed();
  const counts = { frozen: 0, refused: 0, loading: 0 };
  afterAll(async () => {
    const { frozen, refused, loading } = counts;
    console.log(
      `${frozen} freezes of a server in as many calls; ${refused} writes without a disk; ${loading} calls while it loaded`,
    );
    await bed.close();
  });

  it("that cannot save refuses writes whole, and answers reads", async () => {
    const { url } = await bed.server();
    // Older servers do not know the setting, and do not need it.
    const isProtected = await hasSortRo(await bed.client(url));
    const server = await bed.server(
      ...(isProtected ? ["--enable-protected-configs", "yes"] : []),
    );
    const store = await bed.open({
      ...{ url: server.url, ttlSeconds: 3600, refreshTtlOnRead: true },
    });
    const { storage, redis } = store;
    await fill(storage);
    await redis.configSet({ dir: "/proc", save: "3600 1" });
    await redis.sendCommand(["BGSAVE"]);
    const hasFailed = async () =>
      (await redis.info("persistence")).includes("rdb_last_bgsave_status:err");
    assert(await until(hasFailed, PATIENCE_MS));
    const before = textOf(await portray(store));
    for (const [name, { run }] of Object.entries(FAULT_WRITES)) {
      const { message } = await assertFails(
        () => run(storage),
        ["unavailable"],
        name,
      );
      assertStringIncludes(message, "MISCONF");
      counts.refused++;
    }
    assertEquals(textOf(await portray(store)), before);
    for (const [name, read] of Object.entries(READS)) {
      assert(await read(storage), name);
    }
    assertEquals(textOf(await portray(store)), before);
    await redis.configSet("stop-writes-on-bgsave-error", "no");
    await storage.addMessage("s1", newMessage());
    assertEquals(await storage.countMessages("s1"), 3);
    // Otherwise it would not end before it has saved.
    await redis.configSet("save", "");
  });

  it("that freezes lets each call end, and does once what it was asked", async () => {
    const server = await bed.server();
    const lane = await FaultLane.open(bed, [server.url]);
    const trials = new FaultTrials(faultServer(bed, server.url));
    for (const [name, call] of Object.entries(FAULT_WRITES)) {
      const usual = await trials.measure(lane, call);
      const trial = await trials.assertSurvives(lane, call, usual, {
        ...{ about: `${name} of a frozen server`, timeoutMs: SHORT_TIMEOUT_MS },
        begin: () => server.kill("SIGSTOP"),
        end: () => server.kill("SIGCONT"),
      });
      assertEquals(trial, { told: "timeout", isDone: true }, name);
      counts.frozen++;
    }
  });

  it("that loads its data does not answer as if there were none", async () => {
    const server = await bed.server(...SLOW_TO_LOAD);
    // It connects again at once.
    const lane = await FaultLane.open(bed, [server.url]);
    const storage = lane.adapter(bed.prefix(), {});
    await fill(storage);
    const redis = await bed.client(server.url);
    const filler = Array.from({ length: FILLER_KEYS }, (_, i) => `filler:${i}`);
    await redis.mSet(filler.map((key): [string, string] => [key, key]));
    const read = () => storage.getMessages("s1");
    const messages = await read();
    await redis.sendCommand(["SAVE"]);
    const restarting = server.restart();
    const seen = new Set<string>();
    let isOver = false;
    const reading = until(async () => {
      const health = await storage.health();
      counts.loading++;
      const found = await read().catch((error: StorageError) => error);
      if (Array.isArray(found)) assertEquals(found, messages);
      else {
        assert(["unavailable", "timeout"].includes(found.reason), `${found}`);
        if (found.message.includes("LOADING")) seen.add("LOADING");
      }
      const { error } = health.details ?? {};
      if (String(error).includes("LOADING")) seen.add("LOADING");
      seen.add(health.status);
      return isOver;
    }, PATIENCE_MS);
    await restarting;
    isOver = true;
    assert(await reading);
    assert(seen.has("LOADING") && seen.has("unhealthy"), [...seen].join());
    const isBack = () => read().then(() => true, () => false);
    assert(await until(isBack, PATIENCE_MS));
    assertEquals(await read(), messages);
  });
});

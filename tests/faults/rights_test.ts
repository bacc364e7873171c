/**
 * Passwords, users and rights that are taken away under a load, and given back.
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import type { StorageError } from "@reaatech/session-continuity-storage-redis";
import { LOAD_CLIENTS, StandingLoads } from "../support/standing_load.ts";
import { TestBed } from "../support/test_bed.ts";
import { until } from "../support/until.ts";

const TIMEOUT_MS = 500;
const PATIENCE_MS = 20_000;
const WORKER = { username: "worker", password: "x" };
const RIGHTS = ["on", ">x", "~*", "&*", "+@all"];

/** What takes a user's rights away, so that each call is refused as a whole, and what gives them back. */
const RULES: Readonly<Record<string, readonly [string[], string[]]>> = {
  "the command": [["-evalsha", "-eval"], ["+evalsha", "+eval"]],
  "the keys": [["resetkeys"], ["~*"]],
};

/** A refusal of a whole command, and of its only attempt; others say so. */
const isRefusal = ({ reason, message }: StorageError) =>
  reason === "access-denied" && !/script|may be carried out/.test(message);

describe("a load whose rights are taken away", () => {
  const bed = new TestBed();
  const loads = new StandingLoads(bed);
  afterAll(async () => {
    console.log(loads.summary());
    await bed.close();
  });

  for (const [name, [take, give]] of Object.entries(RULES)) {
    it(`is refused whole, and goes on when they are back: ${name}`, async () => {
      const server = await bed.server();
      const admin = await bed.connect(server.url);
      await admin.aclSetUser("worker", RIGHTS);
      const load = await loads.assertStands(server, async (load) => {
        const times = 5;
        for (let time = 0; time < times; time++) {
          await admin.aclSetUser("worker", take);
          await load.fail(LOAD_CLIENTS);
          await admin.aclSetUser("worker", give);
          await load.advance(2);
        }
        return times;
      }, { connect: () => bed.connect(server.url, WORKER), isRefusal });
      assertEquals(Object.keys(load.failures), ["access-denied"]);
    });
  }

  it("with its user fails, and goes on when there is one again", async () => {
    const server = await bed.server();
    const admin = await bed.connect(server.url);
    await admin.aclSetUser("worker", RIGHTS);
    const load = await loads.assertStands(server, async (load) => {
      // That ends the connections of the user, too.
      await admin.aclDelUser("worker");
      await load.fail(LOAD_CLIENTS);
      await admin.aclSetUser("worker", RIGHTS);
    }, {
      connect: () => bed.connect(server.url, WORKER),
      ...{ timeoutMs: TIMEOUT_MS, isRefusal },
    });
    assert(load.failed > 0);
  });

  it("by a new password fails, and goes on when the old one is back", async () => {
    const server = await bed.server();
    const admin = await bed.connect(server.url);
    const load = await loads.assertStands(server, async (load) => {
      await admin.configSet("requirepass", "new");
      await admin.sendCommand([
        ...["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"],
      ]);
      // First they lose their connections, which fails in other ways.
      const isDenied = () => load.failures["access-denied"]! > 0;
      assert(await until(isDenied, PATIENCE_MS), load.summary());
      await load.fail(LOAD_CLIENTS);
      await admin.configSet("requirepass", "");
    }, {
      // Version 3 says HELLO, which fails; version 2 is let in, and refused then.
      connect: (index) =>
        bed.connect(server.url, { RESP: index % 2 === 0 ? 3 : 2 }),
      ...{ timeoutMs: TIMEOUT_MS, isRefusal },
    });
    assert(load.failures["access-denied"]! > 0, load.summary());
  });
});

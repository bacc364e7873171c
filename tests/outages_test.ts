import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { createClient } from "redis";
import { assertAllFail, failure } from "./support/outage.ts";
import { newMessage, newSession } from "./support/records.ts";
import { TestBed } from "./support/test_bed.ts";
import { until } from "./support/until.ts";

const TIMEOUT_MS = 200;
const PATIENCE_MS = 20_000;

describe("an outage", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("of a server that was stopped is an error, and over when it is back", async () => {
    const server = await bed.server();
    const { storage } = await bed.open({
      url: server.url,
      timeoutMs: TIMEOUT_MS,
    });
    await storage.createSession(newSession({ id: "s1" }));
    await server.stop();
    await assertAllFail(storage, ["unavailable", "timeout"]);
    await server.restart();
    const isBack = async () => (await storage.health()).status === "healthy";
    assert(await until(isBack, PATIENCE_MS));
    // It keeps nothing on disk.
    assertEquals(await storage.getSession("s1"), null);
  });

  it("of a frozen server ends each call, and is over when it goes on", async () => {
    const server = await bed.server();
    const { storage } = await bed.open({
      url: server.url,
      timeoutMs: TIMEOUT_MS,
    });
    await storage.createSession(newSession({ id: "s1" }));
    await server.kill("SIGSTOP");
    try {
      await assertAllFail(storage, ["timeout"]);
      const error = await failure(() => storage.getSession("s1"));
      assertStringIncludes(error.message, `within ${TIMEOUT_MS} ms`);
    } finally {
      await server.kill("SIGCONT");
    }
    const isBack = async () => (await storage.health()).status === "healthy";
    assert(await until(isBack, PATIENCE_MS));
    assertEquals((await storage.getSession("s1"))?.id, "s1");
  });

  it("is a timeout where the client gives up first", async () => {
    const server = await bed.server();
    const client = createClient({
      url: server.url,
      commandOptions: { timeout: 50 },
    });
    client.on("error", () => {});
    await client.connect();
    bed.defer(() => client.isOpen && client.destroy());
    const { storage } = await bed.open({ client, timeoutMs: 3_600_000 });
    await server.stop();
    const isGone = () => !client.isReady;
    assert(await until(isGone, PATIENCE_MS));
    await assertAllFail(storage, ["timeout"]);
  });

  it("carries the ids with which an append can be repeated", async () => {
    const server = await bed.server();
    const { storage } = await bed.open({
      url: server.url,
      timeoutMs: TIMEOUT_MS,
    });
    await storage.createSession(newSession({ id: "s1" }));
    await server.kill("SIGSTOP");
    const one = await failure(() => storage.addMessage("s1", newMessage("1")));
    const two = await failure(() =>
      storage.addMessages("s1", [
        newMessage("2"),
        newMessage("3", { id: "mine" }),
      ])
    );
    await server.kill("SIGCONT");
    assertEquals(one.ids?.length, 1);
    assertEquals([two.ids?.length, two.ids?.[1]], [2, "mine"]);
    const send = async () => {
      const [first] = one.ids!;
      const [second, third] = two.ids!;
      await storage.addMessage("s1", newMessage("1", { id: first! }));
      await storage.addMessages("s1", [
        newMessage("2", { id: second! }),
        newMessage("3", { id: third! }),
      ]);
    };
    const isSent = () => send().then(() => true, () => false);
    assert(await until(isSent, PATIENCE_MS));
    const messages = await storage.getMessages("s1");
    assertEquals(messages.map(({ content }) => content), ["1", "2", "3"]);
    assertEquals(messages.map(({ sequence }) => sequence), [1, 2, 3]);
    assertEquals(messages.map(({ id }) => id), [...one.ids!, ...two.ids!]);
  });

  it("carries the id of a create, which is there once", async () => {
    const server = await bed.server();
    const { storage } = await bed.open({
      url: server.url,
      timeoutMs: TIMEOUT_MS,
    });
    await server.kill("SIGSTOP");
    const made = await failure(() => storage.createSession(newSession()));
    const kept = await failure(() =>
      storage.createSession(newSession({ id: "mine" }))
    );
    await server.kill("SIGCONT");
    assertEquals([made.ids?.length, kept.ids], [1, ["mine"]]);
    const [id] = made.ids!;
    const isThere = () =>
      storage.createSession(newSession({ id: id! })).then(
        () => true,
        (error) => error.reason === "already-exists",
      );
    assert(await until(isThere, PATIENCE_MS));
    const sessions = await storage.listSessions();
    assertEquals(sessions.filter((session) => session.id === id).length, 1);
  });

  it("of a connection that breaks is an error with ids", async () => {
    const { url } = await bed.server();
    const admin = await bed.connect(url);
    const { storage, redis } = await bed.open({ url, retries: 0 });
    await storage.createSession(newSession({ id: "s1" }));
    await storage.addMessage("s1", newMessage("1"));
    const connection = String(await redis.clientId());
    await admin.sendCommand(["CLIENT", "PAUSE", "60000", "WRITE"]);
    const append = failure(() => storage.addMessage("s1", newMessage("2")));
    const create = failure(() => storage.createSession(newSession()));
    const update = failure(() => storage.updateSession("s1", {}));
    const list = failure(() => storage.listSessions());
    const isBlocked = async () =>
      (await admin.info("clients")).includes("blocked_clients:1");
    assert(await until(isBlocked, PATIENCE_MS));
    await admin.sendCommand(["CLIENT", "KILL", "ID", connection]);
    await admin.sendCommand(["CLIENT", "UNPAUSE"]);
    const { reason, ids } = await append;
    assertEquals(reason, "unavailable");
    assertEquals((await create).ids?.length, 1);
    assertEquals([(await update).reason, (await update).ids], [
      "unavailable",
      undefined,
    ]);
    assertEquals((await list).reason, "unavailable");
    const message = await storage.addMessage(
      "s1",
      newMessage("2", { id: ids![0]! }),
    );
    assertEquals(message.sequence, 2);
    assertEquals(await storage.countMessages("s1"), 2);
  });

  it("is an error where the client takes no more", async () => {
    const { url } = await bed.server();
    const admin = await bed.connect(url);
    const client = createClient({ url, commandsQueueMaxLength: 4 });
    client.on("error", () => {});
    await client.connect();
    bed.defer(() => client.destroy());
    const { storage } = await bed.open({ url, client });
    const calls = Array.from(
      { length: 50 },
      () => storage.getSession("s1").then(() => null, (error) => error),
    );
    const errors = (await Promise.all(calls)).filter((error) => error !== null);
    assert(errors.length > 0);
    for (const error of errors) {
      assertEquals(error.reason, "unavailable", error.message);
    }
    assertEquals(await admin.ping(), "PONG");
  });

  it("is an error also where nothing is asked for", async () => {
    const client = await bed.connect((await bed.server()).url);
    const { storage } = await bed.open({ client });
    const calls = [
      () => storage.getMessages("s1", { limit: 0 }),
      () => storage.listSessions({ limit: 0 }),
      () => storage.addMessages("s1", []),
    ];
    assertEquals(await calls[0]!(), []);
    client.destroy();
    for (const call of calls) {
      assertEquals((await failure(call)).reason, "unavailable");
    }
  });

  it("of a server that is busy with a script is an error", async () => {
    const { url } = await bed.server("--lua-time-limit", "20");
    const admin = await bed.connect(url);
    const { storage } = await bed.open({ url });
    await storage.createSession(newSession({ id: "s1" }));
    const loop = admin.eval("while true do end").catch((error) => error);
    const isBusy = () =>
      storage.getSession("s1").then(
        () => false,
        (error) => error.reason === "unavailable",
      );
    assert(await until(isBusy, PATIENCE_MS));
    await assertAllFail(storage, ["unavailable"]);
    const killer = await bed.connect(url, { RESP: 2 });
    await killer.scriptKill();
    await loop;
    const isBack = () => storage.getSession("s1").then(() => true, () => false);
    assert(await until(isBack, PATIENCE_MS));
  });
});

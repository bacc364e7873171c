import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isAlive } from "./support/is_alive.ts";
import { LocalRedisServer } from "./support/local_redis_server.ts";
import { answersPing } from "./support/ports.ts";
import { findRedisPrograms } from "./support/redis_programs.ts";
import { startRedisServer } from "./support/redis_server.ts";

describe("startRedisServer()", () => {
  it("starts servers at the same time", async () => {
    const starting = [startRedisServer(), startRedisServer()] as const;
    await using first = await starting[0];
    await using second = await starting[1];
    assert(first.port !== second.port);
    assert(await answersPing(first.port));
    assert(await answersPing(second.port));
  });

  it("stops a server when it is disposed of", async () => {
    const server = await startRedisServer();
    assert(isAlive(server.pid));
    await server[Symbol.asyncDispose]();
    assert(!isAlive(server.pid));
    assert(!await answersPing(server.port));
  });

  it("restarts a server that was killed", async () => {
    await using server = await startRedisServer();
    const { pid, port } = server;
    await server.kill("SIGKILL");
    assert(!await answersPing(port));
    assert(!server.isUp);
    await server.restart();
    assert(server.isUp);
    assert(server.pid !== pid);
    assertEquals(server.port, port);
    assert(await answersPing(port));
  });

  it("stops a server that is frozen", async () => {
    await using server = await startRedisServer();
    await server.kill("SIGSTOP");
    assert(!server.isUp);
    await server.stop();
    assert(!isAlive(server.pid));
  });

  it("takes no other server's answer for its own", async () => {
    await using other = await startRedisServer();
    const server = LocalRedisServer.prepare({
      programs: await findRedisPrograms(),
      port: other.port,
      args: [],
      sentinelConfig: undefined,
    });
    try {
      await assertRejects(
        () => server.restart(),
        Error,
        "Address already in use",
      );
    } finally {
      await server[Symbol.asyncDispose]();
    }
    assert(await answersPing(other.port));
  });

  it("rejects with the server's log when the server does not start", async () => {
    await assertRejects(
      () => startRedisServer({ args: ["--no-such-option", "yes"] }),
      Error,
      "no-such-option",
    );
  });
});

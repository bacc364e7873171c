/**
 * Finds free ports, and tells when a Redis server answers on one.
 *
 * @module
 */

import { once } from "node:events";
import { connect, createServer } from "node:net";

const HIGHEST_PORT = 65_535;
/** How far above its port a node of a cluster listens to the other nodes. */
const BUS_OFFSET = 10_000;

/** Returns a port of the loopback interface that nothing listens on. */
export function freePort(): Promise<number> {
  return listenBriefly(0);
}

/**
 * Returns a free port for a node of a cluster: the port of its bus is free too.
 * That one stays where it is by default: cluster-port is new in Redis 7.0.
 */
export async function freeClusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const busPort = port + BUS_OFFSET;
    if (busPort <= HIGHEST_PORT && await isFree(busPort)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return listenBriefly(port).then(() => true, () => false);
}

/** Listens on a port, or on any that is free if it is 0, and returns which. */
async function listenBriefly(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error(`Cannot find a free port: listening on ${address}`);
}

/**
 * Tells whether a server of Redis answers on a port of the loopback interface.
 * One that is loading its data does not count, one that wants a password does.
 */
export function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once("connect", () => socket.write("PING\r\n"));
    socket.once("data", (data) => settle(/^(\+PONG|-NOAUTH)/.test(`${data}`)));
    socket.once("error", () => settle(false));
    socket.once("close", () => settle(false));
  });
}

/**
 * Finds free ports, and tells when a Redis server answers on one.
 *
 * @module
 */

import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Returns a port of the loopback interface that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
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

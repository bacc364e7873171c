/**
 * A network between client and server where there is none.
 *
 * @module
 */

import { once } from "node:events";
import {
  type AddressInfo,
  connect,
  createServer,
  type Server,
  type Socket,
} from "node:net";

const HOST = "127.0.0.1";

/** A way to a server on which everything takes longer. Disposing of it closes it. */
export interface SlowLink extends AsyncDisposable {
  /** The URL of the server by this way. */
  readonly url: string;
}

/**
 * Opens a way to a server that holds back all it carries, in both directions.
 *
 * @param url the server's own URL
 * @param delayMs how long, in milliseconds
 */
export async function openSlowLink(
  url: string,
  delayMs: number,
): Promise<SlowLink> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port || 6379), target.hostname);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      // Timers of one length end in the order in which they began.
      from.on("data", (data) => setTimeout(() => to.write(data), delayMs));
      from.on("close", () => {
        sockets.delete(from);
        // The end has to come after what was carried before it.
        setTimeout(() => to.end(), delayMs);
      });
      from.on("error", () => to.destroy());
    }
  });
  server.listen(0, HOST);
  await once(server, "listening");
  const slow = new URL(url);
  slow.hostname = HOST;
  slow.port = String((server.address() as AddressInfo).port);
  return {
    url: slow.href,
    [Symbol.asyncDispose]: () => close(server, sockets),
  };
}

async function close(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
}

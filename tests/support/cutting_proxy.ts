/**
 * A way to a server that breaks where a test wants it to.
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

/** Which way bytes go: to the server, or back. */
export type Direction = "request" | "reply";

/** What befalls one connection, once. */
export interface LinkFault {
  /** The bytes that count. */
  readonly direction: Direction;
  /** How many of them still pass. */
  readonly afterBytes: number;
  /**
   * "cut": the connection ends, and the client can connect again; "silence": it
   * stays, and nothing passes any more, either way.
   */
  readonly kind: "cut" | "silence";
  /** Whether what comes together passes as a whole or not at all. @default false */
  readonly isWhole?: boolean;
}

/** Counts what passes, and says where a fault comes; proxies can share one. */
export class Fuse {
  readonly #carried = { request: 0, reply: 0 };
  #armed: LinkFault | undefined;
  #faults = 0;

  /** How many bytes came since the last call of {@linkcode arm}. */
  get carried(): Readonly<Record<Direction, number>> {
    return { ...this.#carried };
  }

  /** How many faults have come to pass. */
  get faults(): number {
    return this.#faults;
  }

  /** Begins to count, and to wait for the moment of a fault; undefined: none. */
  arm(fault?: LinkFault): void {
    this.#armed = fault;
    this.#carried.request = 0;
    this.#carried.reply = 0;
  }

  /** Takes down that bytes come; returns the fault that is due, and how many of them still pass. */
  burn(
    direction: Direction,
    bytes: number,
  ): { readonly fault: LinkFault; readonly room: number } | undefined {
    const fault = this.#armed;
    const carried = this.#carried[direction];
    this.#carried[direction] += bytes;
    if (fault?.direction !== direction) return undefined;
    const room = fault.afterBytes - carried;
    if (bytes < room) return undefined;
    this.#armed = undefined;
    this.#faults++;
    return { fault, room };
  }
}

interface Link {
  /** What the client holds. */
  readonly near: Socket;
  /** What the server holds. */
  readonly far: Socket;
  /** What is held back, in its order. */
  readonly waiting: Readonly<Record<Direction, (() => void)[]>>;
  isBroken: boolean;
}

/** A proxy on the loopback interface. Disposing of it closes it. */
export class CuttingProxy implements AsyncDisposable {
  /** The URL of the server by this way. */
  readonly url: string;
  /** What says where it breaks. */
  readonly fuse: Fuse;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #delays = { request: 0, reply: 0 };
  #faults = 0;

  private constructor(url: string, server: Server, fuse: Fuse) {
    this.url = url;
    this.#server = server;
    this.fuse = fuse;
  }

  /**
   * Opens a way to a server, which carries everything until it is told otherwise.
   *
   * @param url the server's own URL
   * @param fuse its own, unless other proxies have it, too
   */
  static async open(url: string, fuse = new Fuse()): Promise<CuttingProxy> {
    const { hostname, port } = new URL(url);
    const server = createServer();
    server.listen(0, HOST);
    await once(server, "listening");
    const own = new URL(url);
    own.hostname = HOST;
    own.port = String((server.address() as AddressInfo).port);
    const proxy = new CuttingProxy(own.href, server, fuse);
    server.on("connection", (near) => {
      proxy.#join(near, connect(Number(port || 6379), hostname));
    });
    return proxy;
  }

  /** How many faults have come to pass here. */
  get faults(): number {
    return this.#faults;
  }

  /** Holds back what goes one way from now on, by so many milliseconds. */
  delay(direction: Direction, ms: number): void {
    this.#delays[direction] = ms;
  }

  /** Ends every connection that is broken; the server gets what was carried before. */
  hangUp(): void {
    for (const { near, far, isBroken } of this.#links) {
      if (!isBroken) continue;
      near.end();
      far.end();
    }
  }

  /** Whether the server has done with all connections that are broken. */
  get isCalm(): boolean {
    return [...this.#links].every((link) => !link.isBroken);
  }

  /** Whether nobody is connected, and the server has done with all who were. */
  get isDeserted(): boolean {
    return this.#links.size === 0;
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { near, far } of this.#links) {
      near.destroy();
      far.destroy();
    }
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(near: Socket, far: Socket): void {
    const link: Link = {
      ...{ near, far, isBroken: false },
      waiting: { request: [], reply: [] },
    };
    this.#links.add(link);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
    }
    near.on("data", (data) => this.#carry(link, "request", data));
    far.on("data", (data) => this.#carry(link, "reply", data));
    // The end has to come after what was carried before it.
    near.on("close", () => {
      if (!link.isBroken) this.#after(link, "request", () => far.end());
    });
    far.on("close", () => {
      this.#links.delete(link);
      this.#after(link, "reply", () => near.end());
    });
  }

  #carry(link: Link, direction: Direction, data: Uint8Array): void {
    if (link.isBroken) return;
    const { near, far } = link;
    const to = direction === "request" ? far : near;
    const due = this.fuse.burn(direction, data.length);
    if (due === undefined) {
      this.#after(link, direction, () => to.write(data));
      return;
    }
    const { fault, room } = due;
    this.#faults++;
    link.isBroken = true;
    const passing = fault.isWhole && room < data.length ? 0 : room;
    if (passing > 0) to.write(data.subarray(0, passing));
    if (fault.kind === "silence") return;
    near.end();
    far.end();
  }

  /** Acts when what goes that way is no longer held back, and never out of turn. */
  #after(link: Link, direction: Direction, act: () => void): void {
    const ms = this.#delays[direction];
    const waiting = link.waiting[direction];
    if (ms === 0 && waiting.length === 0) return act();
    waiting.push(act);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      waiting.shift()?.();
    }, ms);
    this.#timers.add(timer);
  }
}

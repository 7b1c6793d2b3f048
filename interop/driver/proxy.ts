import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "./endpoint.ts";

/** The limits of a bad link; a missing one is no limit. */
export interface LinkShape {
  /** The most bytes in a second, for each direction of each connection. */
  bytesPerSecond?: number;
  /** The delay of every byte, in milliseconds. */
  delayMs?: number;
}

/** The size of the pieces in which a slow link passes bytes on. */
const pieceBytes = 4096;
/** The number of bytes queued for a slow link at which its source is no longer read. */
const backlogBytes = 256 * 1024;

/**
 * A TCP proxy in front of one peer, with which scenarios and benchmarks disturb a link. A transparent one dials from the
 * address that has dialled it, so that the peer behind it sees its neighbour's own address.
 */
export class TcpProxy {
  readonly address: Endpoint;
  /** When each connection was dialled, as `performance.now()` tells time; those that were refused, too. */
  readonly arrivals: number[] = [];
  #target: Endpoint;
  readonly #transparent: boolean;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #shape: LinkShape = {};
  #open = true;
  #holdAfter = Number.POSITIVE_INFINITY;
  #holdsEnds = false;

  private constructor(address: Endpoint, target: Endpoint, transparent: boolean) {
    this.address = address;
    this.#target = target;
    this.#transparent = transparent;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Listens; the target is dialled for each connection anew, and need not be there before. */
  static async listen(address: Endpoint, target: Endpoint, transparent = true): Promise<TcpProxy> {
    const proxy = new TcpProxy(address, target, transparent);
    await proxy.reopen();
    return proxy;
  }

  /** Listens again after `close`, and takes connections. */
  async reopen(): Promise<void> {
    this.#server.listen({ ...this.address, exclusive: true });
    await once(this.#server, "listening");
    this.heal();
  }

  /** Leads new connections to another target; present ones stay. */
  retarget(target: Endpoint): void {
    this.#target = target;
  }

  /** The number of connections that pass through it. */
  get connections(): number {
    return this.#links.size;
  }

  /** Resets all connections, and every new one until `heal`. */
  cut(): void {
    this.#open = false;
    this.reset();
  }

  /** Takes connections again. */
  heal(): void {
    this.#open = true;
  }

  /** Resets the present connections. */
  reset(): void {
    for (const link of this.#links) link.reset();
  }

  /** Changes the link, for what comes from now on. */
  shape(shape: LinkShape): void {
    this.#shape = shape;
  }

  /** Keeps back what a connection carries beyond its first `bytes` in each direction, until `release`. */
  hold(bytes = 0): void {
    this.#holdAfter = bytes;
  }

  /** Lets everything go that was kept back. */
  release(): void {
    this.#holdAfter = Number.POSITIVE_INFINITY;
    for (const link of this.#links) link.wake();
  }

  /** Keeps back the news that one side has ended a connection from the other, until `passEnds`. */
  holdEnds(): void {
    this.#holdsEnds = true;
  }

  /** Passes on the ends that were kept back, and all later ones at once. */
  passEnds(): void {
    this.#holdsEnds = false;
    for (const link of this.#links) link.passEnd();
  }

  /** The fewest bytes kept back in any direction of any connection; 0 without a connection. */
  get heldBytes(): number {
    const held = [...this.#links].flatMap((link) => link.waitingBytes);
    return held.length === 0 ? 0 : Math.min(...held);
  }

  /** Resets each connection when it has carried `bytes` more in any direction. */
  cutAfter(bytes: number): void {
    for (const link of this.#links) link.cutAfter(bytes);
  }

  /** Resets all connections and stops listening: new connections are refused. Settles when the sockets are closed. */
  async close(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket): void {
    this.arrivals.push(performance.now());
    client.on("error", () => {});
    if (!this.#open) {
      client.resetAndDestroy();
      return;
    }
    const local = this.#transparent ? { localAddress: client.remoteAddress! } : {};
    const server = connect({ ...this.#target, ...local, noDelay: true });
    const link = new Link(client, server, {
      shape: () => this.#shape,
      holdAfter: () => this.#holdAfter,
      holdsEnds: () => this.#holdsEnds,
    });
    this.#links.add(link);
    void link.ended.then(() => this.#links.delete(link));
  }
}

interface LinkRules {
  shape(): LinkShape;
  holdAfter(): number;
  holdsEnds(): boolean;
}

/** One connection through the proxy. */
class Link {
  readonly ended: Promise<void>;
  readonly #sockets: readonly [Socket, Socket];
  readonly #directions: readonly Direction[];
  #sideHasEnded = false;

  constructor(client: Socket, server: Socket, rules: LinkRules) {
    this.#sockets = [client, server];
    const cut = () => this.reset();
    const end = () => {
      this.#sideHasEnded = true;
      if (!rules.holdsEnds()) this.reset();
    };
    this.#directions = [new Direction(client, server, rules, cut), new Direction(server, client, rules, cut)];
    for (const socket of this.#sockets) {
      // An end is passed on as a reset: the original never closes a connection in another way.
      socket.on("error", end);
      socket.on("close", end);
    }
    this.ended = Promise.all(
      this.#sockets.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()))),
    ).then(() => {});
  }

  get waitingBytes(): number[] {
    return this.#directions.map((direction) => direction.waitingBytes);
  }

  wake(): void {
    for (const direction of this.#directions) direction.wake();
  }

  cutAfter(bytes: number): void {
    for (const direction of this.#directions) direction.cutAfter(bytes);
  }

  passEnd(): void {
    if (this.#sideHasEnded) this.reset();
  }

  reset(): void {
    this.wake();
    for (const socket of this.#sockets) {
      if (socket.destroyed) continue;
      // Node cannot reset a socket that is being ended: its descriptor would stay open, and Node never exit.
      if (socket.connecting || socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}

/** One direction of a connection: a queue of bytes with the times at which they may go on. */
class Direction {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #rules: LinkRules;
  readonly #cut: () => void;
  readonly #queue: { bytes: Buffer; due: number }[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #waiting = 0;
  #passed = 0;
  /** When a slow link has done with what it has passed on: timers are late, and what they lose is made up for. */
  #doneAt = 0;
  #limit = Number.POSITIVE_INFINITY;

  constructor(source: Socket, sink: Socket, rules: LinkRules, cut: () => void) {
    this.#source = source;
    this.#sink = sink;
    this.#rules = rules;
    this.#cut = cut;
    source.on("data", (bytes: Buffer) => this.#take(bytes));
    source.on("end", () => {
      this.#ended = true;
      this.wake();
    });
    void this.#pump();
  }

  get waitingBytes(): number {
    return this.#waiting;
  }

  cutAfter(bytes: number): void {
    this.#limit = this.#passed + bytes;
    this.wake();
  }

  wake(): void {
    this.#wake?.();
  }

  #take(bytes: Buffer): void {
    this.#queue.push({ bytes, due: performance.now() + (this.#rules.shape().delayMs ?? 0) });
    this.#waiting += bytes.length;
    if (this.#waiting > backlogBytes) this.#source.pause();
    this.wake();
  }

  async #pump(): Promise<void> {
    while (!this.#sink.destroyed) {
      const next = this.#queue[0];
      const room = Math.min(this.#limit, this.#rules.holdAfter()) - this.#passed;
      if (this.#passed >= this.#limit) return this.#cut();
      if (next === undefined && this.#ended) {
        this.#sink.end();
        return;
      }
      if (next === undefined || room <= 0) {
        await this.#nextChange();
        this.#doneAt = performance.now();
        continue;
      }
      const early = next.due - performance.now();
      if (early > 0) await sleep(early);
      await this.#pass(next, room);
    }
  }

  async #pass(next: { bytes: Buffer }, room: number): Promise<void> {
    const { bytesPerSecond } = this.#rules.shape();
    const piece = next.bytes.subarray(0, bytesPerSecond === undefined ? room : Math.min(pieceBytes, room));
    next.bytes = next.bytes.subarray(piece.length);
    if (next.bytes.length === 0) this.#queue.shift();
    this.#waiting -= piece.length;
    this.#passed += piece.length;
    if (bytesPerSecond !== undefined) {
      this.#doneAt += (piece.length / bytesPerSecond) * 1000;
      const early = this.#doneAt - performance.now();
      if (early > 0) await sleep(early);
    }
    if (this.#sink.destroyed) return;
    if (!this.#sink.write(piece)) await this.#drained();
    if (this.#waiting < backlogBytes) this.#source.resume();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#sink.off("drain", done).off("close", done);
        resolve();
      };
      this.#sink.on("drain", done).on("close", done);
    });
  }
}

import { randomBytes } from "node:crypto";
import { createConnection, type Socket } from "node:net";
import {
  EnvelopeReader,
  type Features,
  Handshake,
  type HandshakeError,
  type HandshakeOptions,
  type Session,
  Tag,
} from "../../../src/wire/index.ts";
import type { Flavour } from "../../driver/go-build.ts";

/** How the other side ended a connection: orderly, by a reset, or not at all. */
export type End = "FIN" | "RST" | "open";

/** Who an offender says it is; a feature that is `undefined` is left out. */
export type FeatureChanges = Readonly<Record<string, string | undefined>>;

/** The features of an honest peer, but for the changes. */
export function featuresOf(name: string, changes: FeatureChanges = {}): Features {
  const features = {
    PeerNameFlavour: name.includes(":") ? "mac" : "hash",
    Name: name,
    NickName: "offender",
    ShortID: "99",
    UID: "99",
    ConnID: "99",
    Trusted: "false",
    ...changes,
  };
  return new Map(
    Object.entries(features).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/**
 * A raw socket in the place of a peer: it can say anything, in bytes or over an honest handshake, and writes down
 * what it is told and how it is cut off.
 */
export class Offender {
  /** The name that it gives itself, unknown to everybody before. */
  readonly name: string;
  /** HOST:PORT of our end. */
  readonly address: string;
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #handshake: Handshake | undefined;
  #handshakeFailure: string | undefined;
  #session: Session | undefined;
  readonly #messages = new Set<string>();
  #end: End = "open";
  #endedAt: number | undefined;
  #finished = false;
  #waiters: (() => void)[] = [];

  readonly flavour: Flavour;
  readonly #settleMs: number;

  private constructor(socket: Socket, flavour: Flavour, settleMs: number) {
    this.#socket = socket;
    this.flavour = flavour;
    this.#settleMs = settleMs;
    const bytes = ["02", ...(randomBytes(15).toString("hex").match(/../g) as string[])];
    this.name = flavour === "mac" ? bytes.slice(0, 6).join(":") : bytes.join("");
    this.address = `${socket.localAddress}:${socket.localPort}`;
    socket.on("data", (chunk) => this.#data(chunk));
    socket.once("end", () => this.#ended(this.#isDisconnected() ? "RST" : "FIN"));
    // A write that meets a connection that is reset says EPIPE.
    socket.on("error", () => this.#ended("RST"));
  }

  /**
   * Connects from `localHost`. Its port is the offender's own, so that logs can be searched for its address.
   * @param settleMs how long `settle` waits; default 60 ms.
   */
  static connect(
    target: { host: string; port: number },
    localHost: string,
    flavour: Flavour,
    settleMs = 60,
  ): Promise<Offender> {
    const socket = createConnection({ ...target, localAddress: localHost, allowHalfOpen: true });
    socket.setNoDelay(true);
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        resolve(new Offender(socket, flavour, settleMs));
      });
    });
  }

  /** How the other side ended the connection. */
  get end(): End {
    return this.#end;
  }

  /** When it did, by `performance.now()`. */
  get endedAt(): number | undefined {
    return this.#endedAt;
  }

  /** Sends bytes as they are. */
  bytes(...chunks: (readonly number[] | Uint8Array)[]): void {
    if (this.#end === "open")
      this.#socket.write(Buffer.concat(chunks.map((chunk) => Uint8Array.from(chunk))));
  }

  /** Shakes hands as an honest peer does, but for what is given. Settles when that is done, or has come to an end. */
  async join(changes: FeatureChanges = {}, options: Partial<HandshakeOptions> = {}): Promise<void> {
    this.#handshake = new Handshake({
      minVersion: 1,
      maxVersion: 2,
      features: featuresOf(this.name, changes),
      outbound: true,
      randomBytes,
      ...options,
    });
    this.bytes(this.#handshake.start());
    await this.#until(() => this.#session !== undefined || this.#handshakeFailure !== undefined);
  }

  /** Waits for what a peer tells a new neighbour unasked, so that nothing is on its way when the offence comes. */
  greeted(): Promise<void> {
    return this.#until(() => this.#messages.has("gossip topology"));
  }

  /**
   * Gives the victim the time to read what was sent, and to say what it has to say to that: what is on its way when the end
   * comes may arrive or not, and hides whether it came with a reset (see `#isDisconnected`).
   */
  settle(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#settleMs));
  }

  /** Sends a message over the session; not if there is none. */
  message(tag: number, body: Uint8Array = new Uint8Array(0)): void {
    if (this.#session !== undefined) this.bytes(this.#session.outgoing.encode(tag, body));
  }

  /** The wire bytes of a message, to be sent in parts. */
  frame(tag: number, body: Uint8Array): Uint8Array {
    return this.#session?.outgoing.encode(tag, body) ?? new Uint8Array(0);
  }

  /** Ends our direction. */
  finish(): void {
    this.#finished = true;
    this.#socket.end();
  }

  /** Resets the connection. */
  reset(): void {
    this.#ended("RST");
    this.#socket.resetAndDestroy();
  }

  /** Settles when the other side has ended the connection, or after so many milliseconds. */
  async cutOff(withinMs: number): Promise<void> {
    await this.#until(() => this.#end !== "open", withinMs);
  }

  /** Lets go of the socket. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Everything that it was told, in a form that does not depend on keys, ids, and the order of maps. */
  heard(): string[] {
    if (this.#handshake !== undefined) {
      const handshake =
        this.#handshakeFailure ?? (this.#session ? `version ${this.#session.version}` : "unfinished");
      return [`handshake: ${handshake}`, ...[...this.#messages].sort()];
    }
    const rest = this.#received;
    const told = [`header ${rest.subarray(0, 7).toString("hex")}`];
    const version1 = rest.length > 7 && rest[7]! > 1;
    if (rest.length > 7) told.push(version1 ? "gob" : `flag ${rest[7]}`);
    // Version 2, plain: a features frame, whose map has any order, of numbers of any length.
    if (rest.length > 12 && rest[7] === 0) told.push("features");
    return told;
  }

  /**
   * Whether an end that Node reports is a reset: so libuv calls one that comes together with data. Where our own
   * direction has ended the system cannot tell; then nothing else must be on its way.
   */
  #isDisconnected(): boolean {
    const { _handle } = this.#socket as unknown as { _handle?: { getpeername(into: object): number } };
    return !this.#finished && (_handle?.getpeername({}) ?? 0) < 0;
  }

  #data(chunk: Buffer): void {
    if (this.#handshake === undefined) {
      this.#received = Buffer.concat([this.#received, chunk]);
    } else if (this.#session !== undefined) {
      this.#session.incoming.push(chunk);
      this.#readMessages();
    } else if (this.#handshakeFailure === undefined) {
      this.#shakeHands(this.#handshake, chunk);
    }
    this.#wake();
  }

  #shakeHands(handshake: Handshake, chunk: Buffer): void {
    try {
      const { write, session } = handshake.push(chunk);
      for (const bytes of write) this.bytes(bytes);
      this.#session = session;
      if (session !== undefined) this.#readMessages();
    } catch (error) {
      for (const bytes of (error as HandshakeError).write) this.bytes(bytes);
      this.#handshakeFailure = (error as HandshakeError).code;
    }
  }

  #readMessages(): void {
    const { incoming } = this.#session!;
    try {
      for (let message = incoming.next(); message !== undefined; message = incoming.next()) {
        this.#messages.add(this.#describe(message));
      }
    } catch {
      this.#messages.add("something that does not open");
    }
  }

  #describe(message: Uint8Array): string {
    const tag = message[0];
    const name = Object.entries(Tag).find(([, value]) => value === tag)?.[0] ?? `tag ${tag}`;
    if (tag !== Tag.gossip) return name;
    return `${name} ${new EnvelopeReader(message.subarray(1), this.flavour).channel()}`;
  }

  #ended(end: End): void {
    if (this.#end === "open") {
      this.#end = end;
      this.#endedAt = performance.now();
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** Settles when it holds, when the connection has ended, or after so many milliseconds. */
  async #until(holds: () => boolean, withinMs = 5_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!holds() && this.#end === "open" && performance.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - performance.now());
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

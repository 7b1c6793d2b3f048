import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Flavour, PeerName } from "../../src/peer-name.ts";
import { encodeUpdate } from "../../src/topology/index.ts";
import {
  EnvelopeReader,
  encodeGossip,
  Handshake,
  protocolMaxVersion,
  protocolMinVersion,
  type Session,
  Tag,
} from "../../src/wire/index.ts";
import type { Endpoint } from "../driver/endpoint.ts";

/** A message as it came over the wire. */
export interface RawMessage {
  tag: number;
  /** Without the tag. */
  body: Uint8Array;
  channel: string;
  source: string;
}

/** What a raw peer says of itself. */
export interface RawPeerOptions {
  name: PeerName;
  flavour: Flavour;
  password?: string | undefined;
  /** The address to dial from; any when `undefined`. */
  localHost: string | undefined;
  /** The protocol version to speak; default the highest. */
  version?: 1 | 2;
  /** Random when `undefined`. */
  uid?: bigint;
  /** Features to send in place of the usual ones, or in addition. */
  features?: Iterable<readonly [string, string]>;
  /** Whether the peer announces itself and the connection after the handshake; default true. */
  announces?: boolean;
  /** Called with each message, tag included, in place of keeping it in `received`. */
  onMessage?: (message: Uint8Array) => void;
}

/**
 * A neighbour without a router, on top of our wire code: it sees every byte that its peer sends, and can send
 * what no router would. It tells its peer of itself and of their connection, so that it has a place in the routes.
 */
export class RawPeer {
  readonly name: PeerName;
  /** Every message with an envelope, in order. */
  readonly received: RawMessage[] = [];
  readonly #socket: Socket;
  readonly #options: RawPeerOptions;
  readonly uid: bigint;
  #session: Session | undefined;
  #broken: Error | undefined;

  private constructor(socket: Socket, options: RawPeerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.name = options.name;
    this.uid = options.uid ?? randomBytes(8).readBigUInt64BE();
  }

  /** Dials a peer, and settles when the handshake is done. */
  static async dial(target: Endpoint, options: RawPeerOptions): Promise<RawPeer> {
    const socket = connect({
      ...target,
      ...(options.localHost === undefined ? {} : { localAddress: options.localHost }),
      noDelay: true,
    });
    await once(socket, "connect");
    const peer = new RawPeer(socket, options);
    await peer.#shakeHands();
    if (options.announces !== false) peer.#announce(target);
    return peer;
  }

  /** The session of the connection, once the handshake is done. */
  get session(): Session {
    if (this.#session === undefined) throw new Error("the handshake is not done");
    return this.#session;
  }

  /** Why the connection has ended, or `undefined` while it lives. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Sends one message: a tag and what follows it. */
  send(tag: number, body: Uint8Array): void {
    this.#socket.write(this.#session!.outgoing.encode(tag, body));
  }

  /** Sends bytes that need not be a message. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Settles when the socket has taken everything that was sent, or the connection has ended. */
  async drained(): Promise<void> {
    if (this.#broken !== undefined || !this.#socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        this.#socket.off("drain", settle).off("close", settle);
        resolve();
      };
      this.#socket.on("drain", settle).on("close", settle);
    });
  }

  /** Stops reading, so that whatever the other side sends waits there. */
  pause(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.resetAndDestroy();
  }

  #shakeHands(): Promise<void> {
    const { flavour, password, version = protocolMaxVersion, features = [] } = this.#options;
    const handshake = new Handshake({
      ...{ minVersion: protocolMinVersion, maxVersion: version, outbound: true },
      features: new Map([
        ["PeerNameFlavour", flavour],
        ["Name", this.name],
        ["NickName", "raw"],
        ["UID", `${this.uid}`],
        ["ConnID", `${randomBytes(8).readBigUInt64BE()}`],
        ["Trusted", "false"],
        ...features,
      ]),
      ...(password === undefined ? {} : { password: Buffer.from(password) }),
      randomBytes: (length) => new Uint8Array(randomBytes(length)),
    });
    return new Promise((resolve, reject) => {
      this.#socket.on("error", (error) => {
        this.#broken = error;
        reject(error);
      });
      this.#socket.on("close", () => {
        this.#broken ??= new Error("the connection was closed");
        reject(this.#broken);
      });
      this.#socket.on("data", (chunk: Buffer) => {
        const bytes = new Uint8Array(chunk);
        try {
          if (this.#session !== undefined) this.#session.incoming.push(bytes);
          else {
            const { write, session } = handshake.push(bytes);
            for (const part of write) this.#socket.write(part);
            this.#session = session;
          }
          if (this.#session === undefined) return;
          this.#read(this.#session);
          resolve();
        } catch (error) {
          this.#broken = error as Error;
          reject(this.#broken);
        }
      });
      this.#socket.write(handshake.start());
    });
  }

  #read(session: Session): void {
    for (let plain = session.incoming.next(); plain !== undefined; plain = session.incoming.next()) {
      const [tag = -1] = plain;
      if (this.#options.onMessage !== undefined) {
        this.#options.onMessage(plain);
        continue;
      }
      if (tag !== Tag.gossip && tag !== Tag.unicast && tag !== Tag.broadcast) continue;
      const body = plain.slice(1);
      const envelope = new EnvelopeReader(body, this.#options.flavour);
      this.received.push({ tag, body, channel: envelope.channel(), source: envelope.peerName() });
    }
  }

  #announce(target: Endpoint): void {
    const remote = PeerName.parse(this.#session!.features.get("Name")!, this.#options.flavour);
    const connection = { name: remote, remoteAddress: `${target.host}:${target.port}` };
    const update = encodeUpdate([
      {
        ...{ name: this.name, nickName: "raw", uid: this.uid, version: 2n, shortId: 0, hasShortId: false },
        connections: [{ ...connection, outbound: true, established: true }],
      },
    ]);
    this.send(Tag.gossip, encodeGossip("topology", this.name, update));
  }
}

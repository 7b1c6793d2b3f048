import type { Socket } from "../../src/testing.ts";
import {
  type Features,
  Handshake,
  type HandshakeError,
  type HandshakeOptions,
  type Session,
} from "../../src/wire/index.ts";
import type { TestMesh, TestPeer } from "./mesh.ts";

/** How a raw peer introduces itself, unless a test says otherwise. */
export const rawFeatures = (changes: Record<string, string | undefined> = {}): Features => {
  const features = {
    PeerNameFlavour: "mac",
    Name: "00:00:00:00:00:63",
    NickName: "raw",
    ShortID: "99",
    UID: "99",
    ConnID: "99",
    Trusted: "false",
    ...changes,
  };
  return new Map(
    Object.entries(features).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
};

/** The other end of a connection, in the test's own hands: it sends any bytes, and says when it has been cut off. */
export class RawPeer {
  static readonly ip = "10.0.0.99";
  readonly socket: Socket;
  readonly received: Uint8Array[] = [];
  /** How the other side ended the connection. */
  ended: "no" | "closed" | "reset" = "no";
  session: Session | undefined;
  #handshake: Handshake | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.attach({
      data: (chunk) => this.#data(chunk),
      drain() {},
      end: () => {
        this.ended = "closed";
      },
      closed: (error) => {
        if (error !== undefined) this.ended = "reset";
        else if (this.ended === "no") this.ended = "closed";
      },
    });
  }

  /** Connects to a peer. */
  static async dial(mesh: TestMesh, peer: TestPeer): Promise<RawPeer> {
    const dialled = mesh.network.host(RawPeer.ip).dial({ host: peer.ip, port: 6783 });
    await mesh.clock.advance(10);
    return new RawPeer(await dialled);
  }

  /** Connects, and shakes hands as an honest peer would. */
  static async join(
    mesh: TestMesh,
    peer: TestPeer,
    options: Partial<HandshakeOptions> = {},
  ): Promise<RawPeer> {
    const raw = await RawPeer.dial(mesh, peer);
    raw.shakeHands(options);
    await mesh.clock.advance(50);
    return raw;
  }

  /** Lets whoever connects to the raw peer's address reach a raw peer. */
  static async listen(mesh: TestMesh, accept: (raw: RawPeer) => void): Promise<void> {
    await mesh.network
      .host(RawPeer.ip)
      .listen({ host: RawPeer.ip, port: 6783 }, (socket) => accept(new RawPeer(socket)));
  }

  shakeHands(options: Partial<HandshakeOptions> = {}): void {
    this.#handshake = new Handshake({
      minVersion: 1,
      maxVersion: 2,
      features: rawFeatures(),
      outbound: true,
      randomBytes: (length) => new Uint8Array(length).fill(7),
      ...options,
    });
    this.socket.write(this.#handshake.start());
    for (const chunk of this.received.splice(0)) this.#data(chunk);
  }

  /** Sends one message over the session. */
  send(tag: number, body: Uint8Array = new Uint8Array(0)): void {
    this.socket.write(this.session!.outgoing.encode(tag, body));
  }

  /** Sends bytes as they are. */
  sendBytes(...bytes: number[]): void {
    this.socket.write(Uint8Array.from(bytes));
  }

  /** The messages received so far over the session. */
  messages(): Uint8Array[] {
    const messages: Uint8Array[] = [];
    for (let message = this.session?.incoming.next(); message; message = this.session?.incoming.next()) {
      messages.push(message);
    }
    return messages;
  }

  #data(chunk: Uint8Array): void {
    if (this.session !== undefined) {
      this.session.incoming.push(chunk);
    } else if (this.#handshake === undefined) {
      this.received.push(chunk);
    } else {
      try {
        const { write, session } = this.#handshake.push(chunk);
        for (const bytes of write) this.socket.write(bytes);
        this.session = session;
      } catch (error) {
        // What the other side makes of it is what the test looks at.
        for (const bytes of (error as HandshakeError).write) this.socket.write(bytes);
        this.#handshake = undefined;
      }
    }
  }
}

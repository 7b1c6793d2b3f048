import { type Channel, Fifo, type Gossiper, ownBytes, SurrogateData } from "../gossip/index.ts";
import { type Flavour, PeerName } from "../peer-name.ts";
import { type Router, TypedEventTarget } from "../router/index.ts";
import { DatagramError } from "./errors.ts";
import { decodePacket, encodePacket, type Packet } from "./packet.ts";

/** The address of a datagram: a peer in one run of its process (meshconn's MeshAddr). */
export class MeshAddress {
  /** The same after a restart. */
  readonly name: PeerName;
  /** New with each start. */
  readonly uid: bigint;

  constructor(name: PeerName, uid: bigint) {
    this.name = name;
    this.uid = uid;
  }

  /** `weavemesh://NAME` */
  toString(): string {
    return `weavemesh://${this.name}`;
  }
}

/** A datagram that has arrived. */
export interface Datagram {
  readonly source: MeshAddress;
  /** The receiver's to keep. */
  readonly bytes: Uint8Array;
}

/** The events of a datagram socket. */
export interface DatagramEventMap {
  datagram: CustomEvent<Datagram>;
}

/** The number of datagrams that wait for a reader before the connections that they come on are not read any more. */
export const receiveQueueLength = 64;

/** The bytes of datagrams that wait for a reader before the connections that they come on are not read any more. */
export const receiveQueueBytes = 1024 * 1024;

/**
 * The most bytes of datagrams that wait for a reader; further ones are dropped. Each connection can add one more after
 * the queue is full, and a peer can connect again and again.
 */
export const maxReceiveQueueBytes = 16 * 1024 * 1024;

/** The bytes that a queued datagram counts besides its payload. */
const datagramObjectBytes = 512;

/**
 * Datagrams over the mesh, on a gossip channel of their own: the counterpart of the original's package meshconn, and
 * understood by it.
 *
 * Datagrams are read either by async iteration or from `datagram` events. As on any network, they may be lost; what
 * arrives is whole.
 *
 *     const socket = new DatagramSocket(router, "datagrams");
 *     await socket.send(peer, bytes);
 *     for await (const { source, bytes } of socket) …
 */
export class DatagramSocket extends TypedEventTarget<DatagramEventMap> implements AsyncIterable<Datagram> {
  /** Our own address. */
  readonly address: MeshAddress;
  readonly #flavour: Flavour;
  readonly #channel: Channel<SurrogateData>;
  readonly #queue = new Fifo<Datagram>();
  #queuedBytes = 0;
  #dropped = 0;
  readonly #readers = new Fifo<(result: IteratorResult<Datagram, undefined>) => void>();
  /** The connections that wait for the queue to shorten. */
  readonly #paused = new Fifo<() => void>();
  #listening = false;
  #closed = false;

  /** @throws GossipError `duplicate-channel` if the router has a gossiper on this channel already. */
  constructor(router: Router, channel: string) {
    super();
    this.address = new MeshAddress(router.name, router.uid);
    this.#flavour = PeerName.flavourOf(router.name);
    this.#channel = router.channel(channel, this.#gossiper());
  }

  /**
   * Sends a datagram to a peer; to ourselves, too. Settles when the first hop has taken it.
   *
   * Rejects with DatagramError `closed`, or with the GossipErrors of `Channel.unicast`.
   */
  async send(destination: PeerName | MeshAddress, bytes: Uint8Array): Promise<void> {
    if (this.#closed) throw new DatagramError("closed", "peer closed");
    const name = destination instanceof MeshAddress ? destination.name : destination;
    const packet: Packet = { source: this.address.name, sourceUid: this.address.uid, bytes };
    if (name === this.address.name) return this.#received(packet);
    await this.#channel.unicast(name, encodePacket(packet, this.#flavour));
  }

  /** The number of datagrams dropped because {@link maxReceiveQueueBytes} of them waited for a reader. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Ends iteration and sending. Datagrams that still arrive are dropped. */
  close(): void {
    this.#closed = true;
    this.#queue.clear();
    this.#queuedBytes = 0;
    for (let reader = this.#readers.take(); reader; reader = this.#readers.take()) {
      reader({ done: true, value: undefined });
    }
    this.#resumeAll();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** As EventTarget's. Datagrams that have waited for a reader until now come as events. */
  override addEventListener(
    ...args: Parameters<TypedEventTarget<DatagramEventMap>["addEventListener"]>
  ): void {
    super.addEventListener(...args);
    this.#listening = true;
    for (let datagram = this.#take(); datagram; datagram = this.#take()) this.emit("datagram", datagram);
    this.#resumeAll();
  }

  /** Takes datagrams one by one until the socket is closed. Several iterations share them out. */
  [Symbol.asyncIterator](): AsyncIterator<Datagram, undefined> {
    return { next: () => this.#next(), return: async () => ({ done: true, value: undefined }) };
  }

  #next(): Promise<IteratorResult<Datagram, undefined>> {
    const datagram = this.#take();
    if (datagram !== undefined) {
      if (this.#queue.length === 0) this.#resumeAll();
      else if (!this.#full) this.#paused.take()?.();
      return Promise.resolve({ done: false, value: datagram });
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  get #full(): boolean {
    return this.#queue.length > receiveQueueLength || this.#queuedBytes > receiveQueueBytes;
  }

  #take(): Datagram | undefined {
    const datagram = this.#queue.take();
    if (datagram !== undefined) this.#queuedBytes -= sizeOf(datagram);
    return datagram;
  }

  #resumeAll(): void {
    for (let resume = this.#paused.take(); resume; resume = this.#paused.take()) resume();
  }

  /** Hands a datagram to a reader; the promise, if any, settles when the queue is short again. */
  #received({ source, sourceUid, bytes }: Packet): void | Promise<void> {
    if (this.#closed) return;
    const datagram: Datagram = { source: new MeshAddress(source, sourceUid), bytes };
    const reader = this.#readers.take();
    if (reader !== undefined) {
      reader({ done: false, value: datagram });
    } else if (this.#listening) {
      this.emit("datagram", datagram);
    } else {
      return this.#enqueue(datagram);
    }
  }

  #enqueue(datagram: Datagram): void | Promise<void> {
    const size = sizeOf(datagram);
    if (this.#queuedBytes + size > maxReceiveQueueBytes) {
      this.#dropped++;
    } else {
      this.#queue.push({ source: datagram.source, bytes: ownBytes(datagram.bytes) });
      this.#queuedBytes += size;
    }
    if (this.#full) return new Promise((resolve) => this.#paused.push(resolve));
  }

  #gossiper(): Gossiper<SurrogateData> {
    const decode = (bytes: Uint8Array): Packet => decodePacket(bytes, this.#flavour);
    return {
      onUnicast: (_source, message) => this.#received(decode(message)),
      onBroadcast: async (_source, update) => {
        await this.#received(decode(update));
        return SurrogateData.of(update);
      },
      gossip: () => undefined,
      // The original passes gossip on without taking it for itself.
      onGossip: (update) => {
        decode(update);
        return SurrogateData.of(update);
      },
    };
  }
}

/** The bytes of memory that a queued datagram takes. The name of its source is as long as the remote peer chose. */
function sizeOf({ source, bytes }: Datagram): number {
  return bytes.byteLength + source.name.length + datagramObjectBytes;
}

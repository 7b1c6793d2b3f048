import type { Channel, Gossiper } from "../gossip/index.ts";
import { type Flavour, PeerName } from "../peer-name.ts";
import { type Router, TypedEventTarget } from "../router/index.ts";
import { DatagramError } from "./errors.ts";
import { decodePacket, encodePacket, type Packet, Packets } from "./packet.ts";

/** Where datagrams come from and go to: a peer, in one of its lives (meshconn's MeshAddr). */
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

/** What a datagram socket tells its listeners. */
export interface DatagramEventMap {
  datagram: CustomEvent<Datagram>;
}

/** How many datagrams wait for a reader; then the connections that they come on are not read any more. */
export const receiveQueueLength = 64;

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
  readonly #channel: Channel<Packets>;
  readonly #queue: Datagram[] = [];
  #readers: ((result: IteratorResult<Datagram, undefined>) => void)[] = [];
  #roomWaiters: (() => void)[] = [];
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

  /** Ends iteration and sending. What still arrives is dropped. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
    for (const proceed of this.#roomWaiters.splice(0)) proceed();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** As EventTarget's. What has waited for a reader until now comes as events. */
  override addEventListener(
    ...args: Parameters<TypedEventTarget<DatagramEventMap>["addEventListener"]>
  ): void {
    super.addEventListener(...args);
    this.#listening = true;
    for (const datagram of this.#queue.splice(0)) this.emit("datagram", datagram);
    for (const proceed of this.#roomWaiters.splice(0)) proceed();
  }

  /** Takes datagrams one by one until the socket is closed. Several iterations share them out. */
  [Symbol.asyncIterator](): AsyncIterator<Datagram, undefined> {
    return { next: () => this.#next(), return: async () => ({ done: true, value: undefined }) };
  }

  #next(): Promise<IteratorResult<Datagram, undefined>> {
    const datagram = this.#queue.shift();
    if (datagram !== undefined) {
      this.#roomWaiters.shift()?.();
      return Promise.resolve({ done: false, value: datagram });
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** Hands a datagram to whoever reads; the promise, if any, settles when the queue has room again. */
  #received({ source, sourceUid, bytes }: Packet): void | Promise<void> {
    if (this.#closed) return;
    const datagram: Datagram = { source: new MeshAddress(source, sourceUid), bytes };
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: datagram });
    } else if (this.#listening) {
      this.emit("datagram", datagram);
    } else {
      this.#queue.push(datagram);
      if (this.#queue.length > receiveQueueLength)
        return new Promise((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  #gossiper(): Gossiper<Packets> {
    const decode = (bytes: Uint8Array): Packet => decodePacket(bytes, this.#flavour);
    return {
      onUnicast: (_source, message) => this.#received(decode(message)),
      onBroadcast: async (_source, update) => {
        await this.#received(decode(update));
        return new Packets([update]);
      },
      gossip: () => undefined,
      // The original passes gossip on without taking it for itself.
      onGossip: (update) => {
        decode(update);
        return new Packets([update]);
      },
    };
  }
}

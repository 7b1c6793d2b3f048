import { escapeText } from "../go-text/index.ts";
import type { PeerName } from "../peer-name.ts";
import type { LocalPeer, Routes } from "../topology/index.ts";
import { type EnvelopeReader, encodeBroadcast, encodeGossip, encodeUnicast, Tag } from "../wire/index.ts";
import type { GossipConnection } from "./connection.ts";
import { GossipError } from "./errors.ts";
import {
  type GossipData,
  type Gossiper,
  isPending,
  type OpaqueData,
  type OpaqueGossiper,
} from "./gossiper.ts";
import { HeldUnicasts, relayBacklogBytes } from "./held-unicasts.ts";
import type { SenderChannel } from "./sender.ts";

/** The peer that a channel belongs to, as the channel uses it. */
export interface ChannelPeer {
  readonly ourself: LocalPeer;
  readonly routes: Routes;
  /** Our connection to a peer, if there is one. */
  connectionTo(name: PeerName): GossipConnection | undefined;
  /**
   * Runs `action` once no recalculation of routes is pending: at once, or, with a promise for it, when the pending
   * one has run (at most 100 ms later).
   */
  whenRoutesCurrent(action: () => void): void | Promise<void>;
  /** The relayed unicasts of all channels that wait for their next hops. */
  readonly heldUnicasts: HeldUnicasts;
  /** Reports an error that has no caller to go to. */
  report(error: unknown): void;
}

/** The sending end of a gossip channel, as users hold it: what the original calls Gossip (gossip.go). */
export interface Channel<D extends GossipData<D>> {
  /** The channel's name. */
  readonly name: string;
  /**
   * Sends a message to one peer, over the mesh as far as necessary. Settles once the socket of the first hop has
   * taken it and has room for more; nothing confirms its arrival.
   *
   * Rejects with GossipError `unknown-destination` if the routes do not lead there (yet), `no-connection` if the next
   * hop has gone or `destination` is ourselves, `message-too-large` if it exceeds a frame with its envelope, or
   * `connection-closed` if the connection ended meanwhile.
   */
  unicast(destination: PeerName, message: Uint8Array): Promise<void>;
  /** Sends data to all peers, along our broadcast tree. While a neighbour is slow, it waits there, merged. */
  broadcast(data: D): void;
  /** Sends data to some random neighbours, who pass on what was new to them. */
  gossip(data: D): void;
}

/**
 * A named channel of the mesh, with a gossiper at this peer: what the original calls gossipChannel
 * (gossip_channel.go).
 */
export class GossipChannel implements Channel<OpaqueData>, SenderChannel {
  readonly name: string;
  readonly #peer: ChannelPeer;
  readonly #gossiper: OpaqueGossiper;

  constructor(name: string, peer: ChannelPeer, gossiper: OpaqueGossiper) {
    this.name = name;
    this.#peer = peer;
    this.#gossiper = gossiper;
  }

  /** A channel for a gossiper whose data type only the gossiper itself knows. */
  static for<D extends GossipData<D>>(name: string, peer: ChannelPeer, gossiper: Gossiper<D>): GossipChannel {
    return new GossipChannel(name, peer, gossiper as unknown as OpaqueGossiper);
  }

  async unicast(destination: PeerName, message: Uint8Array): Promise<void> {
    const body = encodeUnicast(this.name, this.#peer.ourself.name, destination, message);
    const connection = this.#sendUnicast(destination, body);
    if (!connection.writable) await connection.drained();
  }

  broadcast(data: OpaqueData): void {
    this.#relayBroadcast(this.#peer.ourself.name, data, 0);
  }

  gossip(data: OpaqueData): void {
    this.#relayGossip(this.#peer.ourself.name, data);
  }

  /** Tells random neighbours everything the gossiper knows. */
  gossipEverything(): void {
    const data = this.#everything();
    if (data !== undefined) this.gossip(data);
  }

  /** Tells one neighbour everything the gossiper knows. */
  sendEverythingDown(connection: GossipConnection): void {
    const data = this.#everything();
    if (data !== undefined) connection.senders.add(this, (sender) => sender.addGossip(data));
  }

  /**
   * Takes a message off a connection: to the gossiper, and onwards where it is due. The reader stands after the
   * channel's name; what follows is decoded in the original's order, so that a relayed unicast is only decoded up to
   * its destination. While a promise is pending, the connection is not to be read.
   *
   * @param body the whole message without its tag, for relaying as it came.
   * @param from the connection that the message came on.
   * @throws EnvelopeError, GossipError: the connection is to be ended.
   */
  deliver(
    tag: number,
    envelope: EnvelopeReader,
    body: Uint8Array,
    from: GossipConnection,
  ): void | Promise<void> {
    const source = envelope.peerName();
    if (tag === Tag.unicast) return this.#deliverUnicast(source, envelope, body, from);
    const payload = envelope.payload();
    if (tag === Tag.broadcast) {
      // An empty payload counts as one byte: only our own broadcasts are free.
      const received = Math.max(1, payload.byteLength);
      return this.#settle(
        this.#ask(() => this.#gossiper.onBroadcast(source, payload)),
        (data) => this.#relayBroadcast(source, data, received),
      );
    }
    return this.#settle(
      this.#ask(() => this.#gossiper.onGossip(payload)),
      (data) => this.#relayGossip(source, data),
    );
  }

  sendGossip(connection: GossipConnection, payload: Uint8Array): void {
    connection.send(Tag.gossip, encodeGossip(this.name, this.#peer.ourself.name, payload));
  }

  sendBroadcast(connection: GossipConnection, source: PeerName, payload: Uint8Array): void {
    connection.send(Tag.broadcast, encodeBroadcast(this.name, source, payload));
  }

  report(error: unknown): void {
    this.#peer.report(error);
  }

  /** Returns a log line of this channel, in the original's form. */
  logLine(message: string): string {
    return `[gossip ${escapeText(this.name)}]: ${message}`;
  }

  #everything(): OpaqueData | undefined {
    try {
      return this.#gossiper.gossip();
    } catch (error) {
      this.#peer.report(GossipError.fromGossiper(this.name, error));
      return undefined;
    }
  }

  #deliverUnicast(
    source: PeerName,
    envelope: EnvelopeReader,
    body: Uint8Array,
    from: GossipConnection,
  ): void | Promise<void> {
    const destination = envelope.peerName();
    if (destination === this.#peer.ourself.name) {
      const payload = envelope.payload();
      const answer = this.#ask(() => this.#gossiper.onUnicast(source, payload));
      return isPending(answer) ? answer : undefined;
    }
    const connection = this.#nextHop(destination);
    if (typeof connection === "string") {
      // Without an error object, whose stack costs more than everything else that is done with the message.
      from.journal.received(() => this.logLine(this.#refusal(connection, destination)));
      return;
    }
    if (HeldUnicasts.behind(connection)) {
      const held = this.#peer.heldUnicasts.hold(connection, body, () => this.#relay(connection, body, from));
      if (held !== undefined) return held;
      from.journal.received(() => this.logLine(`dropped a unicast, too many wait for ${connection.remote}`));
      return;
    }
    this.#relay(connection, body, from);
    if (connection.queuedBytes > relayBacklogBytes) {
      // A next hop that ends while we wait has nothing left to hold back for.
      return connection.drained().catch(() => {});
    }
  }

  /** Sends a unicast of another peer on. A failure is only logged, as in the original. */
  #relay(connection: GossipConnection, body: Uint8Array, from: GossipConnection): void {
    try {
      connection.send(Tag.unicast, body);
    } catch (error) {
      from.journal.received(() =>
        this.logLine(escapeText(error instanceof Error ? error.message : String(error))),
      );
    }
  }

  /** Calls the gossiper; what it throws, now or later, says which channel it comes from. */
  #ask<T>(call: () => T | Promise<T>): T | Promise<T> {
    try {
      const answer = call();
      return isPending(answer) ? answer.catch((error: unknown) => this.#fail(error)) : answer;
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    throw error instanceof GossipError ? error : GossipError.fromGossiper(this.name, error);
  }

  /** Relays the gossiper's answer, now or later, unless it is undefined. */
  #settle(
    answer: OpaqueData | undefined | Promise<OpaqueData | undefined>,
    relay: (data: OpaqueData) => void | Promise<void>,
  ): void | Promise<void> {
    if (isPending(answer)) return answer.then((data) => (data === undefined ? undefined : relay(data)));
    if (answer !== undefined) return relay(answer);
  }

  #sendUnicast(destination: PeerName, body: Uint8Array): GossipConnection {
    const connection = this.#nextHop(destination);
    if (typeof connection === "string") {
      throw new GossipError(connection, this.name, this.#refusal(connection, destination));
    }
    connection.send(Tag.unicast, body);
    return connection;
  }

  /** The connection over which a unicast goes, or the code of the error if it cannot go. */
  #nextHop(destination: PeerName): GossipConnection | "unknown-destination" | "no-connection" {
    const hop = this.#peer.routes.unicastAll(destination);
    if (hop === undefined) return "unknown-destination";
    return this.#peer.connectionTo(hop) ?? "no-connection";
  }

  /** The reason for which a unicast cannot be sent on, in the original's words. */
  #refusal(code: "unknown-destination" | "no-connection", destination: PeerName): string {
    if (code === "unknown-destination") return `unknown relay destination: ${escapeText(destination)}`;
    return `unable to find connection to relay peer ${escapeText(String(this.#peer.routes.unicastAll(destination)))}`;
  }

  /** @param received the bytes that another peer sent for it; 0 for our own. */
  #relayBroadcast(source: PeerName, data: OpaqueData, received: number): void | Promise<void> {
    return this.#peer.whenRoutesCurrent(() => {
      this.#addTo(this.#peer.routes.broadcastAll(source), (connection) =>
        connection.senders.add(this, (sender) => sender.addBroadcast(source, data, received)),
      );
    });
  }

  #relayGossip(source: PeerName, data: OpaqueData): void | Promise<void> {
    return this.#peer.whenRoutesCurrent(() => {
      this.#addTo(this.#peer.routes.randomNeighbours(source), (connection) =>
        connection.senders.add(this, (sender) => sender.addGossip(data)),
      );
    });
  }

  /** A neighbour that a route names may have gone meanwhile. */
  #addTo(neighbours: readonly PeerName[], add: (connection: GossipConnection) => void): void {
    for (const name of neighbours) {
      const connection = this.#peer.connectionTo(name);
      if (connection !== undefined) add(connection);
    }
  }
}

import type { PeerName } from "../peer-name.ts";
import type { Backlog } from "./backlog.ts";
import type { GossipConnection } from "./connection.ts";
import type { OpaqueData } from "./gossiper.ts";
import { Piece, type PieceOwner } from "./piece.ts";

/** The channel of a sender, as the sender uses it. */
export interface SenderChannel {
  /** Sends one payload of gossip in the channel's envelope, with our name as source. */
  sendGossip(connection: GossipConnection, payload: Uint8Array): void;
  /** Sends one payload of a broadcast of `source` in the channel's envelope. */
  sendBroadcast(connection: GossipConnection, source: PeerName, payload: Uint8Array): void;
  /** Takes note of a throw of `encode` or `merge`, or of a message too large to send. */
  report(error: unknown): void;
}

/**
 * Collects the data of one channel for one neighbour, and sends it when the socket is ready: what the original calls
 * gossipSender (gossip.go).
 *
 * At most one piece of gossip, and one broadcast for each source, wait at any time: data added meanwhile is merged
 * into the waiting data, so that a neighbour that does not read costs no more memory than the state itself. Messages
 * of surrogate data, and broadcasts of other peers, count in the connection's {@link Backlog}.
 */
export class GossipSender implements PieceOwner {
  readonly channel: SenderChannel;
  readonly #connection: GossipConnection;
  readonly #backlog: Backlog;
  readonly #nothingWaits: (sender: GossipSender) => void;
  #gossip: Piece | undefined;
  readonly #broadcasts = new Map<PeerName, Piece>();
  /** The waiting broadcasts by age. A Map from which the first is often deleted finds its next first slowly. */
  #oldest: Piece | undefined;
  #newest: Piece | undefined;
  /** The piece picked last, while the socket takes its messages one after the other. */
  #current: Piece | undefined;
  /** Messages of the picked piece that are encoded already, the next one last. */
  #encoded: Uint8Array[] = [];

  /** @param nothingWaits runs when the last waiting data is dropped. */
  constructor(
    connection: GossipConnection,
    channel: SenderChannel,
    backlog: Backlog,
    nothingWaits: (sender: GossipSender) => void,
  ) {
    this.#connection = connection;
    this.channel = channel;
    this.#backlog = backlog;
    this.#nothingWaits = nothingWaits;
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#gossip === undefined && this.#oldest === undefined && this.#current === undefined;
  }

  /** Adds gossip to the waiting gossip. */
  addGossip(data: OpaqueData): void {
    this.#gossip ??= new Piece(undefined, this, this.#backlog);
    this.#gossip.add(data, 0);
    this.#backlog.enforce();
  }

  /**
   * Adds a broadcast of `source` to its waiting broadcasts. `received` is the number of bytes that came from another
   * peer for it, which count in the backlog; 0 for our own.
   */
  addBroadcast(source: PeerName, data: OpaqueData, received = 0): void {
    let piece = this.#broadcasts.get(source);
    if (piece === undefined) {
      piece = new Piece(source, this, this.#backlog);
      this.#broadcasts.set(source, piece);
      piece.older = this.#newest;
      if (this.#newest === undefined) this.#oldest = piece;
      else this.#newest.newer = piece;
      this.#newest = piece;
    }
    piece.add(data, received);
    this.#backlog.enforce();
  }

  /** Sends the waiting data, message by message, until nothing is left or the socket is full. */
  deliver(): void {
    while (this.#connection.writable) {
      this.#current ??= this.#pick();
      if (this.#current === undefined) return;
      const { source } = this.#current;
      try {
        const payload = this.#take(this.#current);
        if (payload === undefined) continue;
        if (source === undefined) this.channel.sendGossip(this.#connection, payload);
        else this.channel.sendBroadcast(this.#connection, source, payload);
      } catch (error) {
        this.channel.report(error);
      }
    }
  }

  /** Drops everything that waits. */
  discard(): void {
    this.#encoded = [];
    this.#current?.discard();
    this.#current = undefined;
    for (let piece = this.#pick(); piece !== undefined; piece = this.#pick()) piece.discard();
  }

  report(error: unknown): void {
    this.channel.report(error);
  }

  emptied(piece: Piece): void {
    if (piece === this.#current) this.#current = undefined;
    else if (piece === this.#gossip) this.#gossip = undefined;
    else this.#unlink(piece);
    if (this.empty) this.#nothingWaits(this);
  }

  /** The next payload of the picked piece, which is finished with its last one. */
  #take(piece: Piece): Uint8Array | undefined {
    try {
      const payload = this.#encoded.pop();
      if (payload !== undefined) return payload;
      const rest: Uint8Array[] = [];
      const first = piece.take(rest);
      this.#encoded = rest.reverse();
      return first;
    } finally {
      if (this.#encoded.length === 0 && piece.empty) this.#current = undefined;
    }
  }

  /** Takes the next piece. Gossip goes first: it usually matters more than broadcasts. */
  #pick(): Piece | undefined {
    const piece = this.#gossip ?? this.#oldest;
    if (piece === undefined) return undefined;
    if (piece === this.#gossip) this.#gossip = undefined;
    else this.#unlink(piece);
    return piece;
  }

  #unlink(piece: Piece): void {
    this.#broadcasts.delete(piece.source!);
    if (piece.older === undefined) this.#oldest = piece.newer;
    else piece.older.newer = piece.newer;
    if (piece.newer === undefined) this.#newest = piece.older;
    else piece.newer.older = piece.older;
    piece.older = undefined;
    piece.newer = undefined;
  }
}

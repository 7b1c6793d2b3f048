import type { PeerName } from "../peer-name.ts";
import type { GossipConnection } from "./connection.ts";
import type { OpaqueData } from "./gossiper.ts";
import { SurrogateData } from "./surrogate-data.ts";

/** What a sender asks of its channel. */
export interface SenderChannel {
  /** Sends one payload of gossip in the channel's envelope, with our name as source. */
  sendGossip(connection: GossipConnection, payload: Uint8Array): void;
  /** Sends one payload of a broadcast of `source` in the channel's envelope. */
  sendBroadcast(connection: GossipConnection, source: PeerName, payload: Uint8Array): void;
  /** Takes note of a throw of `encode` or `merge`, or of a message too large to send. */
  report(error: unknown): void;
  /** Takes note of messages dropped because the backlog had reached its limit. */
  dropped(connection: GossipConnection, messages: number, bytes: number): void;
}

/** The most that a surrogate keeps for a neighbour that does not read, in bytes; then the oldest messages go. */
export const surrogateBacklogBytes = 16 * 1024 * 1024;

/** How far below its limit a backlog is cut, so that not every further message makes a cut of its own. */
const backlogSlackBytes = surrogateBacklogBytes / 16;

/** A piece that was picked and encoded, and how many of its messages have gone out. */
interface EncodedPiece {
  source: PeerName | undefined;
  payloads: Uint8Array[];
  sent: number;
}

/**
 * Collects what one channel has to say to one neighbour, and sends it when the socket is ready: what the original
 * calls gossipSender (gossip.go).
 *
 * At most one piece of gossip, and one broadcast for each source, wait at any time: what comes while something waits
 * is merged into it, so that a neighbour that does not read costs no more memory than the state itself.
 */
export class GossipSender {
  readonly #connection: GossipConnection;
  readonly #channel: SenderChannel;
  #gossip: OpaqueData | undefined;
  readonly #broadcasts = new Map<PeerName, OpaqueData>();
  /** What was picked last, while the socket takes its messages one after the other. */
  #current: EncodedPiece | undefined;
  /** Bytes of surrogate data that wait. */
  #backlog = 0;

  constructor(connection: GossipConnection, channel: SenderChannel) {
    this.#connection = connection;
    this.#channel = channel;
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#gossip === undefined && this.#broadcasts.size === 0 && this.#current === undefined;
  }

  /** Adds gossip to what waits. */
  addGossip(data: OpaqueData): void {
    this.#gossip = this.#merge(this.#gossip, data);
    this.#limitBacklog();
  }

  /** Adds a broadcast of `source` to what waits. */
  addBroadcast(source: PeerName, data: OpaqueData): void {
    this.#broadcasts.set(source, this.#merge(this.#broadcasts.get(source), data));
    this.#limitBacklog();
  }

  /** Sends what waits, message by message, until nothing is left or the socket is full. */
  deliver(): void {
    while (this.#connection.writable) {
      this.#current ??= this.#pick();
      if (this.#current === undefined) return;
      const { source, payloads } = this.#current;
      const payload = payloads[this.#current.sent++];
      if (this.#current.sent >= payloads.length) this.#current = undefined;
      if (payload === undefined) continue;
      try {
        if (source === undefined) this.#channel.sendGossip(this.#connection, payload);
        else this.#channel.sendBroadcast(this.#connection, source, payload);
      } catch (error) {
        this.#channel.report(error);
      }
    }
  }

  #merge(waiting: OpaqueData | undefined, data: OpaqueData): OpaqueData {
    this.#backlog += backlogOf(data);
    if (waiting === undefined) return data;
    try {
      return waiting.merge(data);
    } catch (error) {
      // They cannot be merged, and only one can wait: the newer one says more about the present.
      this.#channel.report(error);
      return data;
    }
  }

  /** Takes the next piece and encodes it. Gossip goes first: it usually matters more than broadcasts. */
  #pick(): EncodedPiece | undefined {
    for (;;) {
      let source: PeerName | undefined;
      let data = this.#gossip;
      if (data !== undefined) {
        this.#gossip = undefined;
      } else {
        const first = this.#broadcasts.entries().next();
        if (first.done) return undefined;
        [source, data] = first.value;
        this.#broadcasts.delete(source);
      }
      this.#backlog -= backlogOf(data);
      try {
        return { source, payloads: data.encode(), sent: 0 };
      } catch (error) {
        this.#channel.report(error);
      }
    }
  }

  /** Surrogate data only grows when merged, so the oldest messages of its largest piece go. */
  #limitBacklog(): void {
    if (this.#backlog <= surrogateBacklogBytes) return;
    let largest: { source: PeerName | undefined; data: SurrogateData } | undefined;
    for (const [source, data] of [[undefined, this.#gossip] as const, ...this.#broadcasts]) {
      if (!(data instanceof SurrogateData)) continue;
      if (largest === undefined || data.byteLength > largest.data.byteLength) largest = { source, data };
    }
    if (largest === undefined) return;
    const excess = this.#backlog - surrogateBacklogBytes + backlogSlackBytes;
    const { kept, messages, bytes } = largest.data.dropOldest(excess);
    const opaque: OpaqueData = kept as unknown as OpaqueData;
    if (largest.source === undefined) this.#gossip = opaque;
    else this.#broadcasts.set(largest.source, opaque);
    this.#backlog -= bytes;
    this.#channel.dropped(this.#connection, messages, bytes);
  }
}

function backlogOf(data: OpaqueData): number {
  return data instanceof SurrogateData ? data.byteLength : 0;
}

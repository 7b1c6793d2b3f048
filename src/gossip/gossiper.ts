import type { PeerName } from "../peer-name.ts";

/**
 * State that can wait, merge and be sent: what the original calls GossipData (gossip.go).
 *
 * One object can wait in many senders at the same time, one for each connection, so both methods are pure: `merge`
 * returns a new object (or one of the two, unchanged) and `encode` may run several times, whenever a socket is ready.
 */
export interface GossipData<D> {
  /** The messages to send, each the payload of a frame of its own (at most 10 MiB with its envelope). May be empty. */
  encode(): Uint8Array[];
  /**
   * Returns data that stands for both `this` and `other`, without changing either. `this` was handed in first.
   *
   * Merged data must not be larger than the application's state, as it is kept for each neighbour that does not read.
   * For data that only grows when merged, use SurrogateData, whose messages have a budget.
   */
  merge(other: D): D;
}

/**
 * The receiving end of a gossip channel: what the original calls Gossiper (gossip.go).
 *
 * Methods may return promises. While one is pending, only the connection that the message came on stops reading.
 * An error thrown (or rejected) by `onUnicast`, `onBroadcast` or `onGossip` ends that connection, as in the original;
 * one thrown by `gossip`, `encode` or `merge` is reported as an `error` event and the router lives on.
 *
 * The byte arrays are the receiver's to keep; they may be views of a larger buffer that holds one frame.
 */
export interface Gossiper<D extends GossipData<D>> {
  /** A message for this peer alone. */
  onUnicast(source: PeerName, message: Uint8Array): void | Promise<void>;
  /**
   * A message that `source` sent to all. The returned data is relayed along the broadcast tree of `source`, usually
   * what was received; `undefined` relays nothing.
   */
  onBroadcast(source: PeerName, update: Uint8Array): D | undefined | Promise<D | undefined>;
  /** Everything we know, for a new neighbour and for the periodic exchange. `undefined` sends nothing. */
  gossip(): D | undefined;
  /** State from a neighbour. The returned data, the news in it, is relayed; `undefined` if nothing was new. */
  onGossip(update: Uint8Array): D | undefined | Promise<D | undefined>;
}

/** Gossip data of a type that the senders do not know: it only merges with data of the same channel. */
export interface OpaqueData extends GossipData<OpaqueData> {
  /**
   * The first message, and the data of the others, for data that can be encoded message by message: so that a slow neighbour costs the
   * memory of one message.
   */
  encodeFirst?(): { readonly message: Uint8Array; readonly rest: OpaqueData | undefined };
  /** The bytes that waiting data takes, where that is not the length of its messages. */
  readonly heldBytes?: number;
}

/** A gossiper whose data type this room does not know. */
export type OpaqueGossiper = Gossiper<OpaqueData>;

/** Whether a gossiper's answer has still to come. */
export function isPending<T>(answer: T | Promise<T>): answer is Promise<T> {
  return typeof (answer as { then?: unknown } | undefined)?.then === "function";
}

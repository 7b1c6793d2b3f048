/** The codes of errors in gossip; stable, for programs. */
export type GossipErrorCode =
  /** A unicast to a peer that is in no route. */
  | "unknown-destination"
  /** The next hop of a route has no connection (any more), or the destination is ourselves. */
  | "no-connection"
  /** The connection ended before the socket had taken the message. */
  | "connection-closed"
  /** The message with its envelope exceeds what a frame may carry; nothing was sent. */
  | "message-too-large"
  /** A second channel under the same name. */
  | "duplicate-channel"
  /** A gossiper's callback threw; `cause` is what it threw. */
  | "gossiper-failed"
  /** A unicast to us on the topology channel. */
  | "unexpected-unicast"
  /** The router has been stopped. */
  | "stopped";

/** An error of the gossip layer. `channel` is the gossip channel concerned. */
export class GossipError extends Error {
  override readonly name = "GossipError";
  readonly code: GossipErrorCode;
  readonly channel: string;

  constructor(code: GossipErrorCode, channel: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.channel = channel;
  }

  /** Wraps what a gossiper's callback threw; the text stays, as it is what the log shows. */
  static fromGossiper(channel: string, cause: unknown): GossipError {
    const text = cause instanceof Error ? cause.message : String(cause);
    return new GossipError("gossiper-failed", channel, text, { cause });
  }
}

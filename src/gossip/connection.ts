import type { ConnectionRecord } from "../topology/index.ts";
import type { GossipSenders } from "./senders.ts";

/** What gossip needs of a connection of ours: where it leads, and how full its socket is. */
export interface GossipConnection extends ConnectionRecord {
  /** The merging senders of this connection, one for each channel. */
  readonly senders: GossipSenders;
  /** False while the socket is above its high-water mark, and once the connection is ending. */
  readonly writable: boolean;
  /** Bytes handed to the socket that it has not yet taken. */
  readonly queuedBytes: number;
  /**
   * Sends one message.
   *
   * @throws FrameError `frame-too-large`; nothing is sent and the connection lives on.
   */
  send(tag: number, body: Uint8Array): void;
  /**
   * Settles when the socket has drained, at once if it is not full. Rejects with GossipError `connection-closed` if
   * the connection ends first.
   */
  drained(): Promise<void>;
}

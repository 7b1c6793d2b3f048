import type { ConnectionRecord } from "../topology/index.ts";
import type { GossipSenders } from "./senders.ts";

/** The part of a connection of ours that gossip uses: where it leads, and how full its socket is. */
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
  /** The log of what the other side causes. */
  readonly journal: ConnectionJournal;
}

/** Logs what the other side of a connection causes, at a limited rate. */
export interface ConnectionJournal {
  /** Takes note of messages dropped from the connection's backlog, and of their bytes, objects included. */
  dropped(messages: number, bytes: number): void;
  /** Logs a line for a message that came on the connection. `text` is only called for a line that is written. */
  received(text: () => string): void;
}

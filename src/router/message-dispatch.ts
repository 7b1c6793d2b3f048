import { Tag } from "../wire/index.ts";

/** The receivers of a connection's messages. */
export interface MessageReceivers {
  /** Takes a control message of the overlay. */
  control(tag: number, message: Uint8Array): void;
  /** Takes a gossip message (tags 4 to 6); `body` is what follows the tag. */
  deliver(tag: number, body: Uint8Array): void | Promise<void>;
  /** Logs that a message is ignored. */
  ignored(message: string): void;
}

/**
 * Hands a message to its receiver, by its tag (connection.go, handleProtocolMsg). Returns the receiver's promise: the
 * next message must wait for it.
 */
export function dispatch(message: Uint8Array, receivers: MessageReceivers): void | Promise<void> {
  const tag = message[0];
  switch (tag) {
    case undefined:
      return receivers.ignored("ignoring blank msg");
    case Tag.heartbeat:
      return;
    case Tag.reserved1:
    case Tag.reserved2:
    case Tag.reserved3:
    case Tag.overlayControl:
      return receivers.control(tag, message.subarray(1));
    case Tag.gossip:
    case Tag.unicast:
    case Tag.broadcast:
      return receivers.deliver(tag, message.subarray(1));
    default:
      return receivers.ignored(`ignoring unknown protocol tag: ${tag}`);
  }
}

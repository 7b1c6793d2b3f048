import type { Flavour } from "../peer-name.ts";
import { EnvelopeReader, Tag } from "../wire/index.ts";

/** What kind of message it is, by its tag. */
export type MessageKind =
  | "heartbeat"
  | "gossip"
  | "unicast"
  | "broadcast"
  | "overlay control"
  | "unknown"
  | "empty";

/** A message, read. The payload is a view of the message. */
export interface MessageView {
  readonly kind: MessageKind;
  readonly tag: number;
  readonly channel?: string;
  readonly source?: string;
  /** Of a unicast. */
  readonly destination?: string;
  /** What follows the envelope, or the tag. */
  readonly payload: Uint8Array;
  /** Bytes after the payload. */
  readonly trailingBytes: number;
  /** Why the envelope cannot be read: the peer that got the message ended the connection. */
  readonly fault?: string;
}

const noBytes = new Uint8Array(0);

/** Reads a plain message: tag, then body. */
export function viewMessage(message: Uint8Array, flavour: Flavour): MessageView {
  const tag = message[0];
  if (tag === undefined) return { kind: "empty", tag: 0, payload: noBytes, trailingBytes: 0 };
  const kind = kindOf(tag);
  const body = message.subarray(1);
  if (tag < Tag.gossip || tag > Tag.broadcast) return { kind, tag, payload: body, trailingBytes: 0 };
  const reader = new EnvelopeReader(body, flavour);
  const fields: { channel?: string; source?: string; destination?: string } = {};
  try {
    fields.channel = reader.channel();
    fields.source = reader.peerName();
    if (tag === Tag.unicast) fields.destination = reader.peerName();
    const payload = reader.payload();
    return { kind, tag, ...fields, payload, trailingBytes: body.length - reader.offset };
  } catch (error) {
    return { kind, tag, ...fields, payload: noBytes, trailingBytes: 0, fault: (error as Error).message };
  }
}

function kindOf(tag: number): MessageKind {
  switch (tag) {
    case Tag.heartbeat:
      return "heartbeat";
    case Tag.gossip:
      return "gossip";
    case Tag.unicast:
      return "unicast";
    case Tag.broadcast:
      return "broadcast";
    case Tag.reserved1:
    case Tag.reserved2:
    case Tag.reserved3:
    case Tag.overlayControl:
      return "overlay control";
    default:
      return "unknown";
  }
}

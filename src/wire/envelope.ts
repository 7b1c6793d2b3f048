import type { PeerName } from "../peer-name.ts";
import { allocateTransient } from "./allocation.ts";
import { bytesValueSize, channelValue, nameValue, wireType, writeValueHead } from "./gob-values.ts";

/**
 * A gossip message, without its tag: a gob stream of three values.
 *
 *     channel name (string)   our name (uint or string)   payload ([]byte)
 *
 *     encodeGossip("topology", name 1, 00 01)   // 0b 0c 00 08 topology  03 06 00 01  05 0a 00 02 00 01
 *
 * Built by hand, as none of the types needs a definition; a test holds it against the gob encoder. The payload is
 * copied; the result is meant to be sent soon (it may be part of a larger block of memory).
 *
 * Source: gossip_channel.go, `makeMsg`, `gobEncode`.
 */
export function encodeGossip(channel: string, source: PeerName, payload: Uint8Array): Uint8Array {
  return envelope(channelValue(channel), nameValue(source), noBytes, payload);
}

/** A broadcast message: as gossip, with the name of the peer that it comes from. Source: `makeBroadcastMsg`. */
export function encodeBroadcast(channel: string, source: PeerName, payload: Uint8Array): Uint8Array {
  return envelope(channelValue(channel), nameValue(source), noBytes, payload);
}

/** A unicast message: channel, source, destination, payload. Source: gossip_channel.go, `GossipUnicast`. */
export function encodeUnicast(
  channel: string,
  source: PeerName,
  destination: PeerName,
  payload: Uint8Array,
): Uint8Array {
  return envelope(channelValue(channel), nameValue(source), nameValue(destination), payload);
}

const noBytes = new Uint8Array(0);

function envelope(
  channel: Uint8Array,
  source: Uint8Array,
  destination: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const start = channel.length + source.length + destination.length;
  const body = allocateTransient(start + bytesValueSize(payload.length));
  body.set(channel);
  body.set(source, channel.length);
  body.set(destination, channel.length + source.length);
  body.set(payload, writeValueHead(body, start, wireType.bytes, payload.length));
  return body;
}

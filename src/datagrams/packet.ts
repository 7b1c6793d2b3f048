import * as gob from "../gob/index.ts";
import { type Flavour, PeerName } from "../peer-name.ts";
import { DatagramError } from "./errors.ts";

/** A datagram with its sender and the sender's run, as it travels (meshconn/pkt.go). */
export interface Packet {
  readonly source: PeerName;
  readonly sourceUid: bigint;
  readonly bytes: Uint8Array;
}

const macSchema = gob.struct("pkt", { SrcName: gob.uint64, SrcUID: gob.uint64, Buf: gob.bytes });
const hashSchema = gob.struct("pkt", { SrcName: gob.string, SrcUID: gob.uint64, Buf: gob.bytes });

/** A packet as a gob stream of one value, as the original's meshconn sends it. */
export function encodePacket(packet: Packet, flavour: Flavour): Uint8Array {
  const rest = { SrcUID: packet.sourceUid, Buf: packet.bytes };
  if (flavour === "hash") return gob.encode(hashSchema, { SrcName: packet.source, ...rest });
  return gob.encode(macSchema, { SrcName: PeerName.toUint(packet.source), ...rest });
}

/** @throws DatagramError `malformed-packet` */
export function decodePacket(bytes: Uint8Array, flavour: Flavour): Packet {
  try {
    if (flavour === "hash") {
      const { SrcName, SrcUID, Buf } = gob.decode(hashSchema, bytes);
      return { source: SrcName as PeerName, sourceUid: SrcUID, bytes: Buf };
    }
    const { SrcName, SrcUID, Buf } = gob.decode(macSchema, bytes);
    return { source: PeerName.fromUint(SrcName), sourceUid: SrcUID, bytes: Buf };
  } catch (cause) {
    throw new DatagramError("malformed-packet", `malformed datagram: ${(cause as Error).message}`, { cause });
  }
}

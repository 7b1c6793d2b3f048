import type { PeerName } from "../peer-name.ts";
import {
  type ConnectionDescription,
  type DecodedUpdate,
  type PeerDescription,
  type UpdateTypeIds,
  updateTypeIds,
  updateTypes,
} from "./update.ts";

/** A type with the values that JSON cannot hold as text: 64-bit numbers in decimal, bytes in hex. */
type Json<T> = {
  [K in keyof T]: T[K] extends bigint ? string : T[K] extends Uint8Array | undefined ? string : T[K];
};

/** A connection as JSON. Bytes that are not UTF-8 stay lone surrogates, which JSON.stringify escapes and JSON.parse restores. */
export type ConnectionJson = Json<ConnectionDescription>;

/** A peer as JSON. */
export type PeerJson = Json<Omit<PeerDescription, "connections">> & { connections: ConnectionJson[] };

/** An update as JSON, from which the identical bytes can be made again. */
export interface UpdateJson {
  types: UpdateTypeIds;
  peers: PeerJson[];
}

/**
 * An update in a form that JSON.stringify writes and JSON.parse reads without loss.
 *
 *     {"types": {"peer": 66, "connection": 67, "connections": 68},
 *      "peers": [{"name": "00:00:00:00:00:01", "nickName": "", "uid": "7", "version": "2", "shortId": 5, "hasShortId": true,
 *                 "connections": [{"name": "…", "remoteAddress": "10.0.0.7:6783", "outbound": true, "established": true}]}]}
 */
export function updateToJson({ peers, types }: DecodedUpdate): UpdateJson {
  return {
    types: updateTypeIds(types),
    peers: peers.map((peer) => ({
      ...withHex(peer),
      uid: String(peer.uid),
      version: String(peer.version),
      connections: peer.connections.map(withHex),
    })),
  };
}

/** The update that `updateToJson` was given. Throws SyntaxError for a text that is not a number. */
export function updateFromJson({ peers, types }: UpdateJson): DecodedUpdate {
  return {
    types: updateTypes(types),
    peers: peers.map((peer) => ({
      ...withBytes(peer),
      uid: uint64(peer.uid),
      version: uint64(peer.version),
      connections: peer.connections.map(withBytes),
    })),
  };
}

/** Reads a number of up to 20 digits: the time for longer ones grows faster than their length. */
function uint64(text: string): bigint {
  if (text.length > 20) throw new SyntaxError("expected a decimal number of 64 bits");
  return BigInt(text);
}

type Named<Bytes> = { name: PeerName; nameBytes?: Bytes | undefined };

function withHex<T extends Named<Uint8Array>>({
  nameBytes,
  ...rest
}: T): Omit<T, "nameBytes"> & { nameBytes?: string } {
  return nameBytes === undefined ? rest : { ...rest, nameBytes: Buffer.from(nameBytes).toString("hex") };
}

function withBytes<T extends Named<string>>({
  nameBytes,
  ...rest
}: T): Omit<T, "nameBytes"> & { nameBytes?: Uint8Array } {
  return nameBytes === undefined
    ? rest
    : { ...rest, nameBytes: Uint8Array.from(Buffer.from(nameBytes, "hex")) };
}

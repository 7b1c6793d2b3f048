import type { Flavour } from "../peer-name.ts";
import {
  decodeUpdate,
  encodeUpdate,
  type PeerDescription,
  type UpdateTypeIds,
  updateTypeIds,
  updateTypes,
} from "../topology/index.ts";
import type { PayloadDescriber, PayloadEncoder } from "../wire/index.ts";
import { decodeHex, encodeHex } from "./text.ts";

/** Fields with 64-bit numbers, which JSON keeps as text. */
const wide = new Set(["uid", "version"]);

/** Describes topology updates peer by peer, as JSON; all other payloads belong to applications and stay opaque. */
export function topologyDescriber(flavour: Flavour): PayloadDescriber {
  return (channel, payload) => {
    if (channel !== "topology") return undefined;
    const { peers, types } = decodeUpdate(payload, flavour);
    return JSON.parse(JSON.stringify({ typeIds: updateTypeIds(types), peers }, toJson));
  };
}

/** The way back of {@link topologyDescriber}. */
export const encodeTopology: PayloadEncoder = (_channel, described) => {
  const { typeIds, peers } = JSON.parse(JSON.stringify(described), fromJson) as {
    typeIds: UpdateTypeIds;
    peers: PeerDescription[];
  };
  return encodeUpdate(peers, updateTypes(typeIds));
};

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? encodeHex(value) : value;
}

function fromJson(key: string, value: unknown): unknown {
  if (wide.has(key)) return BigInt(value as string);
  return key === "nameBytes" ? decodeHex(value as string) : value;
}

import type { Flavour } from "../../src/peer-name.ts";
import {
  decodeUpdate,
  encodeUpdate,
  type PeerDescription,
  updateTypeIds,
  updateTypes,
} from "../../src/topology/index.ts";
import type { PayloadDescriber, PayloadEncoder } from "../../src/wire/index.ts";

/** Names of the topology channel's fields that hold 64-bit numbers, which JSON keeps as text. */
const wide = new Set(["uid", "version"]);

/** Describes topology updates peer by peer; all other payloads belong to applications and stay opaque. */
export function topologyDescriber(flavour: Flavour): PayloadDescriber {
  return (channel, payload) => {
    if (channel !== "topology") return undefined;
    const { peers, types } = decodeUpdate(payload, flavour);
    return JSON.parse(JSON.stringify({ typeIds: updateTypeIds(types), peers }, toJson));
  };
}

/** The way back of `topologyDescriber`. */
export const encodeTopology: PayloadEncoder = (_channel, described) => {
  const { typeIds, peers } = JSON.parse(JSON.stringify(described), fromJson);
  return encodeUpdate(peers as PeerDescription[], updateTypes(typeIds));
};

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}

function fromJson(key: string, value: unknown): unknown {
  if (wide.has(key)) return BigInt(value as string);
  return key === "nameBytes" ? new Uint8Array(Buffer.from(value as string, "hex")) : value;
}

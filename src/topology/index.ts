/** The mesh as a peer knows it: our own versioned record, all peers, short IDs, topology updates, routes. Pure. */

export { TopologyError, type TopologyErrorCode } from "./errors.ts";
export { type RefusedDescriptions, type TopologyLimits, topologyLimits } from "./limits.ts";
export { LocalPeer, type LocalPeerInit } from "./local-peer.ts";
export {
  type ConnectionRecord,
  Peer,
  type PeerInit,
  peerLabel,
  RemoteConnection,
  randomPeerUid,
  randomShortId,
  shortIdCount,
} from "./peer.ts";
export { type AppliedUpdate, Peers, type PeersHandlers, type PeersOptions } from "./peers.ts";
export { Routes } from "./routes.ts";
export {
  type ConnectionDescription,
  type DecodedUpdate,
  decodeUpdate,
  defaultUpdateTypeIds,
  encodeUpdate,
  type PeerDescription,
  type UpdateTypeIds,
  updateTypeIds,
  updateTypes,
} from "./update.ts";
export {
  type ConnectionJson,
  type PeerJson,
  type UpdateJson,
  updateFromJson,
  updateToJson,
} from "./update-json.ts";
export { maxUpdateBytes } from "./update-split.ts";

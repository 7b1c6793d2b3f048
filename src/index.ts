/**
 * weave-mesh: a full peer of weaveworks/mesh.
 *
 * {@link Router} is the peer; {@link Gossiper} and {@link GossipData} are what an application writes to share its
 * state; {@link PeerName} names peers in both flavours.
 */
export * from "./datagrams/index.ts";
export {
  type Channel,
  type GossipData,
  GossipError,
  type GossipErrorCode,
  type Gossiper,
  SurrogateData,
  SurrogateGossiper,
} from "./gossip/index.ts";
export { type Flavour, PeerName, PeerNameError } from "./peer-name.ts";
export * from "./router/index.ts";
export { TransportError, type TransportErrorCode } from "./transport/index.ts";
export {
  EnvelopeError,
  FrameError,
  HandshakeError,
  type RefusalReason,
  refusalTexts,
} from "./wire/index.ts";

/** Gossip: channels, senders that merge while a connection is slow, surrogates, and the gossip of topology. */
export { type Channel, type ChannelPeer, GossipChannel, relayBacklogBytes } from "./channel.ts";
export type { GossipConnection } from "./connection.ts";
export { GossipError, type GossipErrorCode } from "./errors.ts";
export type { GossipData, Gossiper } from "./gossiper.ts";
export { surrogateBacklogBytes } from "./sender.ts";
export { GossipSenders } from "./senders.ts";
export { SurrogateGossiper } from "./surrogate.ts";
export { SurrogateData } from "./surrogate-data.ts";
export { TopologyData, TopologyGossiper, topologyChannel } from "./topology-gossip.ts";

/** Gossip: channels, senders that merge while a connection is slow, surrogates, and the gossip of topology. */
export { surrogateBacklogBytes, totalBacklogBytes } from "./backlog.ts";
export { type Channel, type ChannelPeer, GossipChannel } from "./channel.ts";
export type { ConnectionJournal, GossipConnection } from "./connection.ts";
export { GossipError, type GossipErrorCode } from "./errors.ts";
export { Fifo } from "./fifo.ts";
export type { GossipData, Gossiper } from "./gossiper.ts";
export { HeldUnicasts, heldUnicastBytes, relayBacklogBytes, totalHeldUnicastBytes } from "./held-unicasts.ts";
export { GossipSenders, maxIdleSenders } from "./senders.ts";
export { SharedBudget } from "./shared-budget.ts";
export { maxRememberedGossips, SurrogateGossiper } from "./surrogate.ts";
export { ownBytes, SurrogateData } from "./surrogate-data.ts";
export { TopologyData, TopologyGossiper, topologyChannel } from "./topology-gossip.ts";

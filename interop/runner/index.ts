/** What scenario files import. */
export type { Edge } from "./agreement.ts";
export type { Mesh } from "./mesh.ts";
export type { DrivenPeer } from "./peer.ts";
export { type Cast, defineScenario, type MeshSpec, type PeerSpec } from "./scenario.ts";

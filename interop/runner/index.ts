/** The modules that scenario files and the attack suite import. */
export type { Edge } from "../driver/agreement.ts";
export type { Flavour, Generation } from "../driver/go-build.ts";
export { meshPort } from "../driver/subnet.ts";
export type { Mesh } from "./mesh.ts";
export type { Cast, Language, MeshSpec, PeerSpec, Setting } from "./mesh-spec.ts";
export type { DrivenPeer } from "./peer.ts";
export type { RawPeer } from "./raw-peer.ts";
export { type Cell, defineScenario, type Scenario } from "./scenario.ts";

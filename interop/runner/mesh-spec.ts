import type { Flavour, Generation } from "../driver/go-build.ts";

/** The language of a peer. */
export type Language = "go" | "ts";
/** The place of the peers: processes on loopback addresses, or containers on a private network. */
export type TransportName = "native" | "docker";
/** Which language plays which side of a scenario. */
export interface Cast {
  A: Language;
  B: Language;
}

/** A program other than the driven peers that a scenario can have in its mesh. */
export type ProgramName = "original-counter" | "example-counter" | "join";

/** One peer of a scenario: its side, its place, and the flags of its command line. */
export interface PeerSpec {
  /** The side that it belongs to, and so its language. */
  side?: "A" | "B";
  /** In place of the cell's. */
  generation?: Generation;
  /** A particular program in place of a driven peer. */
  program?: ProgramName;
  /** The labels of the peers and proxies that it is told to connect to; it starts after the peers. */
  dials?: readonly string[];
  /** Further targets, as `--peer` takes them. */
  targets?: readonly string[];
  /** It is not started with the others: the scenario does it. */
  later?: boolean;
  /** Its identity is that of another peer. */
  sameNameAs?: string;
  /** Its address is that of another peer: the two cannot run together. */
  sameAddressAs?: string;
  /**
   * Where it listens; default an address of its own on the common port. "ipv6" is ::1, "any" all addresses of
   * both families, each with a port of its own, so that discovery has to be off.
   */
  address?: "ipv6" | "any";
  /** In place of a random one; in the `hash` flavour what the name is made from. */
  hwaddr?: string;
  /** Name the peers to connect to by host alone: they are then not dialled while they have dialled us. */
  withoutPort?: boolean;
  /** Default true. */
  discovery?: boolean;
  /** Log channels registered before it starts; default one, "default". */
  channels?: readonly string[];
  /** Counter channels registered before it starts; default none. */
  counters?: readonly string[];
  connectionLimit?: number;
  trustedSubnets?: readonly string[];
  minProtocol?: 1 | 2;
  /** Seconds between complete gossips; 0 is never. Default: the original's 30. */
  gossipInterval?: number;
  uid?: bigint;
}

/** The peers and proxies of a scenario's mesh. */
export interface MeshSpec {
  /** `undefined` is no password, "" is sealed with an empty secret. */
  password?: string | undefined;
  /**
   * The protocol version that the connections between the two languages use; default 2. For version 1 the
   * TypeScript peers are told to go no higher; in a mesh of Go peers only, all are a build of the original
   * with its constant changed.
   */
  version?: 1 | 2;
  peers: Record<string, PeerSpec>;
  /** Proxies by their labels, each with the peer that it stands in front of. */
  proxies?: Record<string, string>;
}

/** The programs of a run's peers. */
export interface Programs {
  /** The folder of the compiled package and of the TypeScript peer (driver/package-build.ts). */
  tree: string;
  /** An executable in place of the Go peer that follows the control interface (interop/README.md). */
  goPeer?: string | undefined;
}

/** The conditions under which a scenario runs once. */
export interface Setting {
  /** The scenario's file name without its extension. */
  scenario: string;
  variant: string;
  cast: Cast;
  flavour: Flavour;
  generation: Generation;
  transport: TransportName;
  /** Programs in place of the suite's own driven peers. */
  programs: Programs;
  /** Whether a scenario should take its time: `--all`. */
  thorough: boolean;
}

/** The language of a peer: its side's, or its program's. */
export function languageOf(spec: PeerSpec, setting: Setting): Language {
  if (spec.program !== undefined) return spec.program === "original-counter" ? "go" : "ts";
  return setting.cast[spec.side ?? "A"];
}

/** Whether a mesh has no TypeScript peer. */
export function isGoOnly(setting: Setting, mesh: MeshSpec): boolean {
  return Object.values(mesh.peers).every((spec) => languageOf(spec, setting) === "go");
}

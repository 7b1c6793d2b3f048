import type { Mesh } from "./mesh.ts";

/** What a peer is written in. */
export type Language = "go" | "ts";
/** The peer name flavour of a whole mesh. */
export type Flavour = "mac" | "hash";
/** Which original the Go peers of a mesh are made of: 0c91e69 of 2018-03-23 or 58dbcc3 of 2019-11-05. */
export type Generation = "2018" | "2019";
/** Where the peers run: as processes on loopback addresses, or in containers on a private network. */
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

/** Who is in the mesh of a scenario. */
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

/** A scenario: who takes part, what happens, and what must be true for every peer. */
export interface Scenario<Parameters = unknown> {
  /** One line that says what holds when it passes. */
  title: string;
  /** Named variants, each run by itself; default one without a name. */
  variants?: Record<string, Parameters>;
  /** The casts that it is run with, unless another is asked for; default both mixed ones. */
  casts?: readonly Cast[];
  /** Whether the gate runs it in both flavours; default false, and the flavours take turns. */
  bothFlavours?: boolean;
  /** The transports that it is run over; default both. */
  transports?: readonly TransportName[];
  /** The flavours that it is run with; default both. */
  flavours?: readonly Flavour[];
  /** The generations that it is run with; default both. */
  generations?: readonly Generation[];
  /** False: only `--all` runs it, because it takes minutes. Default true. */
  gate?: boolean;
  /** The whole scenario's deadline; default 60 s. */
  withinMs?: number;
  mesh(parameters: Parameters): MeshSpec;
  run(mesh: Mesh, parameters: Parameters): Promise<void>;
}

/** Types a scenario; a scenario file exports the result as its default. */
export function defineScenario<Parameters>(scenario: Scenario<Parameters>): Scenario<Parameters> {
  return scenario;
}

/** What the peers of a run are made of. */
export interface Programs {
  /** The folder of the compiled package and of the TypeScript peer (build.ts). */
  tree: string;
  /** An executable in place of the Go peer that follows the control interface (interop/README.md). */
  goPeer?: string | undefined;
}

/** One run of a scenario: what a line of the report stands for. */
export interface Cell {
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
  definition: Scenario;
}

/** The cast as the report and `--cast` write it: side A, then side B. */
export function castText(cast: Cast): string {
  return `${cast.A}-${cast.B}`;
}

/** A cell's name, unique in a run: `handshake v1-plain [go-ts hash 2018]`. */
export function cellText(cell: Cell): string {
  const name = cell.variant === "" ? cell.scenario : `${cell.scenario} ${cell.variant}`;
  return `${name} [${castText(cell.cast)} ${cell.flavour} ${cell.generation}${cell.transport === "docker" ? " docker" : ""}]`;
}

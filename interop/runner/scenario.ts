import type { Flavour, Generation } from "../driver/go-build.ts";
import type { Mesh } from "./mesh.ts";
import type { Cast, MeshSpec, Setting, TransportName } from "./mesh-spec.ts";

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

/** One run of a scenario: what a line of the report stands for. */
export interface Cell extends Setting {
  definition: Scenario;
}

/** The cast as the report and `--cast` write it: side A, then side B. */
export function castText(cast: Cast): string {
  return `${cast.A}-${cast.B}`;
}

/** A cell's name, unique in a run: `handshake v1-plain [go-ts hash 2018]`. */
export function cellText(cell: Setting): string {
  const name = cell.variant === "" ? cell.scenario : `${cell.scenario} ${cell.variant}`;
  return `${name} [${castText(cell.cast)} ${cell.flavour} ${cell.generation}${cell.transport === "docker" ? " docker" : ""}]`;
}

import { join } from "node:path";
import { endpointText } from "../driver/endpoint.ts";
import { type Flavour, type Generation, type GoProgram, goBinary } from "../driver/go-build.ts";
import { commandLine, typeScriptPeer } from "../driver/package-build.ts";
import { root } from "../driver/paths.ts";
import type { Command } from "../driver/peer-process.ts";
import type { Language, MeshSpec, PeerSpec, Programs } from "./mesh-spec.ts";
import type { Identity } from "./names.ts";

/** Everything that a peer's command line is made of. */
export interface Launch {
  label: string;
  spec: PeerSpec;
  mesh: MeshSpec;
  /** No TypeScript peer takes part. */
  goOnly: boolean;
  language: Language;
  flavour: Flavour;
  generation: Generation;
  programs: Programs;
  identity: Identity;
  /** The peer's own address. */
  host: string;
  port: number;
  /** The targets to dial, as `--peer` takes them. */
  targets: readonly string[];
  /** The file for the messages that a TypeScript peer receives. */
  framesFile: string;
  /** Further flags, which a scenario may add before a start. */
  extraArguments: string[];
}

/** The fixed HTTP address of the programs that cannot choose a free one: the peer has an address of its own. */
export function httpAddress(launch: Launch): string {
  return `${launch.host}:8080`;
}

/** The Go binary that a peer needs, or `undefined` for a TypeScript one. */
export function goProgramOf(spec: PeerSpec, mesh: MeshSpec, cast: { language: Language; goOnly: boolean }) {
  let program: GoProgram | undefined;
  if (spec.program === "original-counter") program = "original-counter";
  else if (spec.program === undefined && cast.language === "go") {
    program = cast.goOnly && mesh.version === 1 ? "go-peer-v1" : "go-peer";
  }
  return program;
}

/** The command line of a peer. */
export function commandOf(launch: Launch): Command {
  const { spec, flavour, generation, programs } = launch;
  const goProgram = goProgramOf(spec, launch.mesh, launch);
  const parameters = argumentsOf(launch);
  if (spec.program === "join") return nodeCommand([commandLine(programs.tree)], parameters);
  if (spec.program === "example-counter") {
    return nodeCommand(
      ["--import", "tsx", join(root, "examples", "increment-only-counter", "main.ts")],
      parameters,
    );
  }
  if (goProgram === undefined) return nodeCommand(["--expose-gc", typeScriptPeer(programs.tree)], parameters);
  const own = goProgram === "original-counter" ? undefined : programs.goPeer;
  return { file: own ?? goBinary(goProgram, flavour, generation), arguments: parameters };
}

/** What a peer's program is given, without the program itself. */
export function argumentsOf(launch: Launch): readonly string[] {
  const { spec, flavour, language } = launch;
  switch (spec.program) {
    case "original-counter":
      return counterArguments(launch);
    case "example-counter":
      return [...counterArguments(launch), ...(flavour === "hash" ? ["-flavour", flavour] : [])];
    case "join":
      return joinArguments(launch);
    default:
      return language === "ts" ? typeScriptPeerArguments(launch) : peerArguments(launch);
  }
}

function nodeCommand(script: readonly string[], parameters: readonly string[]): Command {
  return { file: process.execPath, arguments: [...script, ...parameters] };
}

function commonArguments({ host, port, identity, label, targets }: Launch): string[] {
  return [
    ...["--mesh", endpointText({ host, port }), "--hwaddr", identity.hwaddr, "--nickname", label],
    ...targets.flatMap((target) => ["--peer", target]),
  ];
}

/** The flags of the control interface's peers, in both languages (interop/README.md). */
function peerArguments(launch: Launch): string[] {
  const { spec, mesh } = launch;
  const result = commonArguments(launch);
  const flag = (name: string, value: unknown) => {
    if (value !== undefined) result.push(`--${name}=${value}`);
  };
  flag("password", mesh.password);
  for (const channel of spec.channels ?? ["default"]) flag("channel", channel);
  for (const counter of spec.counters ?? []) flag("counter", counter);
  if (spec.discovery === false) result.push("--no-discovery");
  flag("conn-limit", spec.connectionLimit);
  flag("trusted-subnets", spec.trustedSubnets?.join(","));
  flag("min-protocol", spec.minProtocol);
  flag("gossip-interval", spec.gossipInterval);
  flag("uid", spec.uid);
  return [...result, ...launch.extraArguments];
}

function typeScriptPeerArguments(launch: Launch): string[] {
  const version = launch.mesh.version === 1 ? ["--max-protocol", "1"] : [];
  return [...peerArguments(launch), ...version, "--flavour", launch.flavour, "--frames", launch.framesFile];
}

function joinArguments(launch: Launch): string[] {
  const { mesh, spec, flavour } = launch;
  return [
    "join",
    ...commonArguments(launch),
    ...["--flavour", flavour, "--http", httpAddress(launch)],
    ...(mesh.password === undefined ? [] : ["--password", mesh.password]),
    ...(mesh.version === 1 ? ["--max-protocol", "1"] : []),
    ...["--channel", spec.channels?.[0] ?? "default"],
    ...(spec.discovery === false ? ["--no-discovery"] : []),
  ];
}

/** The flags of the original's example and of ours: one channel, the first of the counters. */
function counterArguments(launch: Launch): string[] {
  return [
    ...commonArguments(launch),
    ...["--http", httpAddress(launch), "--channel", launch.spec.counters?.[0] ?? "default"],
    ...(launch.mesh.password === undefined ? [] : ["--password", launch.mesh.password]),
  ];
}

import { CommandedProcess } from "../../interop/driver/commanded-process.ts";
import { goBinary } from "../../interop/driver/go-build.ts";
import type { Command } from "../../interop/driver/peer-process.ts";
import { allocateSubnet, meshPort, type Subnet } from "../../interop/driver/subnet.ts";
import { tsScript } from "./build.ts";

/** The language of a process. */
export type Language = "go" | "ts";

/** One router within a peer process. */
export interface RouterConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Missing: no password. */
  readonly password?: string;
  /** `host:port` of those to connect to. */
  readonly targets?: readonly string[];
  readonly discovery?: boolean;
}

/** Extra flags for Node, as `--cpu-prof`, from the environment. */
export const nodeFlags = (process.env.BENCH_NODE_FLAGS ?? "").split(" ").filter((flag) => flag !== "");

/** Starts a peer process. */
export function startPeer(
  language: Language,
  routers: readonly RouterConfig[],
  environment: Readonly<Record<string, string>> = {},
): CommandedProcess {
  const command = { ...peerCommand(language, routers), environment };
  return new CommandedProcess(`${language} ${routers[0]?.name}`, command);
}

/** The command line of a peer process. */
export function peerCommand(language: Language, routers: readonly RouterConfig[]): Command {
  if (language === "ts") {
    return {
      file: process.execPath,
      arguments: [...nodeFlags, tsScript("peer"), JSON.stringify({ routers })],
    };
  }
  const each = routers.map(({ name, host, port, password, targets = [], discovery = false }) => [
    ...["--mesh", `${host}:${port}`, "--hwaddr", name, "--bench", "bench", "--conn-limit", "0"],
    ...["--nickname", "bench", "--control", "none", "--quiet"],
    ...(password === undefined ? [] : [`--password=${password}`]),
    ...(discovery ? [] : ["--no-discovery"]),
    ...targets.flatMap((target) => ["--peer", target]),
  ]);
  return {
    file: goBinary("go-peer"),
    arguments: each.flatMap((flags, i) => (i === 0 ? flags : ["--and", ...flags])),
  };
}

/** Has one router of a peer process connect to targets. @throws Error with the first refusal. */
export async function connect(
  peer: CommandedProcess,
  router: number,
  peers: readonly string[],
  options: { replace?: boolean } = {},
): Promise<void> {
  const { errors } = await peer.ask<{ errors: string[] }>("connect", { router, peers, ...options });
  if (errors.length > 0) throw new Error(errors[0]);
}

/** The address at which the n-th host of a subnet listens. */
export function meshAddress(subnet: Subnet, n: number): string {
  return `${subnet.host(n)}:${meshPort}`;
}

/** The name of the n-th peer. */
export function peerName(n: number): string {
  return `00:00:00:00:${hex(n >> 8)}:${hex(n & 255)}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Peers, one process each, on a subnet of their own. */
export interface Mesh {
  readonly peers: readonly CommandedProcess[];
  readonly names: readonly string[];
  end(): Promise<void>;
}

/**
 * Starts a process for each language named, joined as `links` says (pairs of indices, the first dials), and waits until
 * all have routes to all.
 */
export async function startMesh(
  languages: readonly Language[],
  links: readonly (readonly [number, number])[],
  password?: string,
): Promise<Mesh> {
  const subnet = await allocateSubnet();
  const names = languages.map((_, i) => peerName(i + 1));
  const peers = languages.map((language, i) =>
    startPeer(language, [
      {
        name: names[i]!,
        host: subnet.host(i + 1),
        port: meshPort,
        ...(password === undefined ? {} : { password }),
      },
    ]),
  );
  await Promise.all(peers.map((peer) => peer.ready));
  for (const [i, peer] of peers.entries()) {
    const targets = links.filter(([from]) => from === i).map(([, to]) => meshAddress(subnet, to + 1));
    if (targets.length > 0) await connect(peer, 0, targets);
  }
  await Promise.all(peers.map((peer) => peer.ask("know", { router: 0, names })));
  return {
    peers,
    names,
    async end() {
      await Promise.all(peers.map((peer) => peer.end()));
      await subnet.release();
    },
  };
}

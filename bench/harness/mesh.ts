import { goBinary, tsScript } from "./build.ts";
import { type Command, MeasuredProcess } from "./measured-process.ts";

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
): MeasuredProcess {
  const command = { ...peerCommand(language, { routers }), environment };
  return new MeasuredProcess(`${language} ${routers[0]?.name}`, command);
}

/** How a peer process is started. */
export function peerCommand(language: Language, config: object): Command {
  const argument = JSON.stringify(config);
  return language === "go"
    ? { file: goBinary("peer"), arguments: [argument] }
    : { file: process.execPath, arguments: [...nodeFlags, tsScript("peer"), argument] };
}

let subnets = (process.pid * 7) % 15_000;

/** A loopback subnet that no other mesh of this run has: `127.x.y`. */
export function newSubnet(): string {
  subnets++;
  return `127.${64 + (Math.floor(subnets / 250) % 60)}.${1 + (subnets % 250)}`;
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
  readonly peers: readonly MeasuredProcess[];
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
  const subnet = newSubnet();
  const names = languages.map((_, i) => peerName(i + 1));
  const peers = languages.map((language, i) =>
    startPeer(language, [
      {
        name: names[i]!,
        host: `${subnet}.${i + 1}`,
        port: 6783,
        ...(password === undefined ? {} : { password }),
      },
    ]),
  );
  await Promise.all(peers.map((peer) => peer.ready));
  for (const [i, peer] of peers.entries()) {
    const targets = links.filter(([from]) => from === i).map(([, to]) => `${subnet}.${to + 1}:6783`);
    if (targets.length > 0) await peer.ask("connect", { router: 0, targets });
  }
  await Promise.all(peers.map((peer) => peer.ask("know", { router: 0, names })));
  return {
    peers,
    names,
    async end() {
      await Promise.all(peers.map((peer) => peer.end()));
    },
  };
}

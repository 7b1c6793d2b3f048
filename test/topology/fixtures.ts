import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { PeerName } from "../../src/peer-name.ts";
import {
  type ConnectionRecord,
  encodeUpdate,
  LocalPeer,
  Peer,
  type PeerDescription,
  Peers,
  type PeersHandlers,
  RemoteConnection,
} from "../../src/topology/index.ts";
import { seededRandom } from "../../src/transport/index.ts";

/** A fixture made by interop/go-peer/vectors/topology. */
export function readFixture<T>(name: string): T {
  const bytes = readFileSync(new URL(`../../fixtures/topology/${name}`, import.meta.url));
  return JSON.parse(gunzipSync(bytes).toString());
}

/** The mac name of a small number. */
export function nameOf(number: number): PeerName {
  return PeerName.fromUint(number);
}

/** Ourselves, by default number 1, with short ID 1 and nobody else known. */
export function meshOf(
  options: { name?: PeerName; shortId?: number; seed?: string; on?: PeersHandlers } = {},
): {
  ourself: LocalPeer;
  peers: Peers;
} {
  const name = options.name ?? nameOf(1);
  const ourself = new LocalPeer({ name, nickName: "us", uid: 77n, shortId: options.shortId ?? 1 });
  const flavour = PeerName.flavourOf(name);
  const random = seededRandom(options.seed ?? "mesh");
  return { ourself, peers: new Peers(ourself, { random, flavour, ...(options.on && { on: options.on }) }) };
}

/** Connects us to a peer, known or not, as the router does. */
export function connect(peers: Peers, name: PeerName, established = true): ConnectionRecord {
  const remote = peers.fetchWithDefault(new Peer({ name, uid: 1n }));
  const connection = new RemoteConnection(remote, "10.0.0.1:6783", true, established);
  peers.ourself.addConnection(connection);
  if (established) peers.ourself.connectionEstablished(connection);
  return connection;
}

/** A mesh in small numbers, as interop/go-peer/vectors/topology draws it: peers are indices into `names`, and 0 is ourselves. */
export interface TopologyCase {
  names: PeerName[];
  /** Whether updates describe the peer, or only name it as the far end of connections. */
  described: boolean[];
  connections: number[][];
  established: number[][];
}

/** The mesh as we see it: our connections are made, an update tells of all others. */
export function meshFrom(one: TopologyCase): { ourself: LocalPeer; peers: Peers } {
  const mesh = meshOf({ name: one.names[0]! });
  for (const to of one.connections[0]!) connect(mesh.peers, one.names[to]!, one.established[0]!.includes(to));
  const described = one.names.flatMap((name, i) => {
    if (i === 0 || !one.described[i]) return [];
    const far = one.connections[i]!;
    const peer = description(
      name,
      far.map((to) => one.names[to]!),
    );
    for (const [at, link] of peer.connections.entries())
      link.established = one.established[i]!.includes(far[at]!);
    return [peer];
  });
  mesh.peers.applyUpdate(encodeUpdate(described));
  return mesh;
}

/** A description of a peer with established connections to these. */
export function description(
  name: PeerName,
  connections: PeerName[] = [],
  rest: Partial<PeerDescription> = {},
): PeerDescription {
  return {
    name,
    nickName: "",
    uid: 1n,
    version: 1n,
    shortId: 0,
    hasShortId: false,
    connections: connections.map((remote) => ({
      name: remote,
      remoteAddress: "10.0.0.1:6783",
      outbound: false,
      established: true,
    })),
    ...rest,
  };
}

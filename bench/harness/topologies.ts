import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PeerName } from "../../src/peer-name.ts";
import { encodeUpdate, type PeerDescription } from "../../src/topology/index.ts";
import { seededRandom } from "../../src/transport/index.ts";
import { buildFolder } from "./paths.ts";

/** A mesh in a file, as the update that its first peer would get. */
export interface TopologyFile {
  readonly file: string;
  /** The first peer, whom the update names but does not describe. */
  readonly ourself: string;
  /** A peer that is linked to the first one. */
  readonly neighbour: string;
  /** How many peers the update describes. */
  readonly described: number;
}

/** All pairs linked. */
export function clique(size: number): TopologyFile {
  return write(`clique-${size}`, size, (i) =>
    Array.from({ length: size }, (_, j) => j).filter((j) => j !== i),
  );
}

/** A ring with one random chord from each peer: connected, and about four links each. */
export function sparse(size: number): TopologyFile {
  const random = seededRandom(size);
  const links = Array.from({ length: size }, () => new Set<number>());
  const link = (i: number, j: number): void => {
    if (i === j) return;
    links[i]!.add(j);
    links[j]!.add(i);
  };
  for (let i = 0; i < size; i++) {
    link(i, (i + 1) % size);
    link(i, random.int(size));
  }
  return write(`sparse-${size}`, size, (i) => [...links[i]!]);
}

function write(name: string, size: number, linksOf: (i: number) => number[]): TopologyFile {
  const random = seededRandom(name);
  const names = Array.from({ length: size }, () => PeerName.fromBytes(random.bytes(6)));
  const peers: PeerDescription[] = [];
  for (let i = 1; i < size; i++) {
    peers.push({
      name: names[i]!,
      nameBytes: PeerName.toBytes(names[i]!),
      nickName: `peer-${i}`,
      uid: BigInt(i) * 0x1234567890abn,
      version: 1000n,
      shortId: i % 4096,
      hasShortId: true,
      connections: linksOf(i).map((j) => ({
        name: names[j]!,
        nameBytes: PeerName.toBytes(names[j]!),
        remoteAddress: `10.${j >> 8}.${j & 255}.17:6783`,
        outbound: i < j,
        established: true,
      })),
    });
  }
  const file = join(buildFolder, `${name}.bin`);
  writeFileSync(file, encodeUpdate(peers));
  return { file, ourself: names[0]!, neighbour: names[1]!, described: size - 1 };
}

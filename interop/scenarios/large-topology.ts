import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PeerName } from "../../src/peer-name.ts";
import { encodeUpdate, type PeerDescription } from "../../src/topology/index.ts";
import { encodeGossip, Tag } from "../../src/wire/index.ts";
import { meshPort } from "../driver/subnet.ts";
import { type DrivenPeer, defineScenario, type Mesh } from "../runner/index.ts";
import { Offender } from "./endings/offender.ts";

const size = 800;
const frameBytes = 10 * 1024 * 1024;
const peersPerMessage = 300;

export default defineScenario({
  title: "a topology of 800 fully connected peers reaches a Go peer whole, which cannot pass it on",
  casts: [{ A: "go", B: "ts" }],
  generations: ["2019"],
  gate: false,
  withinMs: 240_000,
  transports: ["native"], // it dials from addresses of its own
  mesh: () => ({
    peers: {
      first: { side: "B", discovery: false, gossipInterval: 0 },
      // If the Go peer comes back before it was missed, it is told everything with the next gossip only, as by the original.
      second: { side: "B", discovery: false },
      // Its clock runs from its start: it gossips all that it knows when it has all.
      go: { side: "A", discovery: false, gossipInterval: 80 },
    },
  }),
  async run(mesh) {
    const peers = describeClique(mesh, size);
    const teller = await tell(mesh, peers);
    try {
      const last = peers.at(-1)!.name;
      await reaches(mesh, "first", last);
      await mesh.peer("second").control.connect([mesh.addressOf("first")]);
      await reaches(mesh, "second", last);
      await mesh.peer("go").control.connect([mesh.addressOf("second")]);
      await reaches(mesh, "go", last);
      await isWhole(mesh, mesh.peer("second"), peers);
      await isWhole(mesh, mesh.peer("go"), peers);
      await cameInPieces(mesh);

      const tooLarge =
        /connection shutting down due to error: outgoing message exceeds maximum size: (\d+) > 10485760$/m;
      await mesh.peer("go").logged(tooLarge, 100_000);
      await mesh.peer("second").logged(/connection shutting down due to error: /m);
      const bytes = Number(tooLarge.exec(await logOf(mesh, "go"))![1]);
      console.log(
        `     the Go peer could not send its ${(bytes / 2 ** 20).toFixed(1)} MiB, and ended the connection`,
      );
      // The others live on, and it comes back and gets everything once more.
      await reaches(mesh, "second", last);
      await mesh.until("the Go peer comes back", 30_000, async () =>
        /connection ready[\s\S]*connection ready/.test(await logOf(mesh, "go")) ? undefined : "once only",
      );
      await reaches(mesh, "go", last);
    } finally {
      teller.leave();
    }
  },
});

/** Peers of which each is connected to all others. */
function describeClique(mesh: Mesh, count: number): PeerDescription[] {
  const { flavour } = mesh.cell;
  const names = Array.from({ length: count }, () =>
    PeerName.fromBytes(mesh.random.bytes(flavour === "mac" ? 6 : 16), flavour),
  );
  return names.map((name, i) => ({
    name,
    nickName: `peer-${i}`,
    uid: BigInt(i + 1),
    version: BigInt(count),
    shortId: i,
    hasShortId: true,
    connections: names
      .filter((other) => other !== name)
      .map((other, j) => ({
        name: other,
        remoteAddress: `10.0.${j >> 8}.${j & 255}:6783`,
        outbound: j < i,
        established: true,
      })),
  }));
}

/** Plays the first of these peers, which tells the first TypeScript peer of all. */
async function tell(mesh: Mesh, peers: readonly PeerDescription[]): Promise<{ leave(): void }> {
  const { host } = mesh.peer("first");
  const target = { host, port: meshPort };
  const teller = await Offender.connect(target, host.replace(/\d+$/, "100"), mesh.cell.flavour);
  const { name } = peers[0]!;
  await teller.join({ Name: name, NickName: "peer-0", UID: "1", ShortID: "0" });
  await teller.greeted();
  for (let at = 0; at < peers.length; at += peersPerMessage) {
    const update = encodeUpdate(peers.slice(at, at + peersPerMessage));
    teller.message(Tag.gossip, encodeGossip("topology", name, update));
  }
  const heartbeat = setInterval(() => teller.message(Tag.heartbeat), 20_000);
  return {
    leave() {
      clearInterval(heartbeat);
      teller.destroy();
    },
  };
}

/** Waits until a peer has a route to another: it then knows all. */
async function reaches(mesh: Mesh, label: string, name: PeerName): Promise<void> {
  await mesh.until(`${label} has a route to the last peer`, 60_000, async () => {
    await mesh.peer(label).control.unicast("default", name, new Uint8Array(1));
    return undefined;
  });
}

/** Checks that a peer knows every peer and every connection as they were described. */
async function isWhole(mesh: Mesh, peer: DrivenPeer, peers: readonly PeerDescription[]): Promise<void> {
  await mesh.until(`${peer.label} knows everything`, 60_000, async () => {
    const { Peers } = await peer.status();
    const known = new Map(Peers.map((each) => [each.Name, each]));
    for (const { name, uid, nickName, connections } of peers.slice(1)) {
      const status = known.get(name);
      if (status?.UID !== uid || status.NickName !== nickName) return `not ${nickName}`;
      const described = connections.map((c) => `${c.name} ${c.remoteAddress} ${c.outbound} ${c.established}`);
      const shown = (status.Connections ?? []).map(
        (c) => `${c.Name} ${c.Address} ${c.Outbound} ${c.Established}`,
      );
      if (described.sort().join() !== shown.sort().join()) return `not all connections of ${nickName}`;
    }
    return undefined;
  });
}

/** Checks what passed between the two TypeScript peers: several messages, each within the limit, above it together. */
async function cameInPieces(mesh: Mesh): Promise<void> {
  const lines = (await readFile(join(mesh.folder, "second.frames.ndjson"), "utf8")).trimEnd().split("\n");
  const large = lines
    .map((line) => JSON.parse(line) as { direction: string; remoteAddress: string; hex: string })
    .filter((frame) => frame.direction === "in" && frame.remoteAddress === mesh.addressOf("first"))
    .map(({ hex }) => hex.length / 2)
    .filter((bytes) => bytes > 100_000);
  const total = large.reduce((sum, bytes) => sum + bytes, 0);
  if (large.length < 2 || total <= frameBytes || large.some((bytes) => bytes > frameBytes)) {
    throw new Error(`the topology came in messages of ${large} bytes`);
  }
  console.log(
    `     the topology passed between TypeScript peers in ${large.length} messages of ${large} bytes`,
  );
}

function logOf(mesh: Mesh, label: string): Promise<string> {
  return readFile(join(mesh.folder, `${label}.log`), "utf8");
}

import { PeerName } from "../../src/peer-name.ts";
import { encodeUpdate, type PeerDescription } from "../../src/topology/index.ts";
import { encodeGossip, Tag } from "../../src/wire/index.ts";
import { defineScenario } from "../runner/index.ts";

// The one who tells is no router, so it can tell what no router would just then.
export default defineScenario({
  title:
    "news of nobody known makes a placeholder, old news of oneself is outbid, stale news of others is ignored",
  mesh: () => ({
    peers: {
      listener: { side: "B", discovery: false },
      other: { side: "A", discovery: false, dials: ["listener"] },
    },
  }),
  async run(mesh) {
    await mesh.agree({ connections: "full" });
    const { flavour } = mesh.cell;
    const [listener, other] = [mesh.peer("listener"), mesh.peer("other")];
    const teller = await mesh.rawPeer("listener");
    const ghost = PeerName.fromBytes(mesh.random.bytes(flavour === "mac" ? 6 : 16), flavour);
    const common = { nickName: "told", shortId: 0, hasShortId: false };
    const link = { remoteAddress: "127.0.0.1:1", outbound: true, established: true };
    const told: PeerDescription[] = [
      {
        ...{ ...common, name: teller.name, uid: teller.uid, version: 5n },
        connections: [
          { ...link, name: PeerName.parse(listener.name, flavour) },
          { ...link, name: ghost },
        ],
      },
      { ...common, name: PeerName.parse(listener.name, flavour), uid: 7n, version: 1000n, connections: [] },
      { ...common, name: PeerName.parse(other.name, flavour), uid: 7n, version: 1n, connections: [] },
    ];
    teller.send(Tag.gossip, encodeGossip("topology", teller.name, encodeUpdate(told)));
    const seenBy = async (peer: typeof other, name: string) => {
      return (await peer.status()).Peers.find(({ Name }) => Name === name);
    };
    for (const peer of [listener, other]) {
      await mesh.until(`${peer.label} has drawn its conclusions`, 20_000, async () => {
        const placeholder = await seenBy(peer, ghost);
        if (placeholder === undefined) return "it does not know the ghost";
        if (placeholder.UID !== 0n || placeholder.Version !== 0n) return "it knows too much of the ghost";
        const self = await seenBy(peer, listener.name);
        if (self === undefined || self.Version < 1001n) return `the listener has version ${self?.Version}`;
        const third = await seenBy(peer, other.name);
        if (third?.NickName !== "other") return `the other is called ${third?.NickName}`;
        if (third.UID === 7n) return "the other has the wrong UID";
        return undefined;
      });
    }
    await mesh.exchange("default", ["listener", "other"], { kinds: ["unicast", "broadcast"] });
    teller.close();
    await mesh.agree({ connections: "full", withinMs: 20_000 });
  },
});

import { decodeFeatures } from "../../src/wire/index.ts";
import { defineScenario, type Mesh } from "../runner/index.ts";

// What version 1 may say in plain.
const plainFeatures = ["ConnID", "Name", "NickName", "PeerNameFlavour", "UID"];
const sealedFeatures = [...plainFeatures, "PublicKey"].sort();

interface Parameters {
  version: 1 | 2;
  password: string | undefined;
}

// A dials B, so the two mixed casts are "Go dials" and "TypeScript dials".
export default defineScenario<Parameters>({
  title: "two peers join, agree and exchange unicast, broadcast and gossip both ways",
  bothFlavours: true,
  variants: {
    "v1-plain": { version: 1, password: undefined },
    "v1-password": { version: 1, password: "correct horse" },
    "v1-empty-password": { version: 1, password: "" },
    "v2-plain": { version: 2, password: undefined },
    "v2-password": { version: 2, password: "correct horse" },
    "v2-empty-password": { version: 2, password: "" },
  },
  mesh: (parameters) => ({
    ...parameters,
    peers: { dialler: { side: "A", dials: ["listener"] }, listener: { side: "B" } },
  }),
  async run(mesh, { version, password }) {
    await mesh.agree({ connections: "full", withinMs: 10_000 });
    for (const peer of mesh.drivenPeers) {
      await peer.logged(new RegExp(`connection ready; using protocol version ${version}$`, "m"));
      await mesh.until(`${peer.label} shows its encryption`, 1000, async () => {
        const { Encryption, Connections } = await peer.status();
        if (Encryption !== (password !== undefined)) return `Encryption is ${Encryption}`;
        const info = Connections?.[0]?.Info ?? "";
        return info.startsWith("encrypted") === Encryption ? undefined : `Info is ${info}`;
      });
    }
    if (version === 1) await sentOnly(mesh, password === undefined ? plainFeatures : sealedFeatures);
    await mesh.exchange("default", ["dialler", "listener"]);
    await mesh.exchange("default", ["dialler", "listener"], { extraBytes: 200_000 });
  },
});

/** Checks which features went out, in the recordings of the TypeScript peers: Go drops what should not be there. */
async function sentOnly(mesh: Mesh, names: readonly string[]): Promise<void> {
  for (const piece of await mesh.recorded("out", "features")) {
    const sent = [...decodeFeatures(piece).keys()].sort();
    if (`${sent}` !== `${names}`) throw new Error(`these features were sent: ${sent}`);
  }
}

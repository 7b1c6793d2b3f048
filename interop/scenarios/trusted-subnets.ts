import { defineScenario } from "../runner/index.ts";

interface Parameters {
  one: readonly string[];
  two: readonly string[];
  /** What the status says; the session key is withheld only where each trusts the other. */
  info: string;
}

/** Where the peers are: as processes, and as containers. */
const all = ["127.0.0.0/8", "10.192.0.0/10"];
const none = ["172.16.0.0/12"];

export default defineScenario<Parameters>({
  title: "the connection counts as unencrypted only when each side trusts the other's subnet",
  variants: {
    neither: { one: none, two: none, info: "encrypted" },
    "one-side": { one: all, two: none, info: "encrypted" },
    "both-sides": { one: all, two: [...none, ...all], info: "unencrypted" },
  },
  mesh: ({ one, two }) => ({
    password: "trust",
    peers: {
      one: { side: "A", trustedSubnets: one },
      two: { side: "B", trustedSubnets: two, dials: ["one"] },
    },
  }),
  async run(mesh, { one, info }) {
    await mesh.agree({ connections: "full" });
    for (const peer of mesh.drivenPeers) {
      const { Connections, TrustedSubnets, Encryption } = await peer.status();
      const shown = Connections?.[0]?.Info ?? "";
      if (!shown.startsWith(`${info} `)) throw new Error(`${peer.label} shows ${shown}`);
      if (!Encryption) throw new Error(`${peer.label} says that it does not encrypt`);
      if (peer.label === "one" && `${TrustedSubnets}` !== `${one}`)
        throw new Error(`${peer.label} trusts ${TrustedSubnets}`);
    }
    await mesh.exchange("default", ["one", "two"]); // sealed all the same
  },
});

import { defineScenario } from "../runner/index.ts";

export default defineScenario<{ rival: "lowest" | "highest" }>({
  title: "of two peers with the same short ID that with the higher name takes another, and all agree",
  variants: { loses: { rival: "lowest" }, keeps: { rival: "highest" } },
  // Names by their hash cannot be placed; the rival can be told its short ID only in TypeScript.
  flavours: ["mac"],
  casts: [
    { A: "go", B: "ts" },
    { A: "ts", B: "ts" },
  ],
  mesh: ({ rival }) => ({
    peers: {
      one: { side: "A", hwaddr: "40:00:00:00:00:01" },
      two: { side: "A", hwaddr: "50:00:00:00:00:01", dials: ["one"] },
      rival: {
        side: "B",
        hwaddr: rival === "lowest" ? "00:00:00:00:00:07" : "fe:00:00:00:00:07",
        dials: ["two"],
        later: true,
      },
    },
  }),
  async run(mesh, { rival }) {
    await mesh.agree({ connections: "full" });
    const shortIdOf = async (label: string) => {
      const { Peers, Name } = await mesh.peer(label).status();
      return Peers.find((peer) => peer.Name === Name)!;
    };
    const before = await shortIdOf("one");
    mesh.peer("rival").launch.extraArguments.push(`--short-id=${before.ShortID}`);
    await mesh.peer("rival").start();
    await mesh.agree({ connections: "full", withinMs: 45_000 });
    const [victim, intruder] = [await shortIdOf("one"), await shortIdOf("rival")];
    const [winner, loser] = rival === "lowest" ? [intruder, victim] : [victim, intruder];
    if (winner.ShortID !== before.ShortID) throw new Error("the lower name has lost its short ID");
    if (loser.ShortID === before.ShortID) throw new Error("the higher name has kept the short ID");
    // Connections to two others make 2 versions each; another short ID makes one more.
    if (victim.Version < before.Version + (rival === "lowest" ? 3n : 2n))
      throw new Error(`version ${victim.Version} after ${before.Version}`);
  },
});

import { defineScenario } from "../runner/index.ts";

export default defineScenario({
  title:
    "a forgotten target stays connected, is not dialled again once it is lost, and is when it is named anew",
  withinMs: 90_000,
  mesh: () => ({
    proxies: { door: "listener" },
    peers: {
      listener: { side: "B", discovery: false },
      dialler: { side: "A", discovery: false, dials: ["door"] },
    },
  }),
  async run(mesh) {
    const dialler = mesh.peer("dialler");
    const target = mesh.addressOf("door");
    await mesh.agree({ connections: "full" });
    await mesh.until("the target shows", 5_000, async () => {
      const { Targets } = await dialler.status();
      return `${Targets}` === target ? undefined : `it shows ${Targets}`;
    });
    // By another text than the one that was given nothing is forgotten.
    await dialler.control.forget([target.replace(/:\d+$/, "")]);
    if (`${(await dialler.status()).Targets}` !== target) throw new Error("another text was forgotten, too");
    await dialler.control.forget([target]);
    const { Targets, Connections } = await dialler.status();
    if (`${Targets ?? ""}` !== "") throw new Error(`it still shows ${Targets}`);
    if (Connections?.length !== 1) throw new Error("forgetting has closed the connection");
    await mesh.exchange("default", ["listener", "dialler"]);

    mesh.proxy("door").reset();
    await mesh.until("they have lost each other", 10_000, async () => {
      for (const peer of mesh.drivenPeers) {
        const { Peers, Connections: left } = await peer.status();
        if (Peers.length > 1 || (left ?? []).length > 0) return `${peer.label} has not`;
      }
      return undefined;
    });
    await mesh.rest(4_000); // longer than the first retry interval, at its most 3 s
    if (mesh.proxy("door").connections > 0) throw new Error("a forgotten target was dialled again");

    // A bad target is an error, the others of the call count.
    const errors = await dialler.control.connect(["bad:port:here", target]);
    if (errors.length !== 1) throw new Error(`errors: ${errors}`);
    await mesh.agree({ connections: "full" });
    await mesh.exchange("default", ["listener", "dialler"]);
  },
});

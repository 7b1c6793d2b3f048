import { meshPort } from "../driver/subnet.ts";
import { defineScenario } from "../runner/index.ts";

export default defineScenario({
  title:
    "a peer named by host is found at its new address: by ours at the next dial, by the original when told again",
  withinMs: 90_000,
  transports: ["native"], // there it is /etc/hosts that moves
  mesh: () => ({
    peers: {
      dialler: { side: "A", discovery: false },
      here: { side: "B", discovery: false },
      there: { side: "B", discovery: false, sameNameAs: "here", later: true },
    },
  }),
  async run(mesh) {
    const dialler = mesh.peer("dialler");
    const host = mesh.hostName("moving");
    const target = `${host.name}:${meshPort}`;
    host.set(mesh.peer("here").host);
    const errors = await dialler.control.connect([target]);
    if (errors.length > 0) throw new Error(`${errors}`);
    await mesh.agree({ connections: "full" });

    await mesh.peer("here").kill();
    host.set(mesh.peer("there").host);
    await mesh.peer("there").start();
    if (dialler.language === "go") {
      await mesh.rest(6_000); // Go reads the file again after 5 s
      await dialler.control.connect([target], true);
    }
    await mesh.agree({ connections: "full", withinMs: 30_000 });
    await mesh.exchange("default", ["dialler", "there"]);
  },
});

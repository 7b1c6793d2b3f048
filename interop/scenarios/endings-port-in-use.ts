import { join } from "node:path";
import { PeerProcess } from "../driver/peer-process.ts";
import { defineScenario } from "../runner/index.ts";
import { commandOf } from "../runner/programs.ts";

export default defineScenario({
  title:
    "a peer whose address is taken says so in Go's words and ends, and who has the address does not notice",
  generations: ["2019"],
  transports: ["native"], // two containers cannot have one address
  mesh: () => ({
    peers: {
      owner: { side: "A" },
      neighbour: { side: "B", dials: ["owner"] },
      latecomer: { side: "B", later: true, sameAddressAs: "owner" },
    },
  }),
  async run(mesh) {
    await mesh.agree({ connections: [["owner", "neighbour"]] });
    const { launch } = mesh.peer("latecomer");
    const latecomer = new PeerProcess(commandOf(launch), join(mesh.folder, "latecomer.log"));
    const status = await latecomer.ended;
    const taken = `listen tcp ${mesh.addressOf("owner")}: bind: address already in use`;
    if (status === 0 || !latecomer.log().includes(taken)) {
      throw new Error(`the latecomer ended with ${status} and said:\n${latecomer.log()}`);
    }
    await mesh.agree({ connections: [["owner", "neighbour"]] });
    await mesh.exchange("default", ["owner", "neighbour"]);
  },
});

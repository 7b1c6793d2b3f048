import { defineScenario } from "../runner/index.ts";
import { shapeOf } from "../runner/shape.ts";

const binary = Buffer.from([0xff, 0x00, 0xfe]);

export default defineScenario({
  title: "weave-mesh join is a peer like any Go peer, driven over standard input and output",
  mesh: () => ({
    peers: {
      one: { side: "A" },
      two: { side: "B", dials: ["one"] },
      cli: { program: "join", dials: ["one"] },
    },
  }),
  casts: [{ A: "go", B: "go" }],
  async run(mesh) {
    const cli = mesh.join("cli");
    const one = mesh.peer("one");
    const two = mesh.peer("two");
    await mesh.agree({ connections: "full" });

    await one.control.unicast("default", cli.name, Buffer.from("to you"));
    await two.control.broadcast("default", binary);
    await one.control.gossip("default", Buffer.from("rumour"));
    cli.type(`unicast ${two.name} héllo two`);
    cli.type("broadcast hello all");
    const common = { channel: "default" };
    const events = [
      { event: "unicast", ...common, source: one.name, text: "to you" },
      { event: "broadcast", ...common, source: two.name, base64: binary.toString("base64") },
      { event: "gossip", ...common, text: "rumour" },
    ];
    await mesh.until("join prints what came", 10_000, () => {
      const printed = new Set(cli.events().map((event) => JSON.stringify(event)));
      return events.map((event) => JSON.stringify(event)).find((event) => !printed.has(event));
    });
    await mesh.until("the Go peers get what was typed", 10_000, async () => {
      const arrived = (await two.control.received()).map((m) => `${m.kind} ${m.source} ${m.bytes}`);
      const wanted = [`unicast ${cli.name} héllo two`, `broadcast ${cli.name} hello all`];
      return wanted.find((line) => !arrived.includes(line));
    });

    await mesh.until("its status has the shape of Go's", 5_000, async () => {
      const ours = shapeOf(await cli.statusText());
      const theirs = shapeOf(await two.control.statusText());
      return ours === theirs ? undefined : `ours is ${ours}, Go's is ${theirs}`;
    });
    for (const address of [cli.httpAddress, two.control.address]) {
      const shown = await cli.runStatus(address);
      for (const peer of mesh.peers) {
        if (!shown.includes(peer.name))
          throw new Error(`weave-mesh status does not show ${peer.label}:\n${shown}`);
      }
    }

    cli.endInput();
    await mesh.agree({ connections: "full" });
    await cli.stop(); // by SIGTERM; checks for exit status 0
    await mesh.agree({ connections: "full" });
  },
});

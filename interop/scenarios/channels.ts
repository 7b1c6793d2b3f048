import { defineScenario } from "../runner/index.ts";

const count = 200;
const all = Array.from({ length: count }, (_, i) => `channel-${i}`);
const even = all.filter((_, i) => i % 2 === 0);

export default defineScenario({
  title: "200 channels, half of them unknown to the relay, each bring their messages",
  mesh: () => ({
    peers: {
      left: { side: "A", discovery: false, channels: all, dials: ["middle"] },
      middle: { side: "B", discovery: false, channels: even },
      right: { side: "A", discovery: false, channels: all, dials: ["middle"] },
    },
  }),
  async run(mesh) {
    await mesh.agree({
      connections: [
        ["left", "middle"],
        ["middle", "right"],
      ],
    });
    const [left, right] = [mesh.peer("left"), mesh.peer("right")];
    for (const channel of all) {
      await left.control.broadcast(channel, Buffer.from(`broadcast on ${channel}`));
      await right.control.gossip(channel, Buffer.from(`gossip on ${channel}`));
      await left.control.unicast(channel, right.name, Buffer.from(`unicast on ${channel}`));
    }
    await mesh.until("every channel brings its messages", 20_000, async () => {
      const arrived = new Set(
        [...(await left.control.received()), ...(await right.control.received())].map(
          (m) => `${m.channel}: ${m.bytes}`,
        ),
      );
      const wanted = all.flatMap((c) =>
        ["broadcast", "gossip", "unicast"].map((kind) => `${c}: ${kind} on ${c}`),
      );
      return wanted.find((text) => !arrived.has(text));
    });
    const kinds = (await mesh.peer("middle").control.received()).map((m) => `${m.kind} ${m.channel}`);
    for (const channel of even) {
      if (kinds.filter((text) => text === `broadcast ${channel}`).length !== 1)
        throw new Error(`the middle did not get the broadcast on ${channel} once`);
    }
  },
});

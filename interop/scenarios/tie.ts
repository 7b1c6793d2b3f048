import { defineScenario } from "../runner/index.ts";

/** Header and encryption flag of protocol version 2: the features come next. */
const openingBytes = 8;

// Two proxies keep all four feature frames back until both connections are so far, and let them go together. That one
// side has decided they keep from the other until it has, too: it may be slow just then.
export default defineScenario({
  title: "two that dial each other at the same time keep one connection, the same one",
  withinMs: 300_000,
  mesh: () => ({
    proxies: { "to-one": "one", "to-two": "two" },
    peers: { one: { side: "A", discovery: false }, two: { side: "B", discovery: false } },
  }),
  async run(mesh) {
    const rounds = mesh.cell.thorough ? 200 : 40;
    const sides = [
      { peer: mesh.peer("one"), target: mesh.addressOf("to-two") },
      { peer: mesh.peer("two"), target: mesh.addressOf("to-one") },
    ];
    const seen = () => sides.map(({ peer }) => peer.timesLogged("Multiple connections to "));
    for (let round = 0; round < rounds; round++) {
      for (const proxy of mesh.proxies) proxy.hold(openingBytes);
      const before = seen();
      for (const { peer, target } of sides) await peer.control.connect([target]);
      await mesh.until(`round ${round}: all features wait`, 10_000, () =>
        mesh.proxies.every((proxy) => proxy.heldBytes > 0) ? undefined : "not yet",
      );
      for (const { peer, target } of sides) await peer.control.forget([target]);
      for (const proxy of mesh.proxies) {
        proxy.holdEnds();
        proxy.release();
      }
      await mesh.until(`round ${round}: both sides see the duplicate`, 10_000, () =>
        seen().every((times, i) => times > before[i]!) ? undefined : "not yet",
      );
      for (const proxy of mesh.proxies) proxy.passEnds();
      await mesh.agree({ connections: "full" });
      for (const proxy of mesh.proxies) proxy.reset();
      await mesh.until(`round ${round}: they are apart`, 10_000, async () => {
        for (const { peer } of sides) {
          if ((await peer.status()).Peers.length > 1) return `${peer.label} still knows the other`;
        }
        return undefined;
      });
    }
    console.log(`     tie: in ${rounds} of ${rounds} rounds both sides saw the duplicate`);
  },
});

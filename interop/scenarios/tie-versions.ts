import type { TcpProxy } from "../driver/proxy.ts";
import { type DrivenPeer, defineScenario, type Mesh } from "../runner/index.ts";

interface Parameters {
  version: 1 | 2;
  password: string | undefined;
  /** The bytes of each direction before the features: the header, and in version 2 the flag and the key. */
  before: number;
  /** Whether the second connection's features come when the first connection is established and has carried gossip. */
  oneAfterTheOther: boolean;
}

const v1 = { version: 1, before: 7 } as const;
const secret = "correct horse";

// The version 1 connections of a mesh with a password are those that we hold when they come second.
export default defineScenario<Parameters>({
  title: "in either version, two that dial each other keep one connection, whichever wins the tie",
  generations: ["2019"],
  variants: {
    "v1-password": { ...v1, password: secret, oneAfterTheOther: false },
    "v1-password-later": { ...v1, password: secret, oneAfterTheOther: true },
    "v1-plain": { ...v1, password: undefined, oneAfterTheOther: false },
    "v2-password": { version: 2, before: 40, password: secret, oneAfterTheOther: false },
    "v2-password-later": { version: 2, before: 40, password: secret, oneAfterTheOther: true },
    "v2-plain": { version: 2, before: 8, password: undefined, oneAfterTheOther: false },
  },
  withinMs: 1_800_000,
  mesh: ({ version, password }) => ({
    ...{ version, password },
    proxies: { "to-one": "one", "to-two": "two" },
    peers: { one: { side: "A", discovery: false }, two: { side: "B", discovery: false } },
  }),
  async run(mesh, { before, oneAfterTheOther }) {
    const wanted = mesh.cell.thorough ? 200 : 4;
    const sides = [
      { peer: mesh.peer("one"), target: mesh.addressOf("to-two") },
      { peer: mesh.peer("two"), target: mesh.addressOf("to-one") },
    ];
    // Which of the two connections was left: the one that peer one dialled, or the other.
    const outcomes = { dialled: 0, accepted: 0 };
    let held = 0;
    for (let round = 0; Math.min(outcomes.dialled, outcomes.accepted) < wanted; round++) {
      if (round > 4 * wanted + 40) throw new Error(`one outcome is rare: ${JSON.stringify(outcomes)}`);
      for (const proxy of mesh.proxies) proxy.hold(before);
      for (const { peer, target } of sides) await peer.control.connect([target]);
      await mesh.until(`round ${round}: all features wait`, 10_000, () =>
        mesh.proxies.every((proxy) => proxy.heldBytes > 0) ? undefined : "not yet",
      );
      for (const { peer, target } of sides) await peer.control.forget([target]);
      const order = round % 2 === 0 ? mesh.proxies : mesh.proxies.toReversed();
      const seen = decisions(sides.map(({ peer }) => peer));
      for (const proxy of order) proxy.holdEnds();
      await release(mesh, order, oneAfterTheOther);
      await mesh.until(`round ${round}: both sides see the duplicate`, 10_000, () =>
        decisions(sides.map(({ peer }) => peer)).every((times, i) => times > seen[i]!)
          ? undefined
          : "not yet",
      );
      for (const proxy of order) proxy.passEnds();
      await mesh.agree({ connections: "full" });
      // The loser is gone for good: nothing is left half open.
      await mesh.until(`round ${round}: one connection is left`, 5_000, () => {
        const left = mesh.proxies.reduce((sum, proxy) => sum + proxy.connections, 0);
        return left === 1 ? undefined : `${left} connections`;
      });
      const { Connections } = await mesh.peer("one").status();
      outcomes[Connections?.[0]?.Outbound ? "dialled" : "accepted"]++;
      for (const proxy of mesh.proxies) proxy.reset();
      await mesh.until(`round ${round}: they are apart`, 10_000, async () => {
        for (const { peer } of sides) {
          if ((await peer.status()).Peers.length > 1) return `${peer.label} still knows the other`;
        }
        return undefined;
      });
    }
    for (const { peer } of sides) held += peer.timesLogged("connection held until");
    console.log(`     tie-versions: ${JSON.stringify(outcomes)}, held ${held} times`);
  },
});

/** How often each peer has decided a tie or put off the decision. */
function decisions(peers: readonly DrivenPeer[]): number[] {
  return peers.map(
    (peer) => peer.timesLogged("Multiple connections to ") + peer.timesLogged("connection held until"),
  );
}

/** Lets the features of both connections go: together, or the second when the first is established. */
async function release(mesh: Mesh, order: readonly TcpProxy[], oneAfterTheOther: boolean): Promise<void> {
  const [first, second] = order;
  first!.release();
  if (oneAfterTheOther) await mesh.agree({ connections: "full" });
  second!.release();
}

import { PeerName } from "../../src/peer-name.ts";
import { encodeUnicast, maxFrameBytes, sealBytes } from "../../src/wire/index.ts";
import { type DrivenPeer, defineScenario, type Mesh } from "../runner/index.ts";

// Bodies of 0 bytes and of 1 byte, which no application can send, are in relay-bytes.
export default defineScenario<string | undefined>({
  title: "a frame of exactly 10 MiB arrives; one of a byte more is refused by its sender",
  variants: { plain: undefined, sealed: "large" },
  withinMs: 120_000,
  mesh: (password) => ({
    password,
    peers: { one: { side: "A", discovery: false, dials: ["two"] }, two: { side: "B", discovery: false } },
  }),
  async run(mesh, password) {
    await mesh.agree({ connections: "full" });
    const [one, two] = [mesh.peer("one"), mesh.peer("two")];
    const overhead = password === undefined ? 1 : 1 + sealBytes;
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      for (const size of [0, 1]) await deliver(mesh, from, to, mesh.random.bytes(size));
      await deliver(mesh, from, to, payloadFor(mesh, from, to, maxFrameBytes - overhead));
      const terminations = (await from.status()).TerminationCount;
      const before = deletions(mesh);
      const tooLarge = payloadFor(mesh, from, to, maxFrameBytes - overhead + 1);
      const refusal = await from.control.unicast("default", to.name, tooLarge).then(() => "", String);
      if (from.language === "ts") {
        if (refusal === "") throw new Error(`${from.label} has sent a frame that is too large`);
        const { TerminationCount } = await from.status();
        if (TerminationCount !== terminations) throw new Error("the refusal has ended a connection");
      } else {
        // The original ends its connection, and dials again. Until the connection is deleted, all still seem to agree.
        await from.logged(/connection shutting down due to error: .*(size|large|exceed)/i);
        await mesh.until("both have deleted the connection", 10_000, () =>
          deletions(mesh).every((count, i) => count > before[i]!) ? undefined : "not yet",
        );
      }
      await mesh.agree({ connections: "full", withinMs: 60_000 });
      if ((await to.control.received()).some(({ bytes }) => bytes.length === tooLarge.length))
        throw new Error(`${to.label} got it`);
    }
  },
});

/** How many connections each peer has deleted. */
function deletions(mesh: Mesh): number[] {
  return mesh.peers.map((peer) => peer.timesLogged("connection deleted"));
}

/** A payload that makes the envelope of a unicast exactly this long. */
function payloadFor(mesh: Mesh, from: DrivenPeer, to: DrivenPeer, length: number): Uint8Array {
  const { flavour } = mesh.cell;
  const names = [PeerName.parse(from.name, flavour), PeerName.parse(to.name, flavour)] as const;
  const guess = encodeUnicast("default", ...names, new Uint8Array(length - 100)).length;
  return new Uint8Array(length - 100 + length - guess).fill(mesh.random.int(256));
}

async function deliver(mesh: Mesh, from: DrivenPeer, to: DrivenPeer, payload: Uint8Array): Promise<void> {
  await from.control.unicast("default", to.name, payload);
  await mesh.until(`${payload.length} bytes arrive`, 30_000, async () =>
    (await to.control.received()).some(({ bytes, source }) => source === from.name && bytes.equals(payload))
      ? undefined
      : "not yet",
  );
}

import { defineScenario, type Mesh } from "../runner/index.ts";

interface Parameters {
  kind: "slow" | "far" | "stalling" | "crowded" | "broken";
}

const mebibyte = 1024 * 1024;

export default defineScenario<Parameters>({
  title: "messages come over a bad link whole, and a cut in the middle of one harms nothing else",
  withinMs: 240_000,
  variants: {
    slow: { kind: "slow" },
    far: { kind: "far" },
    stalling: { kind: "stalling" },
    crowded: { kind: "crowded" },
    broken: { kind: "broken" },
  },
  mesh: () => ({
    password: "link",
    proxies: { link: "right" },
    peers: {
      left: { side: "A", discovery: false, dials: ["link"] },
      right: { side: "B", discovery: false },
      behind: { side: "A", discovery: false, dials: ["right"] },
    },
  }),
  async run(mesh, { kind }) {
    const connections = [
      ["left", "right"],
      ["right", "behind"],
    ] as const;
    await mesh.agree({ connections });
    const link = mesh.proxy("link");
    switch (kind) {
      case "slow": // 1 Mbit/s
        link.shape({ bytesPerSecond: 125_000 });
        await deliver(mesh, mesh.cell.thorough ? 5 * mebibyte : mebibyte, 55_000);
        break;
      case "far":
        link.shape({ delayMs: 400 });
        await mesh.exchange("default", ["left", "right", "behind"], {
          kinds: ["unicast", "broadcast"],
          withinMs: 20_000,
        });
        await deliver(mesh, mebibyte, 20_000);
        break;
      case "stalling": {
        const arrived = deliver(mesh, mebibyte, 40_000, () => link.hold());
        await mesh.rest(mesh.cell.thorough ? 25_000 : 6_000);
        link.release();
        await arrived;
        break;
      }
      case "crowded": {
        // More than fits into the sockets: what comes later is merged while it waits, and none of it gets lost.
        link.hold();
        const marks = Array.from({ length: 160 }, (_, i) => `message ${i} `);
        for (const [i, mark] of marks.entries()) {
          const payload = Buffer.concat([Buffer.from(mark), Buffer.alloc(128 * 1024, i)]);
          await mesh.peer("left").control[i % 2 === 0 ? "broadcast" : "gossip"]("default", payload);
        }
        link.release();
        await mesh.until("everything arrives", 40_000, async () => {
          const arrived = await mesh.peer("right").control.received();
          return marks.find(
            (mark) => !arrived.some(({ bytes }) => bytes.subarray(0, mark.length).equals(Buffer.from(mark))),
          );
        });
        break;
      }
      case "broken": {
        const endings = await terminations(mesh);
        link.cutAfter(200_000);
        const payload = mesh.random.bytes(mebibyte);
        await mesh
          .peer("left")
          .control.unicast("default", mesh.peer("behind").name, payload)
          .catch(() => {});
        await mesh.until("both notice", 20_000, async () => {
          const now = await terminations(mesh);
          return now.left! > endings.left! && now.right! > endings.right! ? undefined : "not yet";
        });
        const received = await mesh.peer("behind").control.received();
        if (received.some(({ bytes }) => bytes.length > 1000))
          throw new Error("half a message was delivered");
        await mesh.agree({ connections, withinMs: 45_000 });
        if ((await terminations(mesh)).behind !== endings.behind)
          throw new Error("another connection ended, too");
        await deliver(mesh, mebibyte, 20_000);
        break;
      }
    }
    link.shape({});
    await mesh.agree({ connections, withinMs: 45_000 });
    await mesh.exchange("default", ["left", "right", "behind"], { kinds: ["unicast", "broadcast"] });
  },
});

/** Left sends a large unicast across the link to the peer behind it, and that one answers with another. */
async function deliver(mesh: Mesh, bytes: number, withinMs: number, meanwhile?: () => void): Promise<void> {
  const ends = [mesh.peer("left"), mesh.peer("behind")] as const;
  const payload = mesh.random.bytes(bytes);
  const [from, to] = ends;
  meanwhile?.();
  // A Go peer's control interface answers when the link has taken it all, so it is not waited for.
  const sent = from.control
    .unicast("default", to.name, payload)
    .catch((error: unknown) => mesh.fail(error as Error));
  await mesh.until(`${bytes} bytes arrive`, withinMs, async () =>
    (await to.control.received()).some((message) => message.bytes.equals(payload)) ? undefined : "not yet",
  );
  await sent;
}

async function terminations(mesh: Mesh): Promise<Record<string, number>> {
  const counts = mesh.drivenPeers.map(
    async (peer) => [peer.label, (await peer.status()).TerminationCount] as const,
  );
  return Object.fromEntries(await Promise.all(counts));
}

import { type DrivenPeer, defineScenario, type Mesh, type PeerSpec } from "../runner/index.ts";

interface Parameters {
  /** Flags of the dialler and of the listener. */
  readonly flags?: (peer: DrivenPeer) => string[];
  readonly dialler?: Partial<PeerSpec>;
  readonly listener?: Partial<PeerSpec>;
  readonly act?: (mesh: Mesh) => Promise<void>;
  /** What either may give as the reason: its own word first, then what is left where the other was quicker. */
  readonly diallerSays: readonly RegExp[];
  readonly listenerSays: readonly RegExp[];
}

/** The other was quicker: no reason travels on the wire. */
const cutOff = [
  /read tcp [\d.:]+->[\d.:]+: read: connection reset by peer$/,
  /write tcp [\d.:]+->[\d.:]+: write: (broken pipe|connection reset by peer)$/,
  /: EOF$/,
];
const noDecryption = [/: Unable to decrypt TCP msg$/];
const expectedCrypto = [/: password specified, but peer requested an unencrypted connection$/];
const unexpectedCrypto = [/: no password specificed, but peer requested an encrypted connection$/];
const versions = (theirs: string, ours: string) => [
  new RegExp(`: remote version range \\[${theirs}\\] is incompatible with ours \\[${ours}\\]$`),
];

const byRole = (dialler: string[], listener: string[]) => (peer: DrivenPeer) =>
  peer.label === "dialler" ? dialler : listener;

// Go dials TypeScript, and TypeScript dials Go: what either says of the other, when they do not go together.
export default defineScenario<Parameters>({
  title: "a Go and a TypeScript peer that do not go together part with the original's words on both sides",
  generations: ["2019"],
  variants: {
    "two-passwords": {
      flags: byRole(["--password=one"], ["--password=another"]),
      diallerSays: noDecryption,
      listenerSays: noDecryption,
    },
    "password-at-dialler": {
      flags: byRole(["--password=one"], []),
      diallerSays: expectedCrypto,
      listenerSays: unexpectedCrypto,
    },
    "password-at-listener": {
      flags: byRole([], ["--password=one"]),
      diallerSays: unexpectedCrypto,
      listenerSays: expectedCrypto,
    },
    "empty-password-at-listener": {
      flags: byRole([], ["--password="]),
      diallerSays: unexpectedCrypto,
      listenerSays: expectedCrypto,
    },
    "two-versions": {
      // The highest version of a Go peer is fixed when it is built.
      flags: (peer) => (peer.language === "ts" ? ["--max-protocol=1"] : ["--min-protocol=2"]),
      diallerSays: [...versions("1,1", "2,2"), ...versions("2,2", "1,1")],
      listenerSays: [...versions("1,1", "2,2"), ...versions("2,2", "1,1")],
    },
    "refused-broadcast": {
      dialler: { channels: ["default", "shared"] },
      listener: { counters: ["shared"] },
      async act(mesh) {
        await mesh.agree({ connections: "full" });
        await mesh.peer("dialler").control.broadcast("shared", Buffer.from("no count"));
      },
      diallerSays: [],
      listenerSays: [/: (gob: |unexpected EOF|EOF)/],
    },
  },
  mesh: ({ dialler, listener }) => ({
    peers: {
      dialler: { side: "A", later: true, ...dialler },
      listener: { side: "B", later: true, ...listener },
    },
  }),
  async run(mesh, { flags, act, diallerSays, listenerSays }) {
    const [dialler, listener] = [mesh.peer("dialler"), mesh.peer("listener")];
    for (const peer of [listener, dialler]) {
      peer.launch.extraArguments.push(...(flags?.(peer) ?? []));
      await peer.start();
    }
    await dialler.control.connect([mesh.addressOf("listener")]);
    await act?.(mesh);
    await dialler.logged(/connection shutting down/);
    await listener.logged(/connection shutting down/);
    const own = judge(dialler, diallerSays) + judge(listener, listenerSays);
    if (own === 0) throw new Error("neither gives the reason");
    // Both live on: they answer, and would take another.
    for (const peer of [dialler, listener]) await peer.status();
  },
});

/** Checks every reason that a peer gives; answers how many are its own. */
function judge(peer: DrivenPeer, says: readonly RegExp[]): number {
  const lines = peer
    .log()
    .split("\n")
    .filter((line) => line.includes("connection shutting down"));
  const strange = lines.find((line) => ![...says, ...cutOff].some((pattern) => pattern.test(line)));
  if (strange !== undefined) throw new Error(`${peer.label} logs: ${strange}`);
  return lines.filter((line) => says.some((pattern) => pattern.test(line))).length;
}

import { setTimeout as sleep } from "node:timers/promises";
import type { CommandedProcess } from "../driver/commanded-process.ts";
import { meshPort } from "../driver/subnet.ts";
import { startTypeScript } from "../pressure/program.ts";
import { type DrivenPeer, defineScenario, type Mesh } from "../runner/index.ts";

const labels = ["go-1", "go-2", "go-3", "go-4"];
const names = ["00:00:00:00:00:a1", "00:00:00:00:00:a2"] as const;
const [oldPassword, newPassword] = ["the old one", "the new one"];

/** How often each Go peer asks, in milliseconds. */
const everyMs = 100;

export default defineScenario({
  title:
    "four Go peers change their password one by one, and two TypeScript peers are reachable all the time",
  // The TypeScript peers are programs of interop/pressure/, which take several passwords.
  casts: [{ A: "go", B: "go" }],
  generations: ["2019"],
  flavours: ["mac"],
  transports: ["native"], // those programs listen on addresses of this machine
  withinMs: 180_000,
  mesh: () => ({
    password: oldPassword,
    peers: Object.fromEntries(labels.map((label) => [label, { side: "A", later: true }])),
  }),
  async run(mesh) {
    const ours = await startOurs(mesh);
    try {
      for (const label of labels) await startGo(mesh, label, ours.addresses);
      await fullyConnected(mesh, oldPassword);
      for (const program of ours.programs) await program.ask("watch");
      const watches = new Map(labels.map((label) => [label, new Watch(mesh.peer(label))]));

      for (const label of labels) {
        const peer = mesh.peer(label);
        await watches.get(label)!.pause();
        await peer.stop();
        peer.launch.extraArguments.push(`--password=${newPassword}`);
        await startGo(mesh, label, ours.addresses);
        await reachesOurs(mesh, peer);
        watches.get(label)!.resume();
        // Long enough for the others to have tried it, and to have been refused.
        await sleep(3_000);
      }
      await fullyConnected(mesh, newPassword);
      await sleep(1_000);
      for (const watch of watches.values()) await watch.pause();
      await judge(mesh, ours.programs, [...watches.values()]);
    } finally {
      for (const program of ours.programs) await program.kill();
    }
  },
});

/** Starts the two TypeScript peers, which accept both passwords from the beginning and dial with the old one. */
async function startOurs(mesh: Mesh): Promise<{ programs: CommandedProcess[]; addresses: string[] }> {
  const { host } = mesh.peer(labels[0]!);
  const addresses = [101, 102].map((n) => `${host.replace(/\d+$/, String(n))}:${meshPort}`);
  const programs: CommandedProcess[] = [];
  for (const [i, address] of addresses.entries()) {
    const target = i === 0 ? "" : addresses[0]!;
    const parameters = [address, names[i]!, names[1 - i]!, target, oldPassword!, newPassword!];
    programs.push(await startTypeScript(mesh, "rotating-peer.ts", parameters));
  }
  return { programs, addresses };
}

async function startGo(mesh: Mesh, label: string, targets: readonly string[]): Promise<void> {
  await mesh.peer(label).start();
  await mesh.peer(label).control.connect(targets);
}

/** Waits until every Go peer has a live connection to all five others. */
async function fullyConnected(mesh: Mesh, password: string | undefined): Promise<void> {
  await mesh.until(`everybody is connected to everybody, with ${password}`, 60_000, async () => {
    for (const label of labels) {
      const { Connections } = await mesh.peer(label).status();
      const live = Connections?.filter(({ State }) => State === "established").length ?? 0;
      if (live !== 5) return `${label} has ${live} connections`;
    }
    return undefined;
  });
  for (const label of labels) await reachesOurs(mesh, mesh.peer(label));
}

/** Waits until a Go peer has joined: its routes, which follow its connections after 100 ms, lead to both TypeScript peers. */
async function reachesOurs(mesh: Mesh, peer: DrivenPeer): Promise<void> {
  await mesh.until(`${peer.label} has routes to both TypeScript peers`, 30_000, async () => {
    const { UnicastRoutes } = await peer.status();
    return names.find((name) => !UnicastRoutes.some(({ Dest, Via }) => Dest === name && Via === name));
  });
}

/** A Go peer that asks all the time whether the TypeScript peers can be reached. */
class Watch {
  readonly peer: DrivenPeer;
  readonly failures: string[] = [];
  sent = 0;
  #running = true;
  #loop: Promise<void>;

  constructor(peer: DrivenPeer) {
    this.peer = peer;
    this.#loop = this.#run();
  }

  resume(): void {
    this.#running = true;
    this.#loop = this.#run();
  }

  /** Settles when nothing is on its way to the peer any more. */
  async pause(): Promise<void> {
    this.#running = false;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (this.#running) {
      this.sent++;
      for (const name of names) {
        await this.peer.control
          .unicast("default", name, new Uint8Array(8))
          .catch((error: Error) => this.failures.push(`${this.peer.label} to ${name}: ${error.message}`));
      }
      await sleep(everyMs);
    }
  }
}

/** The answer of `rotating-peer.ts` about its messages. */
interface Report {
  sent: number;
  failures: string[];
  /** The number of messages received, by the name of the sender. */
  received: Record<string, number>;
}

/** Everything that was asked must have been taken and must have arrived. */
async function judge(
  mesh: Mesh,
  programs: readonly CommandedProcess[],
  watches: readonly Watch[],
): Promise<void> {
  const failures = watches.flatMap((watch) => watch.failures);
  for (const program of programs) {
    await program.ask("stop", {}, 5_000);
  }
  const sent = new Map<string, number>(watches.map(({ peer, sent }) => [peer.name, sent]));
  for (const [i, program] of programs.entries()) {
    const report = await program.ask<Report>("report", {}, 5_000);
    failures.push(...report.failures);
    sent.set(names[i]!, report.sent);
  }
  if (failures.length > 0) throw new Error(failures.slice(0, 10).join("\n"));
  for (const [i, program] of programs.entries()) {
    await mesh.until(`all that was sent to ${names[i]} arrives`, 5_000, async () => {
      const { received } = await program.ask<Report>("report", {}, 5_000);
      for (const [source, count] of sent) {
        if (source === names[i]) continue;
        if (received[source] !== count) return `${received[source]} of ${count} from ${source}`;
      }
      return undefined;
    });
  }
  const total = [...sent.values()].reduce((sum, count) => sum + count, 0);
  console.log(`     ${total} times asked over the whole rotation, and always answered`);
}

import { createHash } from "node:crypto";
import type { DrivenPeer, Mesh } from "../runner/index.ts";
import type { Ledger } from "./ledger.ts";

const channel = "counter";

/** How often each thing has happened. */
export type Tally = Record<
  "kills" | "restarts" | "pauses" | "cuts" | "partitions" | "stalls" | "resets",
  number
>;

/**
 * What happens to a mesh between two calms: processes are killed, restarted and paused, links cut, stalled and
 * reset, while those that are left count.
 */
export class Storm {
  readonly tally: Tally = { kills: 0, restarts: 0, pauses: 0, cuts: 0, partitions: 0, stalls: 0, resets: 0 };
  readonly #mesh: Mesh;
  readonly #ledger: Ledger;
  /** Peers that are never killed, so that there are some to compare over the whole run. */
  readonly #spared: ReadonlySet<string>;
  readonly #paused = new Set<DrivenPeer>();
  readonly #keys = new Map<string, string>();
  readonly #endings: Promise<unknown>[] = [];
  #lives = 0;

  constructor(mesh: Mesh, ledger: Ledger, spared: ReadonlySet<string>) {
    this.#mesh = mesh;
    this.#ledger = ledger;
    this.#spared = spared;
    for (const peer of mesh.drivenPeers) this.renewKey(peer);
  }

  /** A restarted counter counts under a fresh key: it may have forgotten what it had counted under the last. */
  renewKey(peer: DrivenPeer): void {
    const text = createHash("sha256").update(
      `${peer.label} ${++this.#lives} ${this.#mesh.random.int(2 ** 31)}`,
    );
    const hex = text.digest("hex").slice(0, 32);
    const key = this.#mesh.cell.flavour === "hash" ? hex : hex.slice(0, 12).match(/../g)!.join(":");
    this.#keys.set(peer.label, key);
    peer.launch.extraArguments.splice(0, Number.POSITIVE_INFINITY, `--counter-key=${key}`);
  }

  /** Lets it storm. */
  async rage(ms: number): Promise<void> {
    const { random } = this.#mesh;
    const end = performance.now() + ms;
    while (performance.now() < end) {
      await random.pick([
        () => this.#kill(),
        () => this.#kill(),
        () => this.#restart(),
        () => this.#restart(),
        () => this.#pause(),
        () => this.#disturb("cuts"),
        () => this.#disturb("stalls"),
        () => this.#disturb("resets"),
        () => this.#partition(),
      ])();
      for (let i = 0; i < 3; i++) await this.#count();
      await this.#ask();
      await this.#mesh.rest(200 + random.int(800));
    }
  }

  /** Ends every disturbance, and starts whoever is dead. */
  async calm(): Promise<void> {
    await Promise.all(this.#endings.splice(0));
    for (const peer of this.#paused) peer.resume();
    this.#paused.clear();
    for (const proxy of this.#mesh.proxies) {
      proxy.heal();
      proxy.release();
    }
    for (const peer of this.#mesh.drivenPeers) if (!peer.running) await this.#start(peer);
    // Retry intervals have grown to minutes; a target that is named anew is tried at once.
    for (const peer of this.#mesh.drivenPeers) await peer.control.connect(peer.launch.targets);
  }

  /** All peers have the same counts, and nothing acknowledged is missing. */
  async settle(): Promise<void> {
    await this.#mesh.until("all counters are the same, and complete", 90_000, async () => {
      let first: string | undefined;
      for (const peer of this.#mesh.drivenPeers) {
        const counts = await peer.control.counts(channel);
        const text = JSON.stringify([...counts].sort());
        first ??= text;
        if (text !== first) return `${peer.label} has other counts`;
        const problem = this.#ledger.problem(counts);
        if (problem !== undefined) return problem;
        this.#ledger.reported(peer.label, counts);
      }
      return undefined;
    });
  }

  /** The mesh is calm, so all that this peer has counted is known to the others: it may go. */
  async replace(peer: DrivenPeer): Promise<void> {
    await peer.stop();
    this.#ledger.died(peer.label);
    peer.recast(peer.language === "go" ? "ts" : "go");
    await this.#start(peer);
  }

  get #awake(): DrivenPeer[] {
    return this.#mesh.drivenPeers.filter((peer) => peer.running && !this.#paused.has(peer));
  }

  async #count(): Promise<void> {
    const peer = this.#mesh.random.pick(this.#awake);
    const key = this.#keys.get(peer.label)!;
    const times = 1 + this.#mesh.random.int(5);
    await peer.control.increment(channel, times);
    const counts = await peer.control.counts(channel);
    this.#ledger.counted(peer.label, key, counts.get(key) ?? 0);
  }

  async #ask(): Promise<void> {
    const peer = this.#mesh.random.pick(this.#awake);
    this.#ledger.reported(peer.label, await peer.control.counts(channel));
  }

  async #kill(): Promise<void> {
    const victims = this.#awake.filter((peer) => !this.#spared.has(peer.label));
    if (victims.length <= 6) return;
    const victim = this.#mesh.random.pick(victims);
    this.tally.kills++;
    await victim.kill();
    this.#ledger.died(victim.label);
  }

  async #restart(): Promise<void> {
    const dead = this.#mesh.drivenPeers.filter((peer) => !peer.running);
    if (dead.length > 0) await this.#start(this.#mesh.random.pick(dead));
  }

  async #start(peer: DrivenPeer): Promise<void> {
    this.tally.restarts++;
    this.renewKey(peer);
    await peer.start();
  }

  async #pause(): Promise<void> {
    if (this.#paused.size >= 3) return;
    const peer = this.#mesh.random.pick(this.#awake);
    this.tally.pauses++;
    this.#paused.add(peer);
    peer.pause();
    this.#later(1_000 + this.#mesh.random.int(9_000), () => {
      peer.resume();
      this.#paused.delete(peer);
    });
  }

  async #disturb(how: "cuts" | "stalls" | "resets"): Promise<void> {
    const proxy = this.#mesh.random.pick(this.#mesh.proxies);
    this.tally[how]++;
    if (how === "resets") return proxy.cutAfter(this.#mesh.random.int(2_000));
    if (how === "stalls") proxy.hold();
    else proxy.cut();
    this.#later(1_000 + this.#mesh.random.int(7_000), () => {
      proxy.release();
      proxy.heal();
    });
  }

  async #partition(): Promise<void> {
    const { random } = this.#mesh;
    const half = new Set(random.shuffle(this.#mesh.peers.map(({ label }) => label)).slice(0, 6));
    const between = this.#mesh.proxyLabels.filter((label) => {
      const [from, to] = label.split("-to-");
      return half.has(from!) !== half.has(to!);
    });
    this.tally.partitions++;
    for (const label of between) this.#mesh.proxy(label).cut();
    this.#later(2_000 + random.int(8_000), () => {
      for (const label of between) this.#mesh.proxy(label).heal();
    });
  }

  #later(ms: number, action: () => void): void {
    this.#endings.push(this.#mesh.rest(ms).then(action));
  }
}

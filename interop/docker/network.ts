import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError, docker, run } from "./command.ts";
import { Container, type ContainerOptions } from "./container.ts";
import { owner, ownerRuns } from "./ownership.ts";

/** Networks and containers have the process that made them in this label, containers their network in the next. */
const ownerLabel = "weave-mesh.owner";
const networkLabel = "weave-mesh.network";

/** How often a subnet is drawn before giving up; the daemon refuses those that overlap with others. */
const subnetAttempts = 20;

const removedWithinMs = 10_000;

/** What a network is like. */
export interface ContainerNetworkOptions {
  /** True: containers have an IPv6 address beside the IPv4 one; default false. */
  ipv6?: boolean;
}

const live = new Set<ContainerNetwork>();

// A run that is interrupted leaves nothing behind. One that is killed does: removeAbandoned finds that.
process.on("exit", () => {
  for (const network of live) network.removeAtExit();
});

/**
 * A private network with containers on it, which can be cut between any two of them.
 *
 * It has a /24 of its own and no way out; this machine reaches every container by its address. (Linux with a
 * local daemon: elsewhere containers run in a virtual machine. `partition` and `cut` take root.) Everything
 * is labelled with the process that made it. `create` first removes what killed processes have left behind.
 */
export class ContainerNetwork implements AsyncDisposable {
  /** The name of the network in Docker. */
  readonly name: string;
  readonly ipv6: boolean;
  readonly #prefix: string;
  readonly #prefix6: string;
  readonly #containers = new Map<string, Container>();
  /** The pairs of containers that are cut off from each other, as "a b" with a before b. */
  #cuts = new Set<string>();

  private constructor(name: string, prefix: string, prefix6: string, ipv6: boolean) {
    this.name = name;
    this.#prefix = prefix;
    this.#prefix6 = prefix6;
    this.ipv6 = ipv6;
  }

  /**
   * Makes a network on a free subnet of 10.192.0.0/10 (and of fd00::/8).
   *
   * @throws CommandError when the daemon does not answer or no subnet is free.
   */
  static async create(options: ContainerNetworkOptions = {}): Promise<ContainerNetwork> {
    await ContainerNetwork.removeAbandoned();
    for (let attempt = 1; ; attempt++) {
      const [high, low] = [192 + randomInt(64), randomInt(256)];
      const [prefix, prefix6] = [`10.${high}.${low}`, `fd77:6d65:${high.toString(16)}:${low.toString(16)}:`];
      const name = `weave-mesh-${process.pid}-${high}-${low}`;
      const network = new ContainerNetwork(name, prefix, prefix6, options.ipv6 ?? false);
      try {
        await docker(
          ...["network", "create", "--internal", "--label", `${ownerLabel}=${owner}`],
          ...["--subnet", `${prefix}.0/24`, "--gateway", `${prefix}.254`],
          ...(network.ipv6 ? ["--ipv6", "--subnet", `${prefix6}:/64`] : []),
          name,
        );
        live.add(network);
        return network;
      } catch (error) {
        const taken = error instanceof CommandError && /overlap|already exists/i.test(error.stderr);
        if (!taken || attempt === subnetAttempts) throw error;
      }
    }
  }

  /** Removes the containers and networks of processes that run no more, whatever ended them. */
  static async removeAbandoned(): Promise<void> {
    for (const kind of ["container", "network"] as const) {
      const format = `{{.ID}} {{.Label "${ownerLabel}"}}`;
      const all = kind === "container" ? ["--all"] : [];
      const list = await docker(kind, "ls", ...all, "--filter", `label=${ownerLabel}`, "--format", format);
      const abandoned = list.split("\n").flatMap((line) => {
        const [id, by] = line.split(" ");
        return id !== undefined && by !== undefined && !ownerRuns(by) ? [id] : [];
      });
      if (abandoned.length === 0) continue;
      if (kind === "container") await docker("container", "rm", "--force", ...abandoned);
      else for (const id of abandoned) await removeNetwork(id, 0);
    }
  }

  /** The IPv4 address of the n-th host, from 1 to 250. */
  host(n: number): string {
    return `${this.#prefix}.${n}`;
  }

  /** The IPv6 address of the n-th host, from 1 to 250, on a network with IPv6. */
  host6(n: number): string {
    return `${this.#prefix6}:${(0x100 + n).toString(16)}`;
  }

  /** The containers on this network that have not been removed. */
  get containers(): readonly Container[] {
    return [...this.#containers.values()];
  }

  /** Makes a container, which does not run yet. @throws CommandError */
  async add(options: ContainerOptions): Promise<Container> {
    if (this.#containers.has(options.name)) throw new Error(`the network has a ${options.name} already`);
    const container = await Container.create(options, {
      network: this.name,
      labels: { [ownerLabel]: owner, [networkLabel]: this.name },
      beforeUse: () => this.#applyCuts(container),
      removed: () => {
        this.#containers.delete(container.name);
        this.#cuts = new Set([...this.#cuts].filter((pair) => !pair.split(" ").includes(container.name)));
      },
    });
    this.#containers.set(container.name, container);
    return container;
  }

  /**
   * Cuts two containers off from each other: from now on, whatever one sends to the other is lost without a
   * trace. Their connections stay as they are until somebody's patience ends. This machine still reaches
   * both. Lasts over restarts of the two, until `heal`. @throws CommandError, Error without root
   */
  async cut(a: Container, b: Container): Promise<void> {
    this.#cuts.add(pairOf(a, b));
    await this.#applyCutsTo([a, b]);
  }

  /**
   * Cuts between all containers of different groups, and between no others; a container that is in no group
   * reaches everybody. @throws CommandError, Error without root
   */
  async partition(...groups: readonly (readonly Container[])[]): Promise<void> {
    this.#cuts.clear();
    groups.forEach((group, index) => {
      for (const a of group) {
        for (const b of groups.slice(index + 1).flat()) this.#cuts.add(pairOf(a, b));
      }
    });
    await this.#applyCutsTo(this.containers);
  }

  /** Ends all cuts, or the one between two containers. @throws CommandError */
  async heal(a?: Container, b?: Container): Promise<void> {
    if (a !== undefined && b !== undefined) this.#cuts.delete(pairOf(a, b));
    else this.#cuts.clear();
    await this.#applyCutsTo(this.containers);
  }

  /** Removes every container, whatever its state, and the network. Safe to call twice. @throws CommandError */
  async remove(): Promise<void> {
    if (!live.has(this)) return;
    await Promise.all(this.containers.map((container) => container.remove()));
    await removeNetwork(this.name, removedWithinMs);
    live.delete(this);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove();
  }

  /** `remove` in the last moments of this process. @internal */
  removeAtExit(): void {
    const ids = this.containers.map((container) => container.id);
    if (ids.length > 0) spawnSync("docker", ["rm", "--force", ...ids], { stdio: "ignore" });
    spawnSync("docker", ["network", "rm", this.name], { stdio: "ignore" });
  }

  async #applyCutsTo(containers: readonly Container[]): Promise<void> {
    await Promise.all(containers.map((container) => this.#applyCuts(container)));
  }

  /**
   * Makes the packet filter of a running container drop what comes from those that it is cut off from. As
   * both ends do so, nothing gets through while one of them restarts, and its sender never sees an error.
   */
  async #applyCuts(container: Container): Promise<void> {
    const pid = await container.pid();
    if (pid === undefined || (this.#cuts.size === 0 && !container.filtered)) return;
    if (process.getuid?.() !== 0) throw new Error("to cut containers off from each other takes root");
    const others = this.containers.filter(
      (other) => other !== container && this.#cuts.has(pairOf(container, other)),
    );
    const restore = (program: string, sources: readonly string[]) => {
      const rules = sources.map((source) => `-A INPUT -s ${source} -j DROP\n`).join("");
      const table = `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}COMMIT\n`;
      return run("nsenter", [`--net=/proc/${pid}/ns/net`, program], { input: table });
    };
    container.filtered = true;
    await restore(
      "iptables-restore",
      others.map((other) => other.address),
    );
    const sources6 = others.flatMap((other) => other.address6 ?? []);
    if (this.ipv6) await restore("ip6tables-restore", sources6);
  }
}

/**
 * Removes a network that nothing is on. A busy daemon says that a container is gone before it has taken it off its
 * network; and now and then Docker (20.10) counts an endpoint for ever that it does not list either. Such a network is
 * in nobody's way: it is left until the daemon is restarted.
 */
async function removeNetwork(name: string, withinMs: number): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    try {
      await docker("network", "rm", name);
      return;
    } catch (error) {
      if (!(error instanceof CommandError) || !/has active endpoints/.test(error.stderr)) throw error;
      if (performance.now() > giveUpAt) {
        if (withinMs > 0) console.error(`left to the daemon: ${error.stderr}`);
        return;
      }
      await sleep(250);
    }
  }
}

function pairOf(a: Container, b: Container): string {
  if (a === b) throw new Error(`${a.name} cannot be cut off from itself`);
  return [a.name, b.name].sort().join(" ");
}

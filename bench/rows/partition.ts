import type { CommandedProcess } from "../../interop/driver/commanded-process.ts";
import { TcpProxy } from "../../interop/driver/proxy.ts";
import { allocateSubnet, meshPort, type Subnet } from "../../interop/driver/subnet.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import type { Sample } from "../harness/measurements.ts";
import { connect, type Language, meshAddress, peerName, startPeer } from "../harness/mesh.ts";

/**
 * A full mesh without discovery, in two halves of one process each. Within a half, each peer dials those before it. Each
 * of the first half dials each of the second through a proxy, which parts and joins the halves.
 */
class Halves {
  readonly #subnet: Subnet;
  readonly #names: readonly string[];
  readonly #half: number;
  #proxies: readonly TcpProxy[] = [];
  readonly #processes: readonly CommandedProcess[];

  private constructor(language: Language, size: number, subnet: Subnet) {
    this.#subnet = subnet;
    this.#names = Array.from({ length: size }, (_, i) => peerName(i + 1));
    this.#half = size / 2;
    this.#processes = [0, this.#half].map((first) =>
      startPeer(
        language,
        Array.from({ length: this.#half }, (_, i) => this.#config(first, first + i)),
      ),
    );
  }

  /** Starts the peers, and settles when they are one mesh. */
  static async form(language: Language, size: number): Promise<Halves> {
    const halves = new Halves(language, size, await allocateSubnet());
    await halves.#open();
    return halves;
  }

  async #open(): Promise<void> {
    await Promise.all(this.#processes.map(({ ready }) => ready));
    const port = meshPort;
    this.#proxies = await Promise.all(
      Array.from({ length: this.#half }, (_, i) => {
        const [gate, behind] = [this.#subnet.host(this.#gate(i)), this.#subnet.host(this.#half + i + 1)];
        return TcpProxy.listen({ host: gate, port }, { host: behind, port }, false);
      }),
    );
    await this.partAndHeal();
  }

  /**
   * Seconds until each half agrees on itself after all connections between them were reset, and then until all agree
   * after they could be made again. Then the targets are named anew, so that all are dialled at once: otherwise it
   * would be the chance of the longest retry interval that is measured.
   */
  async partAndHeal(): Promise<{ parted: number; healed: number }> {
    const reset = performance.now();
    const closing = this.#proxies.map((proxy) => proxy.close());
    await Promise.all(
      this.#processes.map((one, i) =>
        this.#agree(one, this.#names.slice(i * this.#half, (i + 1) * this.#half)),
      ),
    );
    const parted = performance.now();
    await Promise.all(closing);
    await Promise.all(this.#proxies.map((proxy) => proxy.reopen()));
    const targets = this.#proxies.map((_, i) => meshAddress(this.#subnet, this.#gate(i)));
    const healing = performance.now();
    await Promise.all(
      Array.from({ length: this.#half }, (_, router) => connect(this.#processes[0]!, router, targets)),
    );
    await Promise.all(this.#processes.map((one) => this.#agree(one, this.#names)));
    const healed = performance.now();
    return { parted: (parted - reset) / 1000, healed: (healed - healing) / 1000 };
  }

  async end(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await Promise.all(this.#processes.map((one) => one.end()));
    await this.#subnet.release();
  }

  async #agree(one: CommandedProcess, names: readonly string[]): Promise<void> {
    await one.ask("agree", { names, connections: names.length * (names.length - 1) });
  }

  #config(first: number, i: number) {
    const targets = Array.from({ length: i - first }, (_, j) => meshAddress(this.#subnet, first + j + 1));
    return {
      name: this.#names[i]!,
      host: this.#subnet.host(i + 1),
      port: meshPort,
      discovery: false,
      targets,
    };
  }

  /** The host at which the i-th peer of the second half is dialled from the first. */
  #gate(i: number): number {
    return this.#half + i + 101;
  }
}

const benchmark: Benchmark = {
  id: "h",
  title: "seconds until both halves of a full mesh agree after a partition, and all after its end",
  async run(measurements) {
    const { quick } = measurements.effort;
    for (const size of quick ? [10] : [10, 30]) {
      const parting = `agreement on a partition by reset, mesh of ${size}`;
      const healing = `agreement on its end, mesh of ${size}`;
      if (!measurements.wanted(parting, healing)) continue;
      const [ts, go] = await Promise.all([Halves.form("ts", size), Halves.form("go", size)]);
      const side = (halves: Halves) => async (): Promise<Sample> => {
        const { parted, healed } = await halves.partAndHeal();
        return { [parting]: parted, [healing]: healed };
      };
      await measurements.compare(
        [
          { row: parting, unit: "s", better: "lower", bar: 1.2 },
          { row: healing, unit: "s", better: "lower", bar: 1.2 },
        ],
        { ts: side(ts), go: side(go) },
        { rounds: quick ? 3 : 10 },
      );
      await Promise.all([ts.end(), go.end()]);
    }
  },
};

export default benchmark;

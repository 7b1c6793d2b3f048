import { TcpProxy } from "../../interop/driver/proxy.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import type { MeasuredProcess } from "../harness/measured-process.ts";
import type { Sample } from "../harness/measurements.ts";
import { type Language, newSubnet, peerName, startPeer } from "../harness/mesh.ts";

const port = 6783;

/**
 * A full mesh without discovery, in two halves of one process each. Within a half, each peer dials those before it. Each
 * of the first half dials each of the second through a proxy, which parts and joins the halves.
 */
class Halves {
  readonly #subnet = newSubnet();
  readonly #names: readonly string[];
  readonly #half: number;
  #proxies: readonly TcpProxy[] = [];
  readonly #processes: readonly MeasuredProcess[];

  constructor(language: Language, size: number) {
    this.#names = Array.from({ length: size }, (_, i) => peerName(i + 1));
    this.#half = size / 2;
    this.#processes = [0, this.#half].map((first) =>
      startPeer(
        language,
        Array.from({ length: this.#half }, (_, i) => this.#config(first, first + i)),
      ),
    );
  }

  /** Settles when all are one mesh. */
  async formed(): Promise<void> {
    await Promise.all(this.#processes.map(({ ready }) => ready));
    const behind = Array.from({ length: this.#half }, (_, i) => this.#half + i);
    this.#proxies = await Promise.all(
      behind.map((i) => TcpProxy.listen({ host: this.#gate(i), port }, { host: this.#host(i), port }, false)),
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
    const targets = this.#proxies.map((_, i) => `${this.#gate(this.#half + i)}:${port}`);
    const healing = performance.now();
    await Promise.all(
      Array.from({ length: this.#half }, (_, router) =>
        this.#processes[0]!.ask("connect", { router, targets }),
      ),
    );
    await Promise.all(this.#processes.map((one) => this.#agree(one, this.#names)));
    const healed = performance.now();
    return { parted: (parted - reset) / 1000, healed: (healed - healing) / 1000 };
  }

  async end(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await Promise.all(this.#processes.map((one) => one.end()));
  }

  async #agree(one: MeasuredProcess, names: readonly string[]): Promise<void> {
    await one.ask("agree", { names, connections: names.length * (names.length - 1) });
  }

  #config(first: number, i: number) {
    const targets = Array.from({ length: i - first }, (_, j) => `${this.#host(first + j)}:${port}`);
    return { name: this.#names[i]!, host: this.#host(i), port, discovery: false, targets };
  }

  #host(i: number): string {
    return `${this.#subnet}.${i + 1}`;
  }

  /** Where a peer of the second half is dialled from the first. */
  #gate(i: number): string {
    return `${this.#subnet}.${i + 101}`;
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
      const sides = { ts: new Halves("ts", size), go: new Halves("go", size) };
      await Promise.all([sides.ts.formed(), sides.go.formed()]);
      const side = (halves: Halves) => async (): Promise<Sample> => {
        const { parted, healed } = await halves.partAndHeal();
        return { [parting]: parted, [healing]: healed };
      };
      await measurements.compare(
        [
          { row: parting, unit: "s", better: "lower", bar: 1.2 },
          { row: healing, unit: "s", better: "lower", bar: 1.2 },
        ],
        { ts: side(sides.ts), go: side(sides.go) },
        { rounds: quick ? 3 : 10 },
      );
      await Promise.all([sides.ts.end(), sides.go.end()]);
    }
  },
};

export default benchmark;

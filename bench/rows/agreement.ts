import type { CommandedProcess } from "../../interop/driver/commanded-process.ts";
import { allocateSubnet, meshPort, type Subnet } from "../../interop/driver/subnet.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import type { Sample } from "../harness/measurements.ts";
import { connect, type Language, meshAddress, peerName, startPeer } from "../harness/mesh.ts";

/** A full mesh by discovery: all peers but the last in one process, the last one in its own, which comes and goes. */
class Meeting {
  readonly #language: Language;
  readonly #subnet: Subnet;
  readonly #names: readonly string[];
  readonly #stay: CommandedProcess;

  private constructor(language: Language, size: number, subnet: Subnet) {
    this.#language = language;
    this.#subnet = subnet;
    this.#names = Array.from({ length: size }, (_, i) => peerName(i + 1));
    const configs = this.#names.slice(0, -1).map((_, i) => this.#config(i));
    this.#stay = startPeer(language, configs);
  }

  /** Starts the peers that stay, and settles when they are one mesh. */
  static async form(language: Language, size: number): Promise<Meeting> {
    const meeting = new Meeting(language, size, await allocateSubnet());
    await meeting.#stay.ready;
    await meeting.#agree([meeting.#stay], meeting.#names.slice(0, -1));
    return meeting;
  }

  /** Seconds until all agree that one has come, and then until the others agree that it has died. */
  async comeAndGo(): Promise<{ join: number; death: number }> {
    const last = startPeer(this.#language, [{ ...this.#config(this.#names.length - 1), targets: [] }]);
    await last.ready;
    const came = performance.now();
    await connect(last, 0, [meshAddress(this.#subnet, 1)]);
    await this.#agree([this.#stay, last], this.#names);
    const agreed = performance.now();
    await last.kill();
    const died = performance.now();
    await this.#agree([this.#stay], this.#names.slice(0, -1));
    return { join: (agreed - came) / 1000, death: (performance.now() - died) / 1000 };
  }

  async end(): Promise<void> {
    await this.#stay.end();
    await this.#subnet.release();
  }

  async #agree(processes: readonly CommandedProcess[], names: readonly string[]): Promise<void> {
    const connections = names.length * (names.length - 1);
    await Promise.all(processes.map((one) => one.ask("agree", { names, connections })));
  }

  #config(i: number) {
    const targets = i === 0 ? [] : [meshAddress(this.#subnet, 1)];
    const host = this.#subnet.host(i + 1);
    return { name: this.#names[i]!, host, port: meshPort, discovery: true, targets };
  }
}

const benchmark: Benchmark = {
  id: "h",
  title: "seconds until all peers of a full mesh agree, all but one of them in one process",
  async run(measurements) {
    for (const size of measurements.effort.quick ? [10] : [10, 30]) {
      const [join, death] = [`agreement on a join, mesh of ${size}`, `agreement on a death, mesh of ${size}`];
      if (!measurements.wanted(join, death)) continue;
      const ts = await Meeting.form("ts", size);
      const go = await Meeting.form("go", size);
      const side = (meeting: Meeting) => async (): Promise<Sample> => {
        const taken = await meeting.comeAndGo();
        return { [join]: taken.join, [death]: taken.death };
      };
      await measurements.compare(
        [
          { row: join, unit: "s", better: "lower", bar: 1.2 },
          { row: death, unit: "s", better: "lower", bar: 1.2 },
        ],
        { ts: side(ts), go: side(go) },
        { rounds: measurements.effort.quick ? 3 : 10 },
      );
      await Promise.all([ts.end(), go.end()]);
    }
  },
};

export default benchmark;

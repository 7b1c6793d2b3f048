import type { Benchmark } from "../harness/benchmark.ts";
import type { Comparison, Sample } from "../harness/measurements.ts";
import { type Mesh, startMesh } from "../harness/mesh.ts";

const size = 64;
/** What flows beside the pings when there is load; both sides can take several times as much. */
const loadSize = 1024;
const loadPerSecond = 10_000;

type Trips = { count: number; p50: number; p99: number };

async function idle(mesh: Mesh, seconds: number, sealing: string): Promise<Sample> {
  const trips = await mesh.peers[0]!.ask<Trips>("ping", { to: mesh.names[1], size, seconds });
  return { [`round trip p50 idle ${sealing}`]: trips.p50, [`round trip p99 idle ${sealing}`]: trips.p99 };
}

async function underLoad(mesh: Mesh, seconds: number, sealing: string): Promise<Sample> {
  const [near, far] = mesh.peers;
  const to = mesh.names[1]!;
  await far!.ask("expect", { size: loadSize });
  const flowing = near!.ask<{ sent: number }>("load", {
    to,
    size: loadSize,
    perSecond: loadPerSecond,
    seconds: seconds + 0.2,
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const trips = await near!.ask<Trips>("ping", { to, size, seconds });
  const { sent } = await flowing;
  const { count, broken } = await far!.ask<{ count: number; broken: number }>("arrived");
  if (broken > 0 || count !== sent) throw new Error(`of ${sent} messages came ${count}, ${broken} broken`);
  return {
    [`round trip p50 under load ${sealing}`]: trips.p50,
    [`round trip p99 under load ${sealing}`]: trips.p99,
  };
}

const benchmark: Benchmark = {
  id: "d",
  title: `round trip of ${size} bytes; load is ${loadPerSecond} messages/s of ${loadSize} bytes on the same connection`,
  async run(measurements) {
    for (const sealing of ["plain", "sealed"] as const) {
      const row = (what: string, bar?: number): Comparison => ({
        row: `round trip ${what} ${sealing}`,
        unit: "µs",
        better: "lower",
        ...(bar === undefined ? {} : { bar }),
      });
      const idleRows = [row("p50 idle", 1.5), row("p99 idle")];
      const loadRows = [row("p50 under load"), row("p99 under load", 1)];
      if (!measurements.wanted(...[...idleRows, ...loadRows].map((one) => one.row))) continue;
      const password = sealing === "sealed" ? "secret" : undefined;
      const ts = await startMesh(["ts", "ts"], [[0, 1]], password);
      const go = await startMesh(["go", "go"], [[0, 1]], password);
      await measurements.compare(idleRows, {
        ts: ({ seconds }) => idle(ts, seconds, sealing),
        go: ({ seconds }) => idle(go, seconds, sealing),
      });
      await measurements.compare(loadRows, {
        ts: ({ seconds }) => underLoad(ts, seconds, sealing),
        go: ({ seconds }) => underLoad(go, seconds, sealing),
      });
      await ts.end();
      await go.end();
    }
  },
};

export default benchmark;

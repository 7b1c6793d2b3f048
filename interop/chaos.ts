/**
 * A mixed mesh of 12 under random kills, pauses, cuts and restarts. `npm run interop:chaos -- --help`.
 */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Ledger } from "./chaos/ledger.ts";
import { Storm } from "./chaos/storm.ts";
import { buildGo, type Flavour } from "./driver/go-build.ts";
import { buildTypeScript, lastTree } from "./driver/package-build.ts";
import { defineScenario, type Mesh, type PeerSpec } from "./runner/index.ts";
import { cellFolder, removeOldRuns, runCell } from "./runner/run-cell.ts";

const usage = `Usage: npm run interop:chaos [-- OPTIONS]
  --seed S       repeat the choices of a run, as far as the processes' own pace allows
  --minutes M    how long, about (default 2)
  --flavour F    mac (the default) or hash
  --runs N       so many runs, with seeds S-1, S-2, … (default 1)
  --no-build     run what was built before`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    minutes: { type: "string", default: "2" },
    flavour: { type: "string", default: "mac" },
    runs: { type: "string", default: "1" },
    "no-build": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const programs = { tree: lastTree };
const size = 12;
const stormMs = 15_000;
/** What the heap of a TypeScript peer may have grown to at the last calm, from the first. */
const heapFactor = 1.2;
const heapSlack = 8 * 1024 * 1024;
/** How often resources are looked at, 0.4 s apart. */
const looks = 10;
/** After this long no connection of the control interface is left open. */
const controlIdleMs = 6_000;

async function main(): Promise<number> {
  const flavour: Flavour = values.flavour === "hash" ? "hash" : "mac";
  if (!values["no-build"]) {
    for (const generation of ["2018", "2019"] as const) await buildGo("go-peer", flavour, generation);
    programs.tree = await buildTypeScript();
  }
  await removeOldRuns();
  const seed = values.seed ?? randomBytes(4).toString("hex");
  const runs = Number(values.runs);
  let passed = 0;
  for (let i = 1; i <= runs; i++) if (await oneRun(runs === 1 ? seed : `${seed}-${i}`, flavour)) passed++;
  console.log(`${passed} passed, ${runs - passed} failed`);
  return passed === runs ? 0 : 1;
}

async function oneRun(seed: string, flavour: Flavour): Promise<boolean> {
  const cell = {
    ...{
      scenario: "chaos",
      variant: "",
      cast: { A: "go", B: "ts" } as const,
      flavour,
      generation: "2019" as const,
    },
    ...{ programs, transport: "native" as const, thorough: true, definition: chaos },
  };
  const result = await runCell(cell, seed);
  console.log(`${result.passed ? "ok  " : "FAIL"} chaos, seed ${seed}, ${result.seconds.toFixed(0)} s`);
  if (!result.passed) console.log(`     ${result.error}\n     logs: ${result.logs}`);
  else await rm(cellFolder(cell), { recursive: true, force: true });
  return result.passed;
}

const label = (i: number) => `peer-${((i + size) % size) + 1}`;
// Each dials two others, through a proxy of its own for each, so that every link can be cut.
const links = Array.from({ length: size }, (_, i) =>
  [1, 5].map((step) => [label(i), label(i + step)] as const),
).flat();

const chaos = defineScenario({
  title: "a mixed mesh of 12 agrees after every storm, and has every acknowledged increment",
  withinMs: Number(values.minutes) * 60_000 + 15 * 60_000,
  mesh: () => ({
    password: "storm",
    proxies: Object.fromEntries(links.map(([from, to]) => [`${from}-to-${to}`, to])),
    peers: Object.fromEntries(
      Array.from({ length: size }, (_, i): [string, PeerSpec] => [
        label(i),
        {
          side: i % 2 === 0 ? "B" : "A",
          generation: i % 4 === 1 ? "2018" : "2019",
          discovery: false,
          counters: ["counter"],
          dials: links.filter(([from]) => from === label(i)).map(([from, to]) => `${from}-to-${to}`),
        },
      ]),
    ),
  }),
  async run(mesh) {
    const connections = [...links];
    const spared = new Set([label(0), label(6)]); // of TypeScript
    const ledger = new Ledger();
    const storm = new Storm(mesh, ledger, spared);
    // Their keys count from the start, so they have to know them.
    for (const peer of mesh.drivenPeers) {
      await peer.kill();
      await peer.start();
    }
    await mesh.agree({ connections, withinMs: 90_000 });
    const first = await measure(mesh, spared);
    const end = performance.now() + Number(values.minutes) * 60_000;
    let calms = 0;
    while (performance.now() < end) {
      await storm.rage(stormMs);
      await storm.calm();
      await mesh.agree({ connections, withinMs: 120_000 });
      await storm.settle();
      calms++;
      const replaceable = mesh.drivenPeers.filter((peer) => !spared.has(peer.label));
      if (mesh.random.int(2) === 0) await storm.replace(mesh.random.pick(replaceable));
    }
    await mesh.agree({ connections, withinMs: 120_000 });
    await storm.settle();
    compare(first, await measure(mesh, spared));
    const tally = Object.entries(storm.tally).map(([what, times]) => `${times} ${what}`);
    console.log(`     ${calms} calms, ${ledger.total} increments, ${tally.join(", ")}`);
  },
});

interface Resources {
  heapBytes: number;
  sockets: number;
  timers: number;
}

type Measures = ReadonlyMap<string, Resources>;

/** The least of several looks: in a calm, too, gossip comes in, and for a second there is a timer more. A leak stays. */
async function measure(mesh: Mesh, labels: ReadonlySet<string>): Promise<Measures> {
  await mesh.rest(controlIdleMs);
  const least = new Map<string, Resources>();
  for (let look = 0; look < looks; look++) {
    for (const each of labels) {
      const seen = await mesh.peer(each).control.resources();
      const { heapBytes, sockets, timers } = least.get(each) ?? seen;
      least.set(each, {
        heapBytes: Math.min(heapBytes, seen.heapBytes),
        sockets: Math.min(sockets, seen.sockets),
        timers: Math.min(timers, seen.timers),
      });
    }
    await mesh.rest(400);
  }
  return least;
}

function compare(first: Measures, last: Measures): void {
  for (const [each, before] of first) {
    const after = last.get(each)!;
    const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
    console.log(
      `     ${each}: heap ${mebibytes(before.heapBytes)}, then ${mebibytes(after.heapBytes)}; ` +
        `sockets ${before.sockets}, ${after.sockets}; timers ${before.timers}, ${after.timers}`,
    );
    if (after.heapBytes > before.heapBytes * heapFactor + heapSlack)
      throw new Error(`${each}: the heap has grown`);
    if (after.sockets !== before.sockets)
      throw new Error(`${each}: ${before.sockets} sockets, then ${after.sockets}`);
    if (after.timers !== before.timers)
      throw new Error(`${each}: ${before.timers} timers, then ${after.timers}`);
  }
}

if (values.help) console.log(usage);
else process.exitCode = await main();

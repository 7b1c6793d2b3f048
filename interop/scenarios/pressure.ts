import { setTimeout as sleep } from "node:timers/promises";
import type { CommandedProcess } from "../driver/commanded-process.ts";
import { allocateSubnet, meshPort } from "../driver/subnet.ts";
import { measure, startGoPeer, startTypeScript } from "../pressure/program.ts";
import { decodeUpdate, keys } from "../pressure/updates.ts";
import { defineScenario, type Mesh } from "../runner/index.ts";

/** The most by which a TypeScript peer may grow on account of a slow one, in MiB. */
const barMiB = 32;
const stallMs = 40_000;
const updates = 100_000;
const streamBytes = 2 ** 30;
const messageBytes = 2 ** 16;

interface Parameters {
  readonly reader?: "merging" | "appending";
  readonly stream?: { readonly password: string };
}

export default defineScenario<Parameters>({
  title: "what waits for a slow reader stays within bounds, and reaches it whole",
  // No driven TypeScript peer takes part, but programs of interop/pressure/.
  casts: [{ A: "go", B: "go" }],
  generations: ["2019"],
  flavours: ["mac"], // the programs have names of that flavour, and memory does not ask for names
  gate: false,
  variants: {
    "stalled-reader": { reader: "merging" },
    "stalled-reader-without-merging": { reader: "appending" },
    "relayed-stream": { stream: { password: "" } },
    "relayed-stream-sealed": { stream: { password: "secret" } },
  },
  withinMs: 240_000,
  transports: ["native"], // it dials from addresses of its own
  mesh: ({ reader }) => ({
    peers: reader === undefined ? {} : { reader: { side: "A", discovery: false, channels: ["state"] } },
  }),
  async run(mesh, { reader, stream }) {
    if (reader !== undefined) await stallReader(mesh, reader);
    if (stream !== undefined) await relayStream(mesh, stream.password);
  },
});

/** A Go peer is stopped for 40 s while a TypeScript neighbour broadcasts 100,000 updates of 4 KiB over 256 keys. */
async function stallReader(mesh: Mesh, kind: "merging" | "appending"): Promise<void> {
  const reader = mesh.peer("reader");
  const address = `${reader.host.replace(/\d+$/, "100")}:${meshPort}`;
  const broadcaster = await startTypeScript(mesh, "broadcaster.ts", [
    address,
    mesh.addressOf("reader"),
    kind,
  ]);
  try {
    await mesh.until("the reader is connected", 10_000, async () => {
      const { Connections } = await reader.status();
      return Connections?.some(({ State }) => State === "established") ? undefined : "no connection";
    });
    reader.pause();
    const resumeAt = performance.now() + stallMs;
    await broadcaster.ask("broadcast", {}, stallMs);
    await sleep(resumeAt - performance.now());
    const grownMiB = await measure(broadcaster);
    reader.resume();
    console.log(`     ${kind}: grown by ${grownMiB.toFixed(1)} MiB while the reader had stopped`);
    if (kind === "appending") {
      if (grownMiB <= barMiB)
        throw new Error(`grown by ${grownMiB} MiB only: the bar of ${barMiB} shows nothing`);
      return;
    }
    if (grownMiB > barMiB) throw new Error(`grown by ${grownMiB} MiB, more than ${barMiB}`);
    await mesh.until("the reader has the final state", 10_000, async () => {
      const latest = new Map<number, number>();
      for (const { bytes } of await reader.control.received()) {
        const { key, version } = decodeUpdate(bytes);
        latest.set(key, version);
      }
      const missing = Array.from({ length: keys }, (_, key) => key).filter(
        (key) => latest.get(key) !== Math.floor((updates - 1 - key) / keys),
      );
      return missing.length === 0 ? undefined : `${missing.length} keys are old`;
    });
    await broadcaster.end();
  } finally {
    await broadcaster.kill();
  }
}

/** 1 GiB of unicasts from a Go peer through a TypeScript one to a Go peer that reads slowly, and stops for 10 s. */
async function relayStream(mesh: Mesh, password: string): Promise<void> {
  const subnet = await allocateSubnet();
  const address = (host: number) => `${subnet.host(host)}:${meshPort}`;
  const ends = (host: number, name: string) => [
    ...["--mesh", address(host), "--hwaddr", name, "--peer", address(1), "--no-discovery"],
    ...["--stream", "stream", ...(password === "" ? [] : [`--password=${password}`])],
  ];
  const stream = { channel: "stream", count: streamBytes / messageBytes, size: messageBytes };
  const relay = await startTypeScript(mesh, "relay.ts", [address(1), ...(password === "" ? [] : [password])]);
  const programs: CommandedProcess[] = [relay];
  try {
    const sink = await startGoPeer(mesh, "sink", ends(2, "::c"));
    programs.push(sink);
    const draining = sink.ask("drain", { ...stream, perSecond: 30, seconds: 10 });
    draining.catch(() => {}); // reported below, unless the source fails first
    await measure(relay);
    const source = await startGoPeer(mesh, "source", ends(3, "::a"));
    programs.push(source);
    const sent = await source.ask("flood", { ...stream, peer: "::c" });
    const received = await draining;
    const grownMiB = await measure(relay);
    console.log(`     relay: grown by ${grownMiB.toFixed(1)} MiB at most`);
    if (sent.sha256 !== received.sha256) throw new Error("what was received is not what was sent");
    if (grownMiB > barMiB) throw new Error(`the relay has grown by ${grownMiB} MiB, more than ${barMiB}`);
  } finally {
    for (const program of programs) await program.kill();
    await subnet.release();
  }
}

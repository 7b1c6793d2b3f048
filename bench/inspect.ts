/**
 * How long `weave-mesh inspect` takes for 200 MB of recordings, and how much memory:
 *
 *     npm run build && npx tsx bench/inspect.ts [--megabytes 200] [--dist dist]
 *
 * The traffic is that of a mesh of twenty: topology updates, mostly repeated, state as gob, text to single peers. It is
 * read as a session file, plain and sealed, and as a packet capture. Bars: 20 s and 300 MB.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatSessionHeader, formatSessionRecord, makeSessionHeader } from "../src/capture/index.ts";
import * as gob from "../src/gob/index.ts";
import { PeerName } from "../src/peer-name.ts";
import { encodeUpdate, type PeerDescription } from "../src/topology/index.ts";
import { seededRandom } from "../src/transport/index.ts";
import {
  encodeBroadcast,
  encodeGossip,
  encodeUnicast,
  Handshake,
  type Session,
  Tag,
} from "../src/wire/index.ts";

const barSeconds = 20;
const barMegabytes = 300;

const { values } = parseArgs({
  options: { megabytes: { type: "string", default: "200" }, dist: { type: "string", default: "dist" } },
});
const targetBytes = Number(values.megabytes) * 1e6;
const random = seededRandom("inspect");
const folder = mkdtempSync(join(tmpdir(), "weave-mesh-bench-"));
let failed = false;
try {
  for (const [title, write] of [
    ["plain session", (file: string) => writeSession(file, false)],
    ["sealed session", (file: string) => writeSession(file, true)],
    ["packet capture", writePackets],
  ] as const) {
    const file = join(folder, "capture");
    write(file);
    const { seconds, cpuSeconds, megabytes, lines } = await inspect(file);
    const size = Math.round(statSync(file).size / 1e6);
    const within = seconds < barSeconds && megabytes < barMegabytes;
    failed ||= !within;
    console.log(
      `${title.padEnd(15)} ${size} MB, ${lines} lines: ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of CPU), ${Math.round(megabytes)} MB of memory${within ? "" : "  OVER THE BAR"}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failed ? 1 : 0;

/** Two handshakes against each other; the sessions of both sides and what they wrote, in turn. */
function connect(sealed: boolean): { readonly dialler: Session; readonly opening: [boolean, Uint8Array][] } {
  const side = (outbound: boolean) =>
    new Handshake({
      minVersion: 1,
      maxVersion: 2,
      outbound,
      features: new Map([
        ["PeerNameFlavour", "mac"],
        ["Name", `00:00:00:00:00:0${outbound ? 1 : 2}`],
        ["NickName", outbound ? "one" : "two"],
        ["UID", "1"],
        ["ConnID", "1"],
      ]),
      randomBytes: (length) => new Uint8Array(length).fill(outbound ? 1 : 2),
      ...(sealed && { password: new TextEncoder().encode("bench") }),
    });
  const sides = [side(true), side(false)] as const;
  const opening: [boolean, Uint8Array][] = [];
  let waiting: [boolean, Uint8Array][] = sides.map((handshake, index) => [index === 0, handshake.start()]);
  let dialler: Session | undefined;
  while (waiting.length > 0) {
    opening.push(...waiting);
    const next: [boolean, Uint8Array][] = [];
    for (const [fromDialler, bytes] of waiting) {
      const receiver = fromDialler ? sides[1] : sides[0];
      const { write, session } = receiver.push(bytes);
      if (!fromDialler && session !== undefined) dialler = session;
      for (const piece of write) next.push([!fromDialler, piece]);
    }
    waiting = next;
  }
  return { dialler: dialler!, opening };
}

function* traffic(session: Session): Generator<Uint8Array> {
  const name = (number: number) => PeerName.fromUint(number);
  const counts = gob.map(gob.uint64, gob.int);
  for (let round = 1; ; round++) {
    const peers: PeerDescription[] = Array.from({ length: 20 }, (_, index) => ({
      name: name(index + 1),
      nickName: `peer-${index + 1}`,
      uid: BigInt(index + 1000),
      version: BigInt(index === round % 20 ? round + 1 : Math.max(1, round - 20)),
      shortId: index,
      hasShortId: true,
      connections: Array.from({ length: 6 }, (_, other) => ({
        name: name(((index + other + 1) % 20) + 1),
        remoteAddress: `10.0.0.${other}:6783`,
        outbound: other < 3,
        established: true,
      })),
    }));
    yield session.outgoing.encode(Tag.gossip, encodeGossip("topology", name(1), encodeUpdate(peers)));
    for (let i = 0; i < 20; i++) {
      const state = gob.encode(
        counts,
        new Map([
          [1n, round],
          [2n, i],
          [3n, round * i],
        ]),
      );
      yield session.outgoing.encode(Tag.broadcast, encodeBroadcast("counter", name(3), state));
      const text = new TextEncoder().encode(`line ${round} of ${i}: ${"abcdefgh ".repeat(random.int(100))}`);
      yield session.outgoing.encode(Tag.unicast, encodeUnicast("chat", name(3), name(2), text));
      if (i % 4 === 0)
        yield session.outgoing.encode(Tag.gossip, encodeGossip("blob", name(4), random.bytes(4000)));
    }
  }
}

function writeSession(file: string, sealed: boolean): void {
  const descriptor = openSync(file, "w");
  const secret = (fill: number) =>
    sealed ? { password: "bench", secretKey: Buffer.alloc(32, fill).toString("hex") } : {};
  const header = makeSessionHeader({ layer: "wire", startedAt: 0, dialler: secret(1), listener: secret(2) });
  let written = writeSync(descriptor, formatSessionHeader(header));
  const { dialler, opening } = connect(sealed);
  let at = 0;
  const write = (fromDialler: boolean, bytes: Uint8Array) => {
    written += writeSync(
      descriptor,
      formatSessionRecord({ at: at++, from: fromDialler ? "dialler" : "listener", bytes }),
    );
  };
  for (const [fromDialler, bytes] of opening) write(fromDialler, bytes);
  for (const bytes of traffic(dialler)) {
    write(true, bytes);
    if (written >= targetBytes) break;
  }
  closeSync(descriptor);
}

/** A pcap of raw IPv4 packets with 1448 bytes of payload at most. */
function writePackets(file: string): void {
  const descriptor = openSync(file, "w");
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt32LE(262_144, 16);
  head.writeUInt32LE(101, 20);
  let written = writeSync(descriptor, head);
  const sequences = [1000, 5000];
  let at = 0;
  const packet = (fromDialler: boolean, payload: Uint8Array, flags: number) => {
    const own = fromDialler ? 0 : 1;
    const packet = Buffer.alloc(16 + 40 + payload.length);
    packet.writeUInt32LE(Math.floor(at / 1000), 0);
    packet.writeUInt32LE((at++ % 1000) * 1000, 4);
    packet.writeUInt32LE(40 + payload.length, 8);
    packet.writeUInt32LE(40 + payload.length, 12);
    packet[16] = 0x45;
    packet.writeUInt16BE(40 + payload.length, 18);
    packet[25] = 6;
    packet.set([10, 0, 0, own + 1], 28);
    packet.set([10, 0, 0, 2 - own], 32);
    packet.writeUInt16BE(fromDialler ? 40_000 : 6783, 36);
    packet.writeUInt16BE(fromDialler ? 6783 : 40_000, 38);
    packet.writeUInt32BE(sequences[own]! >>> 0, 40);
    packet.writeUInt32BE(sequences[1 - own]! >>> 0, 44);
    packet[48] = 0x50;
    packet[49] = flags;
    packet.set(payload, 56);
    sequences[own] = (sequences[own]! + payload.length + (flags & 2 ? 1 : 0)) % 2 ** 32;
    written += writeSync(descriptor, packet);
  };
  const none = new Uint8Array(0);
  packet(true, none, 0x02);
  packet(false, none, 0x12);
  packet(true, none, 0x10);
  const { dialler, opening } = connect(false);
  for (const [fromDialler, bytes] of opening) packet(fromDialler, bytes, 0x18);
  for (const bytes of traffic(dialler)) {
    for (let from = 0; from < bytes.length; from += 1448)
      packet(true, bytes.subarray(from, from + 1448), 0x18);
    if (written >= targetBytes) break;
  }
  closeSync(descriptor);
}

/** Runs the command as a user would; its highest memory is the kernel's account of it. */
async function inspect(
  file: string,
): Promise<{ seconds: number; cpuSeconds: number; megabytes: number; lines: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, [join(values.dist, "cli", "main.js"), "inspect", file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let kibibytes = 0;
  let cpuSeconds = 0;
  const watch = setInterval(() => {
    const found = /VmHWM:\s+(\d+) kB/.exec(readProc(child.pid!, "status"));
    kibibytes = Math.max(kibibytes, Number(found?.[1] ?? 0));
    // User and system time in hundredths of a second, the 12th and 13th field after the name.
    const times = /\) (.*)$/m.exec(readProc(child.pid!, "stat"))?.[1]?.split(" ");
    if (times !== undefined) cpuSeconds = (Number(times[11]) + Number(times[12])) / 100;
  }, 50);
  let lines = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`inspect ended with status ${code}`);
  return {
    seconds: (performance.now() - start) / 1000,
    megabytes: (kibibytes * 1024) / 1e6,
    lines,
    cpuSeconds,
  };
}

function readProc(pid: number, file: "status" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

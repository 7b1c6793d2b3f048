/**
 * Plays recorded sessions against live Go peers of each generation, and looks whether they come to know the peers, and hear
 * what was said on channels, as in the record:
 *
 *     npx tsx interop/record/replay.ts
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  otherSide,
  type RecordedSession,
  readScript,
  replaySession,
  SessionReader,
  type Side,
  TopologyKnowledge,
  viewMessage,
} from "../../src/capture/index.ts";
import { type Socket, systemClock, systemRandom, tcpTransport } from "../../src/transport/index.ts";
import { type Generation, generations } from "../driver/go-build.ts";
import { root } from "../driver/paths.ts";
import type { DrivenPeer } from "../runner/peer.ts";
import { buildAll, dial as dialFrom, RecordedMesh } from "./recorded-mesh.ts";

const library = join(root, "fixtures", "sessions");
const wanted =
  /^(two-(v2-plain|v1-sealed|hash-v2-sealed|2018-v2-sealed)|three-relay-1|twenty-sealed-[23]|restart-2|ten-mebibytes)\.session/;

await buildAll();
let faults = 0;
for (const file of readdirSync(library).filter((file) => wanted.test(file))) {
  for (const generation of ["2019", "2018"] as const) {
    for (const side of ["dialler", "listener"] as const) {
      try {
        console.log(
          `${file}, as ${side}, to ${generations[generation].commit}: ${await play(file, side, generation)}`,
        );
      } catch (error) {
        faults++;
        console.log(
          `${file}, as ${side}, to ${generations[generation].commit}: FAILED: ${(error as Error).message}`,
        );
      }
    }
  }
}
process.exit(faults === 0 ? 0 : 1);

async function play(file: string, side: Side, generation: Generation): Promise<string> {
  const session = read(join(library, file));
  const script = readScript(session, side);
  const number = Number(/\.(\d+):\d+$/.exec(session.header[otherSide(side)].address!)![1]);
  const { password } = session.header[otherSide(side)];
  const mesh = await RecordedMesh.create(`replay-${process.pid}`);
  const peer = await mesh.start(number, {
    generation,
    flavour: script.flavour,
    channels: ["default", "news"],
    ...(typeof password === "string" && { password }),
  });
  let known: string[] = [];
  try {
    // In the record's roles: who plays the listener is dialled by the live peer.
    const socket = side === "dialler" ? await dial(mesh.host(number)) : await dialled(peer, mesh.host(200));
    const holdMs = 700;
    const playing = replaySession({
      script,
      socket,
      outbound: side === "dialler",
      clock: systemClock,
      random: systemRandom,
      fast: true,
      holdMs,
    });
    playing.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, holdMs - 250));
    known = await peersOf(peer);
    const report = await playing;
    if (report.endedBy !== undefined) throw new Error(report.departures.map(({ text }) => text).join("; "));
    const told = toldPeers(
      script.messages.map(({ bytes }) => bytes),
      script.flavour,
    );
    const unknown = told.described.filter((name) => !known.includes(name));
    const invented = known.filter((name) => !told.named.includes(name));
    if (unknown.length > 0) throw new Error(`it does not know ${unknown.join(", ")}`);
    if (invented.length > 0) throw new Error(`it knows ${invented.join(", ")}, of whom nothing was said`);
    const heard = (await peer.control.received()).length;
    const said = saidTo(session, script);
    if (heard !== said) throw new Error(`it heard ${heard} messages on channels in place of ${said}`);
    return `${report.played} messages, ${known.length} peers, ${heard} heard on channels, ${report.matched} of ${report.answers} answers as recorded`;
  } finally {
    await mesh.finish("").catch(() => {});
  }
}

function dial(host: string): Promise<Socket> {
  return tcpTransport.dial({ host, port: 6783 });
}

/** Waits until the live peer has dialled `host`. */
async function dialled(peer: DrivenPeer, host: string): Promise<Socket> {
  let take = (_socket: Socket): void => {};
  const accepted = new Promise<Socket>((resolve) => {
    take = resolve;
  });
  const listener = await tcpTransport.listen({ host, port: 6783 }, take);
  await dialFrom(peer, [`${host}:6783`]);
  const socket = await accepted;
  await listener.close();
  return socket;
}

async function peersOf(peer: DrivenPeer): Promise<string[]> {
  const { Peers } = await peer.status();
  return Peers.map(({ Name }) => Name).sort();
}

/** The peers that the played side describes, and with them those that it only names as far ends of connections. */
function toldPeers(
  messages: readonly Uint8Array[],
  flavour: "mac" | "hash",
): { described: string[]; named: string[] } {
  const knowledge = new TopologyKnowledge();
  for (const bytes of messages) {
    const { channel, payload } = viewMessage(bytes, flavour);
    if (channel === "topology") knowledge.apply(payload, flavour);
  }
  const described = knowledge.peers.map(({ name }) => name as string);
  const farEnds = knowledge.peers.flatMap(({ connections }) => connections.map(({ name }) => name as string));
  return { described, named: [...described, ...farEnds] };
}

/** How many messages on registered channels the played side addresses to the other. */
function saidTo(session: RecordedSession, script: ReturnType<typeof readScript>): number {
  const own = script.otherFeatures.get("Name");
  return script.messages.filter(({ bytes }) => {
    const { channel, destination, kind } = viewMessage(bytes, session.header.flavour ?? "mac");
    if (kind === "heartbeat" || (channel !== "default" && channel !== "news")) return false;
    return destination === undefined || destination === own;
  }).length;
}

function read(file: string): RecordedSession {
  const bytes = readFileSync(file);
  const reader = new SessionReader();
  reader.push(file.endsWith(".gz") ? gunzipSync(bytes) : bytes);
  return { records: [...reader.records()], header: reader.header! };
}

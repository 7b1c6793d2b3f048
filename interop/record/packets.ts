/**
 * Holds the reading of packet captures against the recording proxy: a mesh of Go and TypeScript peers talks through the
 * proxy while tcpdump listens; every session that the proxy saw must be in the capture, on either side of the proxy, with the
 * same messages.
 *
 *     npx tsx interop/record/packets.ts            # needs tcpdump and the right to use it
 *     npx tsx interop/record/packets.ts --save     # and keeps the captures as fixtures
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import {
  Dissector,
  formatSession,
  PacketSource,
  type RecordedSession,
  type SessionRecord,
} from "../../src/capture/index.ts";
import { PeerName, Router, SurrogateGossiper } from "../../src/index.ts";
import { root } from "../driver/paths.ts";
import { buildAll, buildFolder, RecordedMesh } from "./recorded-mesh.ts";

const fixtures = join(root, "fixtures", "packets");
const { values } = parseArgs({ options: { save: { type: "boolean" } } });

await buildAll();
const mesh = await RecordedMesh.create("packets");
const filter = `tcp port 6783 and net ${mesh.host(0)}/24`;
const captures = [
  { name: "ethernet", interface: "lo" },
  { name: "any-device", interface: "any" },
] as const;
const children = captures.map((capture) => {
  const file = join(buildFolder, `${capture.name}.pcap`);
  const child = spawn("tcpdump", ["-i", capture.interface, "-U", "-s", "0", "-w", file, filter], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const listening = new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (text) => String(text).includes("listening on") && resolve());
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`tcpdump ended with status ${code}`)));
  });
  return { ...capture, file, child, listening };
});
await Promise.all(children.map(({ listening }) => listening));

const sessions = await mixedMesh();
await new Promise((resolve) => setTimeout(resolve, 500));
let faults = 0;
for (const { name, file, child } of children) {
  child.removeAllListeners("exit");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await ended;
  const found = readPackets(file);
  let matched = 0;
  for (const session of sessions) {
    const said = conversation(session);
    const same = found.filter((candidate) => conversation(candidate) === said);
    const legs = same.filter(
      ({ header }) =>
        header.dialler.address === session.header.dialler.address ||
        header.listener.address === session.header.listener.address,
    );
    matched += legs.length;
    if (legs.length !== 2) {
      faults++;
      console.log(
        `${name}: ${session.header.dialler.address} is in the capture ${legs.length} times in place of 2`,
      );
    }
  }
  console.log(
    `${name}: ${sessions.length} sessions of the proxy, ${found.length} in the capture, ${matched} the same`,
  );
}
if (values.save === true && faults === 0) {
  mkdirSync(fixtures, { recursive: true });
  for (const { name, file } of children) {
    writeFileSync(join(fixtures, `${name}.pcap.gz`), gzipSync(readFileSync(file), { level: 9 }));
  }
  for (const [index, session] of sessions.entries()) {
    writeFileSync(join(fixtures, `proxy-${index + 1}.session.jsonl`), formatSession(session));
  }
}
process.exit(faults === 0 ? 0 : 1);

/** Two Go peers and a TypeScript one, each connected to both others through the proxy. */
async function mixedMesh(): Promise<RecordedSession[]> {
  const options = { channels: ["default"], password: "tapped" };
  const first = await mesh.start(1, options);
  const second = await mesh.start(2, options);
  await mesh.connect(first, second);
  const router = new Router({
    name: PeerName.parse("00:00:00:00:00:03"),
    nickname: "ts-3",
    host: mesh.host(3),
    port: 6783,
    password: "tapped",
    peerDiscovery: false,
  });
  router.channel("default", new SurrogateGossiper({ now: Date.now, gossipIntervalMs: 30_000 }));
  await router.start();
  router.connect([mesh.address(1), mesh.address(2)]);
  await mesh.until("three know each other", async () => router.peers().length === 3);
  await mesh.sessions(3);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await first.control.broadcast("default", Buffer.from("over the wire"));
  await first.control.unicast("default", second.name, Buffer.alloc(30_000, "x"));
  await mesh.received(
    second,
    "the unicast",
    ({ kind, bytes }) => kind === "unicast" && bytes.length === 30_000,
  );
  await router.stop({ timeoutMs: 1_000 });
  return mesh.finish("A Go peer, another, and a TypeScript one, behind the proxy and before tcpdump");
}

function readPackets(file: string): RecordedSession[] {
  const source = new PacketSource();
  const found = new Map<number, { header?: RecordedSession["header"]; records: SessionRecord[] }>();
  const events = source.push(readFileSync(file));
  for (let more = source.end(); more.length > 0; more = source.end()) events.push(...more);
  for (const event of events) {
    if (event.type === "open") found.set(event.session, { header: event.header, records: [] });
    if (event.type === "record") found.get(event.session)!.records.push(event.record);
  }
  return [...found.values()] as RecordedSession[];
}

/** What the two sides said, each in its order; sealed messages as they are. */
function conversation({ header, records }: RecordedSession): string {
  const said = { dialler: [] as string[], listener: [] as string[] };
  const { sessionKey: _, dialler: _d, listener: _l, ...rest } = header;
  const dissector = new Dissector({ header: { ...rest, dialler: {}, listener: {} } });
  for (const record of records) {
    for (const item of dissector.push(record)) {
      if ("bytes" in item) said[item.from].push(`${item.kind} ${Buffer.from(item.bytes).toString("base64")}`);
    }
  }
  return JSON.stringify(said);
}

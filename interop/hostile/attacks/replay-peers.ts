import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PeerName } from "../../../src/peer-name.ts";
import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import { defineCommandAttack } from "../attack.ts";
import { doublingTypes } from "../bytes/gob.ts";
import { gossipMessage, sessionFile } from "../bytes/session-file.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import { type MeshServer, serveMesh } from "../mesh-server.ts";
import { hostileText, rawCharacters } from "../output-characters.ts";

const self = PeerName.parse("02:00:00:00:00:02");

/** Sends gossip for 5 s as fast as it is read. */
function flood(
  payload: (n: number) => Uint8Array,
  channel = (_: number) => "default",
): MeshServer["onSession"] {
  return (session, socket) => {
    const end = performance.now() + 5_000;
    let n = 0;
    const send = () => {
      while (performance.now() < end && !socket.destroyed) {
        const body = encodeGossip(channel(n), self, payload(n));
        if (!socket.write(session.outgoing.encode(Tag.gossip, body))) return void socket.once("drain", send);
        if (n++ % 64 === 63) return void setImmediate(send);
      }
    };
    send();
  };
}

interface Peer {
  server: MeshServer;
  json?: boolean;
  output?: boolean;
}

const hostile: MeshServer = {
  nickName: hostileText,
  onSession(session, socket) {
    for (const channel of [hostileText, "default"]) {
      const body = encodeGossip(channel, self, Buffer.from(hostileText));
      for (const tag of [Tag.gossip, Tag.broadcast]) socket.write(session.outgoing.encode(tag, body));
    }
    const update = topologyUpdate([
      {
        ...{ name: fakeName(1), nickName: hostileText, uid: 1n, version: 1n },
        connections: [{ name: fakeName(2), address: hostileText }],
      },
    ]);
    socket.write(session.outgoing.encode(Tag.gossip, encodeGossip("topology", self, update)));
    socket.write(session.outgoing.encode(99, Buffer.from(hostileText)));
  },
};

const big = Buffer.alloc(1024 * 1024, 1);

const peers: Record<string, Peer> = {
  "gossip of 1 MiB for 5 s": {
    server: { onSession: flood((n) => Buffer.concat([big, Buffer.from(`${n}`)])) },
  },
  "gossip of 1 MiB that repeats": { server: { onSession: flood(() => big) } },
  "small gossip for 5 s": { server: { onSession: flood((n) => Buffer.from(`${n}`)) } },
  "new channels for 5 s": {
    server: {
      onSession: flood(
        () => Buffer.of(1),
        (n) => `channel${n}`,
      ),
    },
  },
  "type graphs": { server: { onSession: flood(() => doublingTypes(40)) } },
  silent: { server: { onSession: () => {}, silent: true } },
  "control characters": { server: hostile, output: true },
  "control characters, --json": { server: hostile, output: true, json: true },
};

export default defineCommandAttack<Peer>({
  title: "hostile peers for replay",
  group: "files",
  limits: ["messages that replay keeps", "handshake of replay"],
  variants: peers,
  bars: { cpuSeconds: 12, memoryMiB: 512 },
  withinMs: 30_000,
  async command(workshop, { server, json = false }) {
    const file = join(workshop.folder, "input.session.jsonl");
    await writeFile(file, sessionFile({ messages: [gossipMessage("default", Buffer.from("hello"))] }));
    const to = await serveMesh(workshop, server);
    return { arguments: ["replay", file, "--to", to, "--fast", "--hold", "6", ...(json ? ["--json"] : [])] };
  },
  check({ stdout, stderr }, { output }) {
    if (output !== true) return undefined;
    if (/^forged/m.test(stdout + stderr)) return "a line was forged";
    const found = rawCharacters(stdout + stderr);
    return found.length === 0 ? undefined : `written as they are: ${found.join(", ")}`;
  },
});

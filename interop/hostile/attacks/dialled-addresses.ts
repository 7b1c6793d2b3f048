import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { header } from "../bytes/features.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import { attackerUid, nameBytes } from "../topology-sender.ts";

const port = 17_000 + (process.pid % 1_000);

export default defineAttack<"hang" | "endless">({
  title: "20,000 addresses to dial, all of which accept and do not finish the handshake",
  group: "peer",
  limits: ["targets of discovery", "pending handshakes that we dialled"],
  withinMs: 40_000,
  watchMs: 8_000,
  variants: { "that hang": "hang", "that send without end": "endless" },
  async run(field, manner) {
    const self = nameBytes(field.name());
    const sockets = new Set<Socket>();
    let most = 0;
    const server = createServer((socket) => {
      sockets.add(socket);
      most = Math.max(most, sockets.size);
      field.notes.dialledAtOnce = most;
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
      socket.write(header(1, 1));
      if (manner !== "endless") return;
      const send = () => {
        while (socket.writable && socket.write(Buffer.alloc(65_536, 0x0d)));
      };
      socket.on("drain", send);
      send();
    });
    server.listen(port, "0.0.0.0"); // all of 127/8
    await once(server, "listening");
    const count = 20_000;
    const address = (n: number) => `127.251.${n >> 8}.${n & 255}:${port}`;
    const links = Array.from({ length: count }, (_, n) => ({
      ...{ name: fakeName(n), address: address(n), established: true, outbound: true },
    }));
    const victim = { name: nameBytes(field.spec.victimName), established: true, outbound: true };
    const peers = Array.from({ length: count }, (_, n) => ({
      ...{ name: fakeName(n), uid: BigInt(n + 1), version: 1n },
      connections: [{ name: self, established: true }],
    }));
    const own = {
      name: self,
      nickName: "raw",
      uid: attackerUid,
      version: 100n,
      connections: [victim, ...links],
    };
    const update = topologyUpdate([own, ...peers]);
    await field.begin();
    const peer = await field.join(0, { uid: attackerUid });
    peer.send(Tag.gossip, encodeGossip("topology", peer.name, update));
    await field.sleep(5_000);
    field.notes.disconnected = peer.broken?.message;
  },
});

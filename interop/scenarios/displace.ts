import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeFeatures, encodeFeatures, encodeHeader, headerBytes } from "../../src/wire/index.ts";
import { defineScenario, type Mesh } from "../runner/index.ts";

interface Parameters {
  version: 1 | 2;
}

const attempts = 20;

// In an all-Go mesh this fails: the original's weakness, which only version 2 as the lowest version closes.
export default defineScenario<Parameters>({
  title: "a version 1 connection under another's name, with our own ConnID, cuts off nobody",
  generations: ["2019"],
  transports: ["native"],
  casts: [
    { A: "ts", B: "go" },
    { A: "ts", B: "ts" },
  ],
  variants: { v1: { version: 1 }, v2: { version: 2 } },
  mesh: ({ version }) => ({
    ...{ version, password: "correct horse" },
    peers: { victim: { side: "A" }, friend: { side: "B", dials: ["victim"] } },
  }),
  async run(mesh, _parameters) {
    await mesh.agree({ connections: "full" });
    // An honest version 1 peer proves itself with its first message, which is soon.
    await mesh.exchange("default", ["victim", "friend"]);
    const before = await mesh.peer("victim").control.statusText();
    const attackers: Socket[] = [];
    for (let i = 0; i < attempts; i++) attackers.push(await displace(mesh));
    await sleep(1_000);
    if ((await mesh.peer("victim").control.statusText()) !== before) {
      throw new Error("the attack has changed the victim's status");
    }
    for (const peer of mesh.drivenPeers) {
      if (peer.timesLogged("connection deleted") > 0)
        throw new Error(`${peer.label} has lost its connection`);
    }
    if (attackers.some(({ closed }) => closed)) throw new Error("an attacker was reset in place of held");
    // Garbage in place of a sealed message ends the attack, and nothing else.
    for (const socket of attackers)
      socket.write(Uint8Array.of(0x15, 0x0a, 0x00, 0x12, ...new Array<number>(18).fill(9)));
    await mesh.until("all attackers are reset", 5_000, () =>
      attackers.every(({ closed }) => closed) ? undefined : "not yet",
    );
    await mesh.exchange("default", ["victim", "friend"]);
    await mesh.agree({ connections: "full" });
  },
});

/** Connects to the victim under the friend's name and makes the connection's UID 0. */
async function displace(mesh: Mesh): Promise<Socket> {
  const [host, port] = splitAddress(mesh.addressOf("victim"));
  const socket = connect({ host, port, noDelay: true });
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(encodeHeader({ minVersion: 1, maxVersion: 1 }));
  const received: Buffer[] = [];
  for (;;) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    received.push(chunk);
    const connId = connIdIn(Buffer.concat(received));
    if (connId === undefined) continue;
    const { name } = mesh.peer("friend");
    const features = new Map([
      ["PeerNameFlavour", mesh.cell.flavour],
      ["Name", name],
      ["NickName", "friend"],
      ["UID", "1"],
      ["ConnID", connId],
      ["PublicKey", "07".repeat(32)],
    ]);
    socket.write(encodeFeatures(features));
    return socket;
  }
}

function connIdIn(bytes: Uint8Array): string | undefined {
  try {
    return decodeFeatures(bytes.subarray(headerBytes)).get("ConnID");
  } catch {
    return undefined; // not whole yet
  }
}

function splitAddress(address: string): [string, number] {
  const colon = address.lastIndexOf(":");
  return [address.slice(0, colon), Number(address.slice(colon + 1))];
}

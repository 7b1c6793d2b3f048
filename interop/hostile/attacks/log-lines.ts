import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { featuresGob, header, plausibleFeatures, versionOneOpening } from "../bytes/features.ts";
import { fakeName, topologyUpdate } from "../bytes/topology.ts";
import { hostileText, rawCharacters } from "../output-characters.ts";

export default defineAttack({
  title: "texts with control characters do not get into the log or the JSON lines as they are",
  group: "output",
  victim: { program: "join", flags: ["--log-level", "debug"] },
  onlyOurs: true,
  gate: true,
  async run(field) {
    await field.begin();
    if (field.spec.control) return;
    for (const key of ["UID", "Name", "NickName", "PeerNameFlavour", "ConnID", "PublicKey"]) {
      const connection = await field.connect();
      await connection.send(versionOneOpening([[key, hostileText]]));
      await field.sleep(60);
    }
    const garbled = await field.connect();
    await garbled.send(Buffer.from("\x1b[31mx\r\n2026 forged line\n"));
    const missing = await field.connect();
    const features = [...plausibleFeatures()].filter(([key]) => key !== "Name");
    await missing.send(Buffer.concat([header(1, 1), featuresGob([[hostileText, hostileText], ...features])]));
    const peer = await field.join(0, { features: [["NickName", hostileText]] });
    peer.send(
      Tag.gossip,
      encodeGossip(
        "topology",
        peer.name,
        topologyUpdate([
          {
            ...{ name: fakeName(1), nickName: hostileText, uid: 1n, version: 1n },
            connections: [{ name: fakeName(2), address: hostileText }],
          },
        ]),
      ),
    );
    peer.send(Tag.gossip, encodeGossip(hostileText, peer.name, Buffer.from(hostileText)));
    peer.send(Tag.gossip, encodeGossip("default", peer.name, Buffer.from(hostileText)));
    peer.send(Tag.broadcast, encodeGossip("default", peer.name, Buffer.from(hostileText)));
    await field.sleep(300);
    peer.close();
    const other = await field.join(1, { features: [["NickName", hostileText]] });
    other.send(Tag.gossip, Buffer.from(hostileText)); // no gob: ends the connection with an error
    await field.sleep(500);
  },
  check({ output }) {
    if (output.includes("\nforged")) return "a log line was forged";
    const found = rawCharacters(output);
    return found.length === 0 ? undefined : `written as they are: ${found.join(", ")}`;
  },
});

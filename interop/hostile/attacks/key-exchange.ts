import { defineAttack } from "../attack.ts";
import { header, versionOneOpening } from "../bytes/features.ts";
import type { RawConnection } from "../raw-connection.ts";

/** Points of small order on Curve25519, and what is not reduced: with them the shared secret is known to all. */
const lowOrderKeys = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

const frame = (body: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};

/** Acts on one connection after the header; `n` counts the connections. */
type Exchange = (connection: RawConnection, n: number) => Promise<void>;

/** Bytes of the victim's version 2 handshake, once they are there. */
async function victimsBytes(connection: RawConnection, length: number): Promise<Buffer> {
  await connection.until(() => connection.received.length >= length, 2_000);
  return connection.received;
}

const variants: Record<string, Exchange> = {
  "low-order keys, version 2": async (connection, n) => {
    const key = Buffer.from(lowOrderKeys[n % lowOrderKeys.length]!, "hex");
    await connection.send(Buffer.concat([header(2, 2), Buffer.of(1), key, frame(Buffer.alloc(200, 7))]));
  },
  "low-order keys, version 1": (connection, n) => {
    const opening = versionOneOpening([["PublicKey", lowOrderKeys[n % lowOrderKeys.length]!]]);
    return connection.send(Buffer.concat([opening, Buffer.from("0b0a00ff88", "hex"), Buffer.alloc(300, 7)]));
  },
  "the victim's own key and frames sent back": async (connection) => {
    await connection.send(header(2, 2));
    const opening = await victimsBytes(connection, 7 + 33);
    await connection.send(opening.subarray(7, 7 + 33));
    const received = await victimsBytes(connection, 7 + 33 + 20);
    await connection.send(received.subarray(7 + 33));
  },
  "a wrong encryption flag": (connection) => connection.send(Buffer.concat([header(2, 2), Buffer.of(7)])),
  "features of 1 byte that do not open": (connection) =>
    connection.send(Buffer.concat([header(2, 2), Buffer.of(1), Buffer.alloc(32, 9), frame(Buffer.of(1))])),
  "features of 10 MiB that do not open": (connection) =>
    connection.send(
      Buffer.concat([header(2, 2), Buffer.of(1), Buffer.alloc(32, 9), frame(Buffer.alloc(10 << 20, 7))]),
    ),
};

export default defineAttack<Exchange>({
  title: "key exchanges without the password, 100 of them",
  group: "crypto",
  variants,
  gate: ["the victim's own key and frames sent back"],
  async run(field, exchange) {
    await field.begin();
    if (field.spec.control) return;
    let ended = 0;
    for (let i = 0; i < 100; i += 10) {
      const batch = Array.from({ length: 10 }, async (_, j) => {
        const connection = await field.connect(j);
        await exchange(connection, i + j);
        if (await connection.endedWithin(3_000)) ended++;
      });
      await Promise.all(batch);
    }
    field.notes.ended = ended;
  },
  check: ({ notes }) =>
    notes.ended === 100 ? undefined : `${notes.ended} of 100 connections were ended, as all have to be`,
});

import { defineAttack } from "../attack.ts";
import { header } from "../bytes/features.ts";
import {
  gobBytes,
  gobInt,
  gobMessage,
  gobType,
  gobUint,
  mapType,
  sliceType,
  structType,
} from "../bytes/gob.ts";

const length = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const key = Buffer.concat([header(2, 2), Buffer.of(1), Buffer.alloc(32, 9)]);
const features = mapType(65, gobType.string, gobType.string);
const map = (body: Buffer) =>
  Buffer.concat([header(1, 1), features, gobMessage(gobInt(65), Buffer.of(0), body)]);

function nestedSlices(depth: number): Buffer {
  const definitions = Array.from({ length: depth }, (_, i) => sliceType(65 + i, 66 + i));
  return Buffer.concat([...definitions, sliceType(65 + depth, gobType.int)]);
}

const openings: Record<string, () => Buffer> = {
  "frame of 10 MiB": () => Buffer.concat([key, length(10 * 1024 * 1024)]),
  "frame of 4 GiB": () => Buffer.concat([key, length(0xffffffff)]),
  "gob message of 8 EiB": () => Buffer.concat([header(1, 1), Buffer.from("f87fffffffffffffff", "hex")]),
  "map of 2^60 entries": () => map(gobUint(2 ** 52)),
  "map of 2^31 entries": () => map(gobUint(2 ** 31)),
  "string of 1 GiB": () => map(Buffer.concat([gobUint(1), gobUint(2 ** 30)])),
  "slices nested 5,000 deep": () => Buffer.concat([header(1, 1), nestedSlices(5_000)]),
  "10,000 definitions": () =>
    Buffer.concat([
      header(1, 1),
      ...Array.from({ length: 10_000 }, (_, i) => structType(65 + i, "T", [["A", gobType.int]])),
    ]),
  "one type of 20,000 fields": () =>
    Buffer.concat([
      header(1, 1),
      structType(
        65,
        "T",
        Array.from({ length: 20_000 }, (_, i) => [`F${i}`, gobType.int] as const),
      ),
      gobMessage(gobInt(65), Buffer.of(0)),
    ]),
  "empty messages": () => Buffer.concat([header(1, 1), Buffer.alloc(250_000, 0)]),
  "definition of a type of its own": () =>
    Buffer.concat([header(1, 1), sliceType(65, 65), gobMessage(gobInt(65), Buffer.of(0), gobBytes("x"))]),
};

export default defineAttack<() => Buffer>({
  title: "40 openings that claim more than they send, or define more than they use",
  group: "no-password",
  limits: ["handshake bytes of a connection", "gob types of a stream"],
  variants: openings,
  gate: ["one type of 20,000 fields"],
  async run(field, opening) {
    const bytes = opening();
    field.notes.bytes = bytes.length;
    await field.begin();
    const connections = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const connection = await field.connect(i % 10);
        await connection.send(bytes);
        return connection;
      }),
    );
    await field.sleep(1_500);
    field.notes.open = connections.filter(({ ended }) => !ended).length;
  },
});

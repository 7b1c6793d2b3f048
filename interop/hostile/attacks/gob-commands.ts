import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineCommandAttack } from "../attack.ts";
import {
  arrayType,
  doublingTypes,
  gobBigUint,
  gobBytes,
  gobInt,
  gobMessage,
  gobType,
  gobUint,
  mapType,
  sliceType,
  structType,
} from "../bytes/gob.ts";
import { collidingBigIntegers } from "../bytes/integer-hash.ts";

interface Input {
  outputMiB: number;
  memoryMiB: number;
  make: () => Buffer;
}

/** `[]struct{}` of so many elements, one byte each. */
function emptyStructs(count: number): Buffer {
  const body = Buffer.concat([Buffer.of(0), gobUint(count), Buffer.alloc(count, 0)]);
  return Buffer.concat([sliceType(65, 66), structType(66, "", []), gobMessage(gobInt(65), body)]);
}

function typesOfOneName(count: number): Buffer {
  const types = Array.from({ length: count }, (_, n) => structType(65 + n, "T", [["A", gobType.int]]));
  const holder = 65 + count;
  const fields = Array.from({ length: count }, (_, n) => [`F${n}`, 65 + n] as const);
  return Buffer.concat([
    structType(holder, "Holder", fields),
    ...types,
    gobMessage(gobInt(holder), Buffer.of(0)),
  ]);
}

/** A value of slices nested so deep, each of one element. */
function nested(depth: number): Buffer {
  const definitions = Array.from({ length: depth }, (_, n) =>
    sliceType(65 + n, n + 1 < depth ? 66 + n : gobType.int),
  );
  const body = Buffer.concat([Buffer.of(0), Buffer.alloc(depth, 1), gobInt(1)]);
  return Buffer.concat([...definitions, gobMessage(gobInt(65), body)]);
}

function integerKeys(count: number): Buffer {
  const entries = collidingBigIntegers(count).flatMap((key) => [gobBigUint(key), gobInt(1)]);
  return Buffer.concat([
    mapType(65, gobType.uint, gobType.int),
    gobMessage(gobInt(65), Buffer.of(0), gobUint(count), ...entries),
  ]);
}

/** An interface value inside an interface value, and so on. */
function interfaces(depth: number): Buffer {
  let value = Buffer.concat([gobBytes("int"), gobInt(gobType.int), gobUint(2), Buffer.of(0), gobInt(1)]);
  for (let n = 0; n < depth; n++) {
    value = Buffer.concat([
      gobBytes("any"),
      gobInt(gobType.interface),
      gobUint(value.length + 1),
      Buffer.of(0),
      value,
    ]);
  }
  return gobMessage(gobInt(gobType.interface), Buffer.of(0), value);
}

/** With the most output and memory, in MiB, that a command may need for it. */
const inputs: Record<string, Input> = {
  "type graph of 22 levels": { outputMiB: 1, memoryMiB: 256, make: () => doublingTypes(22) },
  "type graph of 60 levels": { outputMiB: 1, memoryMiB: 256, make: () => doublingTypes(60) },
  "type graph of 60 levels of structs": {
    outputMiB: 1,
    memoryMiB: 256,
    make: () => doublingTypes(60, "struct"),
  },
  "2,000,000 empty structs": { outputMiB: 32, memoryMiB: 512, make: () => emptyStructs(2_000_000) },
  "10,000,000 empty structs": { outputMiB: 128, memoryMiB: 768, make: () => emptyStructs(10_000_000) },
  "9,900 types of one name": { outputMiB: 8, memoryMiB: 256, make: () => typesOfOneName(9_900) },
  "slices nested 3,000 deep": { outputMiB: 1, memoryMiB: 256, make: () => nested(3_000) },
  "interfaces nested 2,000 deep": { outputMiB: 1, memoryMiB: 256, make: () => interfaces(2_000) },
  "30,000 keys of one hash": { outputMiB: 4, memoryMiB: 256, make: () => integerKeys(30_000) },
  "array of 2^62 elements": {
    outputMiB: 1,
    memoryMiB: 256,
    make: () =>
      Buffer.concat([
        arrayType(65, gobType.int, 2 ** 52),
        gobMessage(gobInt(65), Buffer.of(0), gobUint(2 ** 52)),
      ]),
  },
  "1,000,000 values": {
    outputMiB: 64,
    memoryMiB: 512,
    make: () => Buffer.alloc(4_000_000, Buffer.from("03040002", "hex")),
  },
  "string of 64 MiB": {
    outputMiB: 512,
    memoryMiB: 768,
    make: () => gobMessage(gobInt(gobType.string), Buffer.of(0), gobBytes(Buffer.alloc(64 << 20, 0x1b))),
  },
};

const commands: Record<string, string[]> = {
  decode: ["gob", "decode", "{file}"],
  types: ["gob", "types", "{file}"],
  schemas: ["gob", "types", "{file}", "--ts"],
  transcode: ["gob", "transcode", "{file}", "{file}.out"],
};

const variants: Record<string, { input: Input; arguments: string[] }> = {};
for (const [name, input] of Object.entries(inputs)) {
  for (const [command, parameters] of Object.entries(commands)) {
    variants[`${command}, ${name}`] = { input, arguments: parameters };
  }
}

export default defineCommandAttack<{ input: Input; arguments: string[] }>({
  title: "hostile gob streams for the gob commands",
  group: "files",
  limits: ["text of a type", "schema-less values", "nesting"],
  variants,
  gate: ["types, type graph of 60 levels", "decode, type graph of 60 levels"],
  bars: ({ input: { outputMiB, memoryMiB } }) => ({
    cpuSeconds: memoryMiB > 256 ? 10 : 2.5,
    ...{ memoryMiB, outputMiB },
  }),
  async command({ folder }, { input, arguments: parameters }) {
    const file = join(folder, "input.gob");
    await writeFile(file, input.make());
    return { arguments: parameters.map((parameter) => parameter.replace("{file}", file)) };
  },
});

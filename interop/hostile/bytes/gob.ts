/**
 * The few parts of Go's gob that hostile bytes are made of. Written apart from src/gob on purpose: that encoder refuses
 * to write most of what is wanted here.
 */

/** A gob uint below 2^53. */
export function gobUint(value: number): Buffer {
  if (value < 0x80) return Buffer.of(value);
  return gobBigUint(BigInt(value));
}

/** A gob uint of 64 bits. */
export function gobBigUint(value: bigint): Buffer {
  if (value < 0x80n) return Buffer.of(Number(value));
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Buffer.of(0x100 - bytes.length), bytes]);
}

/** A gob int. */
export function gobInt(value: number): Buffer {
  return gobUint(value < 0 ? (-value - 1) * 2 + 1 : value * 2);
}

/** A gob string or byte slice. */
export function gobBytes(bytes: Uint8Array | string): Buffer {
  const content = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  return Buffer.concat([gobUint(content.length), content]);
}

/** One gob message: its length and its content. */
export function gobMessage(...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, piece) => sum + piece.length, 0);
  return Buffer.concat([gobUint(length), ...content]);
}

/** Ids of the types that gob knows by itself. */
export const gobType = { bool: 1, int: 2, uint: 3, float: 4, bytes: 5, string: 6, interface: 8 } as const;

const end = Buffer.of(0);
const commonType = (id: number, name = ""): Buffer =>
  name === ""
    ? Buffer.concat([Buffer.of(2), gobInt(id), end])
    : Buffer.concat([Buffer.of(1), gobBytes(name), Buffer.of(1), gobInt(id), end]);

/** The definition of a map type. */
export function mapType(id: number, key: number, element: number, name = ""): Buffer {
  const body = [Buffer.of(1), commonType(id, name), Buffer.of(1), gobInt(key), Buffer.of(1), gobInt(element)];
  return gobMessage(gobInt(-id), Buffer.of(4), ...body, end, end);
}

/** The definition of a slice type. */
export function sliceType(id: number, element: number, name = ""): Buffer {
  const body = [Buffer.of(1), commonType(id, name), Buffer.of(1), gobInt(element)];
  return gobMessage(gobInt(-id), Buffer.of(2), ...body, end, end);
}

/** The definition of an array type. */
export function arrayType(id: number, element: number, length: number, name = ""): Buffer {
  const body = [
    Buffer.of(1),
    commonType(id, name),
    Buffer.of(1),
    gobInt(element),
    Buffer.of(1),
    gobInt(length),
  ];
  return gobMessage(gobInt(-id), Buffer.of(1), ...body, end, end);
}

/** The definition of a struct type. */
export function structType(id: number, name: string, fields: readonly (readonly [string, number])[]): Buffer {
  const list = fields.map(([field, type]) =>
    Buffer.concat([
      ...(field === "" ? [Buffer.of(2)] : [Buffer.of(1), gobBytes(field), Buffer.of(1)]),
      gobInt(type),
      end,
    ]),
  );
  const body = [Buffer.of(1), commonType(id, name)];
  const fieldList = fields.length === 0 ? [] : [Buffer.of(1), gobUint(fields.length), ...list];
  return gobMessage(gobInt(-id), Buffer.of(3), ...body, ...fieldList, end, end);
}

/** A value that is no struct, as one message. */
export function gobValue(type: number, content: Uint8Array): Buffer {
  return gobMessage(gobInt(type), end, content);
}

/** The kinds of nesting that double at each level. */
export type DoublingKind = "map" | "struct";

/**
 * Definitions of a type that holds the next one twice, `levels` deep: written out as a text it doubles at each level.
 * The first has id 65. A value of the outermost type, empty, follows unless `value` is false.
 */
export function doublingTypes(levels: number, kind: DoublingKind = "map", value = true): Buffer {
  const first = 65;
  const definitions: Buffer[] = [];
  for (let level = 0; level < levels; level++) {
    const id = first + level;
    const next = level + 1 < levels ? id + 1 : gobType.int;
    definitions.push(
      kind === "map"
        ? mapType(id, next, next)
        : structType(id, "", [
            ["A", next],
            ["B", next],
          ]),
    );
  }
  if (value) {
    definitions.push(
      kind === "map" ? gobValue(first, Buffer.of(0)) : gobMessage(gobInt(first), Buffer.of(0)),
    );
  }
  return Buffer.concat(definitions);
}

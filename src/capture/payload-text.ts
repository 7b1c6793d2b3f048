import { escapedJson, escapeText } from "../go-text/index.ts";
import * as gob from "../gob/index.ts";
import { encodeHex } from "./text.ts";

/** A payload's form and its text. */
export interface PayloadText {
  readonly as: "text" | "gob" | "hex" | "empty";
  readonly text: string;
}

/** Longer payloads are not searched for gob: nobody reads so much in one line. */
const maxGobBytes = 256 * 1024;
const limits: Partial<gob.Limits> = { messageBytes: maxGobBytes, elements: 100_000, nesting: 50, types: 200 };

/**
 * A payload for a person: text if it is that, else the values of a gob stream as Go would write them, else hex; cut to
 * about `width` characters.
 */
export function describePayload(payload: Uint8Array, width = 160): PayloadText {
  if (payload.length === 0) return { as: "empty", text: "" };
  const text = plainText(payload, width);
  if (text !== undefined) return { as: "text", text };
  const values = gobText(payload, width);
  if (values !== undefined) return { as: "gob", text: values };
  return { as: "hex", text: cut(encodeHex(payload.subarray(0, width)), width, payload.length * 2) };
}

function plainText(payload: Uint8Array, width: number): string | undefined {
  // A prefix decides, so that a payload of 10 MiB costs no more than its first line.
  if (controlIn(payload)) return undefined;
  const text = gob.decodeUtf8(payload.length <= 4 * width ? payload : wholeCharacters(payload, 4 * width));
  if (!text.isWellFormed() || !printable.test(text)) return undefined;
  return cut(escapedJson(text), width, payload.length);
}

/** Whether the first bytes hold a control character other than tab and line ends: nearly all binary payloads do. */
function controlIn(payload: Uint8Array): boolean {
  const end = Math.min(payload.length, 32);
  for (let i = 0; i < end; i++) {
    const byte = payload[i]!;
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return true;
  }
  return false;
}

/**
 * Whether a gob stream may begin so: the length of its first message, not beyond the end, then a definition (a negative id)
 * or a value of a type that needs none.
 */
function gobMayBegin(payload: Uint8Array): boolean {
  const first = payload[0]!;
  let at = 1;
  let length = first;
  if (first >= 0x80) {
    const count = 0x100 - first;
    if (count > 3) return false;
    length = 0;
    for (; at <= count; at++) length = length * 0x100 + (payload[at] ?? 0);
  }
  if (length < 2 || at + length > payload.length) return false;
  const id = payload[at]!;
  // A small id is one byte, its sign in bit 0: 1 to 8 are the basic types, from 64 on two bytes hold a definition's.
  return id === 0xff ? payload[at + 1]! % 2 === 1 : id % 2 === 1 || (id >= 2 && id <= 16);
}

/** No control characters but tab and line ends. */
const printable = /^[^\p{Cc}]*(?:[\t\n\r][^\p{Cc}]*)*$/u;

/** The first `count` bytes or a few less, without a piece of a UTF-8 character at the end. */
function wholeCharacters(bytes: Uint8Array, count: number): Uint8Array {
  let end = count;
  while (end > count - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

function gobText(payload: Uint8Array, width: number): string | undefined {
  if (payload.length > maxGobBytes || !gobMayBegin(payload)) return undefined;
  try {
    const values = gob.decodeStream(payload, { limits });
    if (values.length === 0) return undefined;
    const writer = new ValueWriter(width);
    for (const [index, { type, value }] of values.entries()) {
      if (index > 0) writer.add("; ");
      writer.add(escapeText(type.kind === "struct" ? type.name || "struct" : type.text));
      writer.add(" ");
      writer.value(value, type);
      if (writer.full) break;
    }
    return writer.result();
  } catch {
    return undefined;
  }
}

/** Writes values until there is enough. */
class ValueWriter {
  #text = "";
  readonly #width: number;
  /** The types of the fields of each struct type met. */
  readonly #types = new Map<gob.WireType, ReadonlyMap<string, gob.WireType>>();

  constructor(width: number) {
    this.#width = width;
  }

  get full(): boolean {
    return this.#text.length > this.#width;
  }

  add(text: string): void {
    this.#text += text;
  }

  result(): string {
    return this.full ? `${beginning(this.#text, this.#width)}…` : this.#text;
  }

  value(value: gob.DynamicValue, type: gob.WireType): void {
    if (this.full) return;
    if (value === null) this.add("nil");
    else if (typeof value === "string")
      this.add(escapedJson(beginning(value, this.#width + 1).toWellFormed()));
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (value instanceof gob.DynamicInterface) this.value(value.value, value.type);
    else if (value instanceof gob.NaNBits) this.add("NaN");
    else if (value instanceof Map) this.#fields(value, type);
    else if (Array.isArray(value)) this.#elements(value, type);
    else if (typeof value === "object" && "re" in value) {
      this.add(`(${String(value.re)}+${String(value.im)}i)`);
    } else this.add(String(value));
  }

  #bytes(bytes: Uint8Array): void {
    this.add(plainText(bytes, this.#width) ?? `0x${encodeHex(bytes.subarray(0, this.#width))}`);
  }

  /** Passes over the fields of the value, as a type can have many more that are left out. */
  #fields(fields: ReadonlyMap<string, gob.DynamicValue>, type: gob.WireType): void {
    this.add("{");
    let first = true;
    const types = this.#fieldTypes(type);
    for (const [name, value] of fields) {
      if (this.full) return;
      if (!first) this.add(", ");
      first = false;
      this.add(`${escapeText(name)}: `);
      this.value(value, types.get(name)!);
    }
    this.add("}");
  }

  #fieldTypes(type: gob.WireType): ReadonlyMap<string, gob.WireType> {
    let types = this.#types.get(type);
    if (types === undefined) {
      types = new Map(type.fields.map((field) => [field.name, field.type]));
      this.#types.set(type, types);
    }
    return types;
  }

  #elements(elements: readonly unknown[], type: gob.WireType): void {
    this.add("[");
    for (const [index, element] of elements.entries()) {
      if (this.full) return;
      if (index > 0) this.add(", ");
      if (type.kind === "map") {
        const [key, value] = element as readonly [gob.DynamicValue, gob.DynamicValue];
        this.value(key, type.key);
        this.add(": ");
        this.value(value, type.elem);
      } else {
        this.value(element as gob.DynamicValue, type.elem);
      }
    }
    this.add("]");
  }
}

function cut(text: string, width: number, whole: number): string {
  if (text.length <= width && whole <= 4 * width) return text;
  return `${beginning(text, width)}…`;
}

/** The first `width` UTF-16 units, one less where that would divide a character. */
function beginning(text: string, width: number): string {
  const last = text.charCodeAt(width - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? width - 1 : width);
}

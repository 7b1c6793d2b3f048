import { opaque } from "../opaque.ts";

/** Version 1 of Go's encodings, above the sign bit. */
const versionBits = 1 << 1;

function magnitudeBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array();
  const hex = value.toString(16);
  return new Uint8Array(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
}

function magnitude(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function magnitudeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The sign bit of the first byte. Errors: RangeError for another version. */
function isNegative(first: number): boolean {
  if (first >> 1 !== versionBits >> 1) throw new RangeError(`version ${first >> 1}`);
  return (first & 1) === 1;
}

/** Go's `big.Int` as a bigint. Its pointer, `*big.Int`, is `gob.optional(gob.bigInt)`. */
export const bigInt = opaque<bigint>({
  name: "math/big.Int",
  encoding: "gob",
  receiver: "pointer",
  codec: {
    encode: (value) => {
      const magnitude = magnitudeBytes(magnitudeOf(value));
      const bytes = new Uint8Array(1 + magnitude.length);
      bytes[0] = versionBits | (value < 0n ? 1 : 0);
      bytes.set(magnitude, 1);
      return bytes;
    },
    decode: (bytes) => {
      if (bytes.length === 0) return 0n;
      const value = magnitude(bytes.subarray(1));
      return isNegative(bytes[0]!) ? -value : value;
    },
    zero: () => 0n,
  },
});

/** A Go `big.Rat`. */
export interface BigRat {
  readonly numerator: bigint;
  /** At least 1, or 0 where Go has not set it yet (as in its zero value) and means 1. */
  readonly denominator: bigint;
}

/** Go's `big.Rat` as numerator and denominator. */
export const bigRat = opaque<BigRat>({
  name: "math/big.Rat",
  encoding: "gob",
  receiver: "pointer",
  codec: {
    encode: ({ numerator, denominator }) => {
      if (denominator < 0n) throw new RangeError(`denominator ${denominator}`);
      const upper = magnitudeBytes(magnitudeOf(numerator));
      const lower = magnitudeBytes(denominator);
      const bytes = new Uint8Array(5 + upper.length + lower.length);
      bytes[0] = versionBits | (numerator < 0n ? 1 : 0);
      new DataView(bytes.buffer).setUint32(1, upper.length);
      bytes.set(upper, 5);
      bytes.set(lower, 5 + upper.length);
      return bytes;
    },
    decode: (bytes) => {
      if (bytes.length === 0) return { numerator: 0n, denominator: 0n };
      if (bytes.length < 5) throw new RangeError(`${bytes.length} bytes`);
      const end = 5 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
      if (end > bytes.length) throw new RangeError("numerator is cut off");
      const numerator = magnitude(bytes.subarray(5, end));
      return {
        numerator: isNegative(bytes[0]!) ? -numerator : numerator,
        denominator: magnitude(bytes.subarray(end)),
      };
    },
    zero: () => ({ numerator: 0n, denominator: 0n }),
  },
});

/** A Go `big.Float` with all its attributes. */
export interface BigFloat {
  readonly form: "zero" | "finite" | "infinite";
  readonly isNegative: boolean;
  /** Bits of the mantissa. */
  readonly precision: number;
  /** Rounding mode, as Go numbers them: 0 to nearest even, up to 5. */
  readonly mode: number;
  /** -1 below, 0 exact, 1 above: how the last rounding went. */
  readonly accuracy: number;
  /** The value is 0.mantissa * 2^exponent; only of finite ones. */
  readonly exponent: number;
  /** Big-endian, with its top bit set; only of finite ones. */
  readonly mantissa: Uint8Array;
}

const forms = ["zero", "finite", "infinite"] as const;
const zeroFloat: BigFloat = {
  form: "zero",
  isNegative: false,
  precision: 0,
  mode: 0,
  accuracy: 0,
  exponent: 0,
  mantissa: new Uint8Array(),
};

/** Go's `big.Float` as {@link BigFloat}; {@link bigFloatToNumber} rounds it. */
export const bigFloat = opaque<BigFloat>({
  name: "math/big.Float",
  encoding: "gob",
  receiver: "pointer",
  codec: {
    encode: (value) => {
      const hasMantissa = value.form === "finite";
      const bytes = new Uint8Array(hasMantissa ? 10 + value.mantissa.length : 6);
      const view = new DataView(bytes.buffer);
      bytes[0] = 1;
      bytes[1] =
        ((value.mode & 7) << 5) |
        (((value.accuracy + 1) & 3) << 3) |
        (forms.indexOf(value.form) << 1) |
        (value.isNegative ? 1 : 0);
      view.setUint32(2, value.precision);
      if (hasMantissa) {
        view.setInt32(6, value.exponent);
        bytes.set(value.mantissa, 10);
      }
      return bytes;
    },
    decode: (bytes) => {
      if (bytes.length === 0) return zeroFloat;
      if (bytes.length < 6) throw new RangeError(`${bytes.length} bytes`);
      if (bytes[0] !== 1) throw new RangeError(`version ${bytes[0]}`);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const flags = bytes[1]!;
      const form = forms[(flags >> 1) & 3];
      if (form === undefined) throw new RangeError("unknown form");
      if (form === "finite" && bytes.length < 10) throw new RangeError(`${bytes.length} bytes`);
      return {
        form,
        isNegative: (flags & 1) === 1,
        precision: view.getUint32(2),
        mode: flags >> 5,
        accuracy: ((flags >> 3) & 3) - 1,
        exponent: form === "finite" ? view.getInt32(6) : 0,
        mantissa: form === "finite" ? bytes.slice(10) : new Uint8Array(),
      };
    },
    zero: () => zeroFloat,
  },
});

/** The number next to a {@link BigFloat}. */
export function bigFloatToNumber(value: BigFloat): number {
  const sign = value.isNegative ? -1 : 1;
  if (value.form !== "finite") return value.form === "zero" ? sign * 0 : sign * Number.POSITIVE_INFINITY;
  const bits = value.mantissa.length * 8;
  // Through text: one rounding, whatever the length. The mantissa is an integer times 2^-bits.
  const exponent = value.exponent - bits;
  const integer = magnitude(value.mantissa);
  if (exponent >= 0)
    return sign * (exponent > 1100 ? Number.POSITIVE_INFINITY : Number(integer << BigInt(exponent)));
  if (exponent < -1200 - bits) return sign * 0;
  return sign * divide(integer, 1n << BigInt(-exponent));
}

/** The number next to a quotient, ties to even, also among subnormals. */
function divide(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const excess = numerator.toString(2).length - denominator.toString(2).length;
  // 55 bits or more of quotient and a sticky bit below: Number() then rounds as one division would.
  const shift = Math.min(Math.max(60 - excess, 0), 1074);
  const scaled = numerator << BigInt(shift);
  let quotient = scaled / denominator;
  if (shift < 1074) quotient |= quotient * denominator === scaled ? 0n : 1n;
  else quotient = roundHalfEven(scaled, denominator);
  return scale(Number(quotient), -shift);
}

function roundHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator - quotient * denominator) * 2n;
  if (twice > denominator || (twice === denominator && (quotient & 1n) === 1n)) return quotient + 1n;
  return quotient;
}

/** `value * 2^exponent`, in steps that stay in range. */
function scale(value: number, exponent: number): number {
  return exponent < -1000 ? value * 2 ** -1000 * 2 ** (exponent + 1000) : value * 2 ** exponent;
}

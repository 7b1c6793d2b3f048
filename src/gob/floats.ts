import { GobError } from "./errors.ts";
import { basicType } from "./go-type.ts";
import { putFloat } from "./put.ts";
import { readFloats } from "./read-lists.ts";
import type { Reader } from "./reader.ts";
import { type ScalarCodec, ScalarSchema } from "./scalars.ts";
import { unexpectedValue } from "./schema.ts";
import { writeFloats } from "./write-lists.ts";
import type { Writer } from "./writer.ts";

/** A complex number: Go's `complex(re, im)`. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** The checking and writing of one width of float. */
interface FloatWidth {
  /** The value as this width holds it. Errors: `overflow`, `type-mismatch`. */
  readonly check: (value: number) => number;
  /** Low half of the bits of Go's NaN of this width, widened to 64 bits. */
  readonly nanLow: number;
}

const wide: FloatWidth = {
  check: (value) => {
    if (typeof value !== "number") throw unexpectedValue("a number", value);
    return value;
  },
  nanLow: 1,
};

const narrow: FloatWidth = {
  check: (value) => {
    if (typeof value !== "number") throw unexpectedValue("a number", value);
    const rounded = Math.fround(value);
    if (Number.isFinite(value) && !Number.isFinite(rounded)) {
      throw new GobError("overflow", `${value} is out of range for a 32-bit float`);
    }
    return rounded;
  },
  // Narrowing drops the low bits, and with them the 1 of math.NaN().
  nanLow: 0,
};

/** A decoded float, as the width holds it: one beyond the narrow range is an error, as in Go. */
function readFloat(reader: Reader, width: FloatWidth): number {
  const value = reader.float();
  try {
    return width.check(value);
  } catch (error) {
    throw error instanceof GobError ? error.at(reader.offset) : error;
  }
}

function floatCodec(width: FloatWidth): ScalarCodec<number> {
  const write = (writer: Writer, value: number): void => writer.float(width.check(value), width.nanLow);
  return {
    builtin: "float",
    zero: () => 0,
    read: width === wide ? (reader) => reader.float() : (reader) => readFloat(reader, width),
    writeMany: width === wide ? writeFloats : undefined,
    readMany: width === wide ? readFloats : undefined,
    write,
    put: width === wide ? putFloat : undefined,
    writeField: (writer, value, delta) => {
      // Also -0, which Go leaves out.
      if (value === 0) return false;
      const checked = width.check(value);
      if (checked === 0) return false;
      writer.uint(delta);
      writer.float(checked, width.nanLow);
      return true;
    },
  };
}

function complexCodec(width: FloatWidth): ScalarCodec<Complex> {
  const write = (writer: Writer, value: Complex): void => {
    if (typeof value !== "object" || value === null) throw unexpectedValue("{ re, im }", value);
    writer.float(width.check(value.re), width.nanLow);
    writer.float(width.check(value.im), width.nanLow);
  };
  return {
    builtin: "complex",
    zero: () => ({ re: 0, im: 0 }),
    read: (reader) => ({ re: readFloat(reader, width), im: readFloat(reader, width) }),
    write,
    writeField: (writer, value, delta) => {
      if (typeof value !== "object" || value === null) throw unexpectedValue("{ re, im }", value);
      if (width.check(value.re) === 0 && width.check(value.im) === 0) return false;
      writer.uint(delta);
      write(writer, value);
      return true;
    },
  };
}

/** Go's `float32`, rounded to it; a finite number beyond its range is an error `overflow`. */
export const float32 = new ScalarSchema(basicType("float32"), floatCodec(narrow));
/** Go's `float64`. NaN is sent with the bits of Go's `math.NaN()`; which NaN came is not kept. */
export const float64 = new ScalarSchema(basicType("float64"), floatCodec(wide));
/** Go's `complex64` as `{ re, im }`. */
export const complex64 = new ScalarSchema(basicType("complex64"), complexCodec(narrow));
/** Go's `complex128` as `{ re, im }`. */
export const complex128 = new ScalarSchema(basicType("complex128"), complexCodec(wide));

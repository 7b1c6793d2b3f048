/**
 * The bounds on what a decoder accepts. Each is checked before memory is reserved for what it bounds, and an
 * input beyond it is a {@link GobError} with the code named here. Raise one for trusted input that needs it;
 * lower them for input from unknown senders. Go has a bound on messages only.
 */
export interface Limits {
  /** Bytes of one message, and of all messages of one value together. Default 1 GiB. `message-too-large`. */
  readonly messageBytes: number;
  /** The depth of structs, slices, arrays, maps and interfaces in each other. Default 1,000. `nesting-too-deep`. */
  readonly nesting: number;
  /** Elements of slices, arrays and maps in one top-level value, all together. Default 2^24. `too-many-elements`. */
  readonly elements: number;
  /**
   * Bytes of memory for one top-level value, estimated for a 64-bit engine and with objects included. Default
   * 256 MiB. `value-too-large`. A byte of input can ask for much more than a byte: an empty struct in a list
   * takes one byte, and as an object without a schema about 200. The default admits 10^6 such structs, 6 x 10^6
   * integers without a schema and 3 x 10^7 with one.
   */
  readonly memoryBytes: number;
  /** Type definitions in one stream. Default 10,000. `too-many-types`. */
  readonly types: number;
  /** Bytes of all type definitions of one stream, kept as long as its decoder. Default 16 MiB. `too-many-types`. */
  readonly typeBytes: number;
}

/** The limits that hold where none are given; see {@link Limits} for each. */
export const defaultLimits: Limits = {
  messageBytes: 2 ** 30,
  nesting: 1000,
  elements: 2 ** 24,
  memoryBytes: 2 ** 28,
  types: 10_000,
  typeBytes: 2 ** 24,
};

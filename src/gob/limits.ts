/**
 * Bounds on what a decoder accepts. Each is checked before memory is reserved for what it bounds.
 * Raise one for trusted input that needs it; lower them for input from strangers.
 */
export interface Limits {
  /** Bytes of one message, and of all messages of one value together. Default 1 GiB. */
  readonly messageBytes: number;
  /** How deep structs, slices, arrays, maps and interfaces may lie within each other. Default 1,000. */
  readonly nesting: number;
  /** Elements of slices, arrays and maps in one top-level value, all together. Default 2^24. */
  readonly elements: number;
  /** Type definitions in one stream. Default 10,000. */
  readonly types: number;
}

/** The limits that hold where none are given; see {@link Limits} for each. */
export const defaultLimits: Limits = {
  messageBytes: 2 ** 30,
  nesting: 1000,
  elements: 2 ** 24,
  types: 10_000,
};

import { maxText, printable } from "./printable.ts";

/** The conditions a {@link GobError} can report. Decide on these, never on the text. */
export type GobErrorCode =
  /** The input ended (or a message ended) in the middle of a value or of a type definition. */
  | "truncated"
  /** Bytes that no encoder writes: a bad integer, field number, presence byte or count. */
  | "corrupt"
  /** A type definition that cannot stand: empty, of several kinds, with an impossible length. */
  | "bad-definition"
  /** A type id that is reserved or was defined before in this stream. */
  | "duplicate-type"
  /** A type id that was never defined in this stream. */
  | "unknown-type"
  /** The type on the wire does not fit the schema, or the value given does not fit it. */
  | "type-mismatch"
  /** A number that does not fit the type it is decoded into or encoded as. */
  | "overflow"
  /** A nil (undefined) where gob has no way to send one. */
  | "nil-value"
  /** An interface value whose concrete type's name is not in the registry. */
  | "not-registered"
  /** A codec or an encoding method refused the value. */
  | "codec"
  /** One of the {@link Limits}. */
  | "message-too-large"
  | "nesting-too-deep"
  | "too-many-elements"
  | "too-many-types"
  | "value-too-large"
  /** The encoder or decoder failed before and cannot go on. */
  | "failed";

/** The parts of a {@link GobError} besides its text. */
export interface GobErrorOptions extends ErrorOptions {
  /** Byte offset in the stream; see {@link GobError.offset}. */
  offset?: number | undefined;
  /** Path of the value; see {@link GobError.path}. */
  path?: string | undefined;
}

/** The longest step of a path, in UTF-16 units: field names are the sender's. */
const maxStep = 128;

/**
 * The one error class of this module; every failure of encoding and decoding is one of these. Names that a sender
 * chose are escaped in its message and path. The path is cut at 1 KiB and the text at 3 KiB.
 */
export class GobError extends Error {
  override readonly name: string = "GobError";
  /** Which condition; stable. */
  readonly code: GobErrorCode;
  /** Byte offset from the start of the stream at which decoding noticed; undefined when encoding. */
  offset: number | undefined;
  /** The place in the value, as `Peers[3].UID`; empty at the top. One that is too long begins with `…`. */
  path: string;
  readonly #text: string;
  #isPathCut = false;

  constructor(code: GobErrorCode, text: string, options: GobErrorOptions = {}) {
    super(text, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.offset = options.offset;
    this.path = options.path ?? "";
    this.#text = printable(text, 3 * maxText);
    this.#compose();
  }

  /** Returns the same error once more, without an offset. */
  again(): GobError {
    const options = { path: this.path, ...(this.cause === undefined ? {} : { cause: this.cause }) };
    return new GobError(this.code, this.#text, options);
  }

  /** Puts a step (`Name` or `[3]`) in front of {@link path}; containers call it while the error passes through. */
  within(step: string): this {
    if (this.#isPathCut) return this;
    const separator = this.path === "" || this.path.startsWith("[") ? "" : ".";
    const longer = printable(step, maxStep) + separator + this.path;
    this.#isPathCut = longer.length > maxText;
    this.path = this.#isPathCut ? `…${separator}${this.path}` : longer;
    this.#compose();
    return this;
  }

  /** Sets {@link offset} unless it is known already. */
  at(offset: number): this {
    this.offset ??= offset;
    this.#compose();
    return this;
  }

  #compose(): void {
    const where = this.path === "" ? "" : `${this.path}: `;
    const offset = this.offset === undefined ? "" : ` (at byte ${this.offset})`;
    this.message = `gob: ${where}${this.#text}${offset}`;
  }
}

/** Adds a path step when the error is ours, and hands the error back to be thrown. */
export function withStep(error: unknown, step: string): unknown {
  return error instanceof GobError ? error.within(step) : error;
}

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
  /** The encoder or decoder failed before and cannot go on. */
  | "failed";

/** What a {@link GobError} carries besides its text. */
export interface GobErrorOptions extends ErrorOptions {
  /** Byte offset in the stream; see {@link GobError.offset}. */
  offset?: number | undefined;
  /** Path of the value; see {@link GobError.path}. */
  path?: string | undefined;
}

/** The one error class of this room; every failure of encoding and decoding is one of these. */
export class GobError extends Error {
  override readonly name: string = "GobError";
  /** Which condition; stable. */
  readonly code: GobErrorCode;
  /** Byte offset from the start of the stream at which decoding noticed; undefined when encoding. */
  offset: number | undefined;
  /** Where in the value, as `Peers[3].UID`; empty at the top. */
  path: string;
  readonly #text: string;

  constructor(code: GobErrorCode, text: string, options: GobErrorOptions = {}) {
    super(text, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.offset = options.offset;
    this.path = options.path ?? "";
    this.#text = text;
    this.#compose();
  }

  /** Puts a step (`Name` or `[3]`) in front of {@link path}; containers call it while the error passes through. */
  within(step: string): this {
    const separator = this.path === "" || this.path.startsWith("[") ? "" : ".";
    this.path = step + separator + this.path;
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

/** The reason why a topology update is refused. */
export type TopologyErrorCode =
  /** The bytes are not the gob stream of an update; `cause` is the GobError, with the offset. */
  "malformed-update";

/** A topology update that was refused; nothing of it was applied. */
export class TopologyError extends Error {
  override readonly name = "TopologyError";
  readonly code: TopologyErrorCode;

  constructor(code: TopologyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

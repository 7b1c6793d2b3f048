/** Why a transport failed. Decide on this, never on the text. */
export type TransportErrorCode =
  | "refused"
  | "reset"
  | "broken-pipe"
  | "timeout"
  | "unreachable"
  | "resolve"
  | "in-use"
  | "address-not-available"
  | "access-denied"
  | "address"
  | "eof"
  | "closed"
  | "aborted"
  | "io";

/** What went wrong on the network. The message is the text that Go's net package would give. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

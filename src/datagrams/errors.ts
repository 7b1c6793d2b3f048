/** The reason for which a datagram was not sent or not understood. */
export type DatagramErrorCode =
  /** The socket has been closed. */
  | "closed"
  /** A message on the channel is not a datagram. Ends the connection that it came on. */
  | "malformed-packet";

/** An error of a {@link DatagramSocket}. */
export class DatagramError extends Error {
  override readonly name = "DatagramError";
  readonly code: DatagramErrorCode;

  constructor(code: DatagramErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

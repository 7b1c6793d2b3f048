import { FrameError } from "./errors.ts";

/**
 * Limit of one frame in version 2, in bytes: tag, payload and the 16 bytes of a seal.
 *
 * Source: protocol_crypto.go, `maxTCPMsgSize`.
 */
export const maxFrameBytes = 10 * 1024 * 1024;

/**
 * Limit of one message in version 1, in bytes, counted as for version 2. The original has none but gob's own (8 GiB),
 * which lets any peer fill our memory; this one leaves room for more than any version 2 peer could pass on.
 */
export const maxFrameBytesV1 = 64 * 1024 * 1024;

/** Makes the wire bytes of one direction's messages. Order matters: sealed messages are numbered. */
export interface FrameWriter {
  /**
   * The complete wire bytes of one message: tag, then `body`, which is copied. The result is the caller's.
   *
   * Throws {@link FrameError} `frame-too-large` before the message number is used up, so that the connection can
   * go on, and `wiped` after {@link Session.wipe}.
   */
  encode(tag: number, body: Uint8Array): Uint8Array;
  /** As `encode`, for a message that has its tag already, or is empty; as the features are. */
  encodeMessage(message: Uint8Array): Uint8Array;
}

/** Takes the bytes of one direction apart into messages. */
export interface FrameReader {
  /** Adds received bytes. The chunk is kept, not copied, and must not be changed afterwards. */
  push(chunk: Uint8Array): void;
  /**
   * The next whole message (tag and payload, opened if it was sealed; it may be empty), or `undefined` if it has
   * not come whole. An unsealed message may be a view of a chunk that was pushed.
   *
   * Throws {@link FrameError} `frame-too-large`, `cannot-decrypt`, `malformed-frame` or `wiped`. The reader stays
   * failed: the same error comes again.
   */
  next(): Uint8Array | undefined;
  /**
   * To be called at the end of the connection, after `next` gave `undefined`. The error is what the original would
   * have reported; `undefined` if the end lies between two messages, where the original's text is `EOF`.
   */
  end(): FrameError | undefined;
  /** The number of bytes that were pushed and not yet given out. */
  readonly bufferedBytes: number;
  /** The memory that these bytes keep alive, in bytes, objects included. */
  readonly heldBytes: number;
}

/** The error of a message of `size` bytes that is over `limit`, in the original's words. */
export function frameTooLarge(direction: "incoming" | "outgoing", size: number, limit: number): FrameError {
  return new FrameError("frame-too-large", `${direction} message exceeds maximum size: ${size} > ${limit}`, {
    size,
    limit,
  });
}

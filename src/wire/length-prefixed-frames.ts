import { allocateTransient } from "./allocation.ts";
import type { ByteQueue } from "./byte-queue.ts";
import { FrameError } from "./errors.ts";
import { type FrameReader, type FrameWriter, frameTooLarge, maxFrameBytes } from "./frames.ts";
import type { MessageOpener, MessageSealer } from "./message-number.ts";
import { sealBytes } from "./sealing.ts";

const prefixBytes = 4;

/**
 * Frames of protocol version 2.
 *
 *     +------------+---------+-----+---------+          +------------+----------------+--------------------+
 *     | length u32 | tag     | payload       |    or    | length u32 | authenticator  | sealed tag, payload|
 *     | big-endian | 1 byte  | length - 1    |          | big-endian | 16 bytes       | length - 16        |
 *     +------------+---------+---------------+          +------------+----------------+--------------------+
 *
 * Source: protocol_crypto.go, `lengthPrefixTCPSender`, `encryptedTCPSender`.
 */
export class LengthPrefixedFrameWriter implements FrameWriter {
  readonly #sealer: MessageSealer | undefined;

  /** Without a sealer the frames are plain. */
  constructor(sealer?: MessageSealer) {
    this.#sealer = sealer;
  }

  encode(tag: number, body: Uint8Array): Uint8Array {
    const frame = this.#allocate(body.length + 1);
    const start = frame.length - body.length;
    frame[start - 1] = tag;
    frame.set(body, start);
    this.#sealer?.sealInPlace(frame.subarray(prefixBytes));
    return frame;
  }

  encodeMessage(message: Uint8Array): Uint8Array {
    const frame = this.#allocate(message.length);
    frame.set(message, frame.length - message.length);
    this.#sealer?.sealInPlace(frame.subarray(prefixBytes));
    return frame;
  }

  /** A frame for a message of this length, with its prefix written. */
  #allocate(messageLength: number): Uint8Array {
    const length = this.#sealer === undefined ? messageLength : messageLength + sealBytes;
    // Before sealing: the message number must not be used up by a message that is never sent.
    if (length > maxFrameBytes) throw frameTooLarge("outgoing", length, maxFrameBytes);
    const frame = allocateTransient(prefixBytes + length);
    frame[0] = 0; // the limit is below 2^24
    frame[1] = length >>> 16;
    frame[2] = length >>> 8;
    frame[3] = length;
    return frame;
  }
}

/**
 * Reads frames of protocol version 2.
 *
 * Source: protocol_crypto.go, `lengthPrefixTCPReceiver`, `encryptedTCPReceiver`.
 */
export class LengthPrefixedFrameReader implements FrameReader {
  readonly #queue: ByteQueue;
  readonly #opener: MessageOpener | undefined;
  /** Length of the frame whose prefix has been read. */
  #length: number | undefined;
  #failure: FrameError | undefined;

  /** Reads on from what `queue` holds. Without an opener the frames are plain. */
  constructor(queue: ByteQueue, opener?: MessageOpener) {
    this.#queue = queue;
    this.#opener = opener;
  }

  get bufferedBytes(): number {
    return this.#queue.length;
  }

  get heldBytes(): number {
    return this.#queue.heldBytes;
  }

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  /** As {@link FrameReader.next}; a frame longer than `limit` bytes is refused as soon as its prefix is there. */
  next(limit = maxFrameBytes): Uint8Array | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#length === undefined) {
      const prefix = this.#queue.take(prefixBytes);
      if (prefix === undefined) return undefined;
      const length = ((prefix[0]! << 24) | (prefix[1]! << 16) | (prefix[2]! << 8) | prefix[3]!) >>> 0;
      if (length > limit) {
        // A frame that Go refuses, too, gets Go's text, which names Go's limit.
        throw this.#fail(frameTooLarge("incoming", length, length > maxFrameBytes ? maxFrameBytes : limit));
      }
      this.#length = length;
    }
    const frame = this.#queue.take(this.#length);
    if (frame === undefined) return undefined;
    this.#length = undefined;
    if (this.#opener === undefined) return frame;
    try {
      return this.#opener.open(frame);
    } catch (error) {
      throw this.#fail(error as FrameError);
    }
  }

  end(): FrameError | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#length === undefined && this.#queue.length === 0) return undefined;
    // The original reads prefix and body apart, and Go says "unexpected EOF" only where some of a part has come.
    return new FrameError("truncated", this.#queue.length === 0 ? "EOF" : "unexpected EOF");
  }

  #fail(error: FrameError): FrameError {
    this.#failure = error;
    return error;
  }
}

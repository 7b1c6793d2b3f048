import * as gob from "../gob/index.ts";
import { allocateTransient } from "./allocation.ts";
import type { ByteQueue } from "./byte-queue.ts";
import { FrameError } from "./errors.ts";
import { type FrameReader, type FrameWriter, frameTooLarge, maxFrameBytesV1 } from "./frames.ts";
import { goErrorText } from "./gob-error-text.ts";
import { gobUintBytes, gobUintBytesFrom, maxUintBytes, readGobUint, writeGobUint } from "./gob-integers.ts";
import type { MessageOpener, MessageSealer } from "./message-number.ts";
import { sealBytes } from "./sealing.ts";

/** How a gob message with a []byte value goes on after its length: type 5, and the zero of a value that is no struct. */
const bytesTypeId = 0x0a;
/** A gob message is longer than the bytes it carries: type id, zero, their count. */
const gobOverheadBytes = 11;

/** What gob takes in Go, in bytes, on 64-bit machines (encoding/gob, decoder.go, `tooBig`). */
const goLimit = 2 ** 33;

/**
 * The limit of all type definitions in one stream, in bytes. A peer sends a single one of 14 or 15 bytes, before the
 * features. Definitions stay in memory as long as the connection, and take about 25 times their size there.
 */
export const maxDefinitionBytes = 4 * 1024;

/** The memory that a type definition takes in the decoder, for each of its bytes. */
const definitionMemoryFactor = 32;

/**
 * Takes the next whole gob message, its length included, off a queue; `undefined` if it has not come whole.
 * `limit` bounds the number after the length prefix.
 *
 * @throws {@link FrameError} `frame-too-large` as soon as the length is known, `malformed-frame` if there is no length
 */
export function takeGobMessage(
  queue: ByteQueue,
  limit: number = maxFrameBytesV1 + gobOverheadBytes,
  shownLimit: number = maxFrameBytesV1,
): Uint8Array | undefined {
  const first = queue.byteAt(0);
  if (first === undefined) return undefined;
  const prefixBytes = gobUintBytesFrom(first);
  if (prefixBytes > maxUintBytes)
    throw new FrameError("malformed-frame", "gob: encoded unsigned integer out of range");
  let length = first;
  if (prefixBytes > 1) {
    if (queue.length < prefixBytes) return undefined;
    length = 0;
    for (let i = 1; i < prefixBytes; i++) length = length * 0x100 + queue.byteAt(i)!;
  }
  // Go has a limit, too, and says no more than this of what is above it.
  if (length >= goLimit) {
    throw new FrameError("frame-too-large", "invalid message length", { size: length, limit: shownLimit });
  }
  if (length > limit) throw frameTooLarge("incoming", length, shownLimit);
  return queue.take(prefixBytes + length);
}

/**
 * Messages of protocol version 1: each one a value of type []byte in the gob stream that began with the features.
 * The type needs no definition, so a message always looks the same.
 *
 *     length   0a   00   count   tag   payload          (tag and payload sealed together, with a password)
 *
 * Source: protocol_crypto.go, `gobTCPSender`, `encryptedTCPSender`.
 */
export class GobFrameWriter implements FrameWriter {
  readonly #sealer: MessageSealer | undefined;

  /** Without a sealer the messages are plain. */
  constructor(sealer?: MessageSealer) {
    this.#sealer = sealer;
  }

  encode(tag: number, body: Uint8Array): Uint8Array {
    const frame = this.#allocate(body.length + 1);
    const start = frame.length - body.length;
    frame[start - 1] = tag;
    frame.set(body, start);
    this.#seal(frame, body.length + 1);
    return frame;
  }

  encodeMessage(message: Uint8Array): Uint8Array {
    const frame = this.#allocate(message.length);
    frame.set(message, frame.length - message.length);
    this.#seal(frame, message.length);
    return frame;
  }

  #seal(frame: Uint8Array, messageLength: number): void {
    this.#sealer?.sealInPlace(frame.subarray(frame.length - messageLength - sealBytes));
  }

  /** A gob message for a message of this length, written up to where its bytes begin. */
  #allocate(messageLength: number): Uint8Array {
    const count = this.#sealer === undefined ? messageLength : messageLength + sealBytes;
    // Before sealing: the message number must not be used up by a message that is never sent.
    if (count > maxFrameBytesV1) throw frameTooLarge("outgoing", count, maxFrameBytesV1);
    const length = 2 + gobUintBytes(count) + count;
    const frame = allocateTransient(gobUintBytes(length) + length);
    const at = writeGobUint(frame, 0, length);
    frame[at] = bytesTypeId;
    frame[at + 1] = 0;
    writeGobUint(frame, at + 2, count);
    return frame;
  }
}

/**
 * Reads messages of protocol version 1.
 *
 * Source: protocol_crypto.go, `gobTCPReceiver`, `encryptedTCPReceiver`.
 */
export class GobFrameReader implements FrameReader {
  readonly #queue: ByteQueue;
  readonly #decoder: gob.Decoder;
  readonly #opener: MessageOpener | undefined;
  readonly #definitions: DefinitionBudget;
  /** A type definition came last: the stream may not end here. */
  #awaitingValue = false;
  /** The message that was read ahead of `next`. */
  #ahead: Uint8Array | undefined;
  #failure: FrameError | undefined;

  /**
   * Continues with the bytes that `queue` holds. `decoder` has read the features, so it knows the type definitions of
   * the stream, and `definitions` has counted them. Without an opener the messages are plain.
   */
  constructor(
    queue: ByteQueue,
    decoder: gob.Decoder,
    opener?: MessageOpener,
    definitions: DefinitionBudget = new DefinitionBudget(),
  ) {
    this.#queue = queue;
    this.#decoder = decoder;
    this.#opener = opener;
    this.#definitions = definitions;
  }

  get bufferedBytes(): number {
    return this.#queue.length + (this.#ahead?.length ?? 0);
  }

  get heldBytes(): number {
    return this.#queue.heldBytes + (this.#ahead?.length ?? 0) + this.#definitions.heldBytes;
  }

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  next(): Uint8Array | undefined {
    const ahead = this.#ahead;
    if (ahead !== undefined) {
      this.#ahead = undefined;
      return ahead;
    }
    return this.#read();
  }

  /** Reads a message ahead of `next`, which still returns it. Returns false if no whole message has arrived. */
  readAhead(): boolean {
    this.#ahead ??= this.#read();
    return this.#ahead !== undefined;
  }

  end(): FrameError | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#queue.length === 0 && !this.#awaitingValue) return undefined;
    return new FrameError("truncated", "unexpected EOF");
  }

  #read(): Uint8Array | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const value = this.#readValue();
      if (value === undefined || this.#opener === undefined) return value;
      const message = this.#opener.open(value);
      this.#queue.trustSender();
      return message;
    } catch (error) {
      this.#failure = error instanceof FrameError ? error : malformedFrame(error);
      throw this.#failure;
    }
  }

  /** The next []byte value of the stream. */
  #readValue(): Uint8Array | undefined {
    for (;;) {
      const message = takeGobMessage(this.#queue);
      if (message === undefined) return undefined;
      const value = plainBytes(message) ?? this.#decode(message);
      this.#awaitingValue = value === undefined;
      if (value !== undefined) return value;
    }
  }

  /** What is not of the one form that Go sends: a definition (`undefined`), or an error as a rule. */
  #decode(message: Uint8Array): Uint8Array | undefined {
    this.#decoder.push(message);
    const result = this.#decoder.read(gob.bytes);
    if (result.done) return result.value;
    this.#definitions.add(message.length);
    return undefined;
  }
}

/** Counts the type definitions of one stream. */
export class DefinitionBudget {
  #bytes = 0;

  /** The memory that the definitions take in the decoder, in bytes. */
  get heldBytes(): number {
    return this.#bytes * definitionMemoryFactor;
  }

  /** Counts a definition. @throws {@link FrameError} `malformed-frame` beyond {@link maxDefinitionBytes} */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > maxDefinitionBytes) {
      throw new FrameError("malformed-frame", `more than ${maxDefinitionBytes} bytes of type definitions`);
    }
  }
}

/** The error for what gob cannot read; its text is Go's. */
function malformedFrame(cause: unknown): FrameError {
  const text =
    cause instanceof gob.GobError ? goErrorText(cause, { type: "[]uint8" }) : (cause as Error).message;
  return new FrameError("malformed-frame", text, { cause });
}

/** The []byte in a gob message of the usual form, as a view; `undefined` if the message has another form. */
function plainBytes(message: Uint8Array): Uint8Array | undefined {
  const at = gobUintBytesFrom(message[0]!);
  if (message[at] !== bytesTypeId || message[at + 1] !== 0 || message.length < at + 3) return undefined;
  const countBytes = gobUintBytesFrom(message[at + 2]!);
  const start = at + 2 + countBytes;
  if (
    countBytes > maxUintBytes ||
    start > message.length ||
    start + readGobUint(message, at + 2) !== message.length
  )
    return undefined;
  return message.subarray(start);
}

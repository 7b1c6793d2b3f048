import type * as gob from "../gob/index.ts";
import { ByteQueue } from "./byte-queue.ts";
import { HandshakeError, type HandshakeFailurePhase, type HandshakePhase } from "./errors.ts";
import type { Features } from "./features.ts";
import type { HandshakeTap } from "./handshake-tap.ts";
import {
  chooseVersion,
  decodeHeader,
  encodeHeader,
  headerBytes,
  headerInterrupted,
  protocolMaxVersion,
} from "./header.ts";
import { asHandshakeError, type Opening, type OpeningContext } from "./opening.ts";
import { OpeningV1 } from "./opening-v1.ts";
import { OpeningV2 } from "./opening-v2.ts";
import { keyBytes, type SealingBackend } from "./sealing.ts";
import type { Session } from "./session.ts";
import { generateKeyPair } from "./session-key.ts";

/** What a {@link Handshake} needs. */
export interface HandshakeOptions {
  /** Lowest version that we speak, 0 to 2. 0 is what a Go program sends that never set it; it means 1. */
  readonly minVersion: number;
  /** Highest version that we speak, 1 or 2. */
  readonly maxVersion: number;
  /** Ours, all of them; version 1 sends only those that it may. */
  readonly features: Features;
  /**
   * Missing: a plain connection. Bytes: a sealed one, also if there are none, which is another thing than no password.
   * Several, while a password is being changed: dialling we use the first; accepting, we hold back our first sealed
   * frame until theirs has come, and take the password that opens it. Never changed or wiped here.
   */
  readonly password?: Uint8Array | readonly Uint8Array[];
  /** Whether we dialled. */
  readonly outbound: boolean;
  /** Source of the secret key; asked for 32 bytes, after the header, if there is a password. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** Fixes the gob type id of the features; by default 65. */
  readonly types?: gob.TypeTable;
  /** By default the fastest that is there. */
  readonly backend?: SealingBackend;
  /** Sees what is said in plain. By default nobody does. */
  readonly tap?: HandshakeTap;
}

/** What came of some received bytes. */
export interface HandshakeResult {
  /** To be written, in this order; may be empty. */
  readonly write: Uint8Array[];
  /** Set once, when the handshake is done. */
  readonly session?: Session;
}

/**
 * The opening of a connection, without input or output of its own: `start` gives the first bytes to write, `push` takes
 * what was received, in chunks of any size, and gives what to write next, and in the end the session.
 *
 * Each step is written at once and read at the same time; the next begins when the other side's part of this one
 * has been read. Time limits are the caller's: 10 s for the header, then 60 s for all the rest.
 *
 * Source: protocol.go, `doIntro`.
 */
export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #queue = new ByteQueue();
  #phase: HandshakePhase = "header";
  /** The phase that it is in, or was in when it ended. */
  #lastPhase: HandshakeFailurePhase = "header";
  #started = false;
  /** Dropped at the end, with all that it has received. */
  #opening: Opening | undefined;
  #secretKey: Uint8Array | undefined;
  #failure: HandshakeError | undefined;

  /** Throws RangeError for versions out of range and for an empty list of passwords. */
  constructor(options: HandshakeOptions) {
    const { minVersion, maxVersion, password } = options;
    if (
      !(maxVersion >= 1 && maxVersion <= protocolMaxVersion && minVersion >= 0 && minVersion <= maxVersion)
    ) {
      throw new RangeError(`no such range of protocol versions: [${minVersion},${maxVersion}]`);
    }
    if (Array.isArray(password) && password.length === 0) {
      throw new RangeError("an empty list of passwords; leave it out for a plain connection");
    }
    this.#options = options;
  }

  /** The part that is awaited, or how the handshake ended. */
  get phase(): HandshakePhase {
    return this.#phase;
  }

  /**
   * The memory that received bytes keep alive, in bytes, objects included. It grows with the bytes received, up to
   * about four times {@link maxHandshakeBytes} before the features have been read.
   */
  get heldBytes(): number {
    return this.#queue.heldBytes + (this.#opening?.heldBytes ?? 0);
  }

  /** The header, to be written at once. Throws {@link HandshakeError} `out-of-order` when called again. */
  start(): Uint8Array {
    if (this.#started) throw this.#outOfOrder("the handshake was started before");
    this.#started = true;
    const header = encodeHeader(this.#options);
    this.#options.tap?.("out", "header", header);
    return header;
  }

  /**
   * Takes received bytes; the chunk is kept and must not be changed afterwards. Bytes that follow the handshake go to
   * the session.
   *
   * Throws {@link HandshakeError}; it stays failed, its keys wiped, and `error.write` is what the original would
   * have written before it failed.
   */
  push(chunk: Uint8Array): HandshakeResult {
    this.#requireRunning();
    this.#queue.push(chunk);
    const write: Uint8Array[] = [];
    try {
      if (this.#opening === undefined && !this.#readHeader(write)) return { write };
      for (let opening = this.#opening!; ; ) {
        const step = opening.step();
        this.#enter(opening.phase);
        if (step === undefined) return { write };
        write.push(...step.write);
        if (step.session === undefined) continue;
        this.#phase = "done";
        this.#opening = undefined;
        this.#forgetSecretKey();
        return { write, session: step.session };
      }
    } catch (error) {
      // The step may have gone on to the next phase before it failed.
      if (this.#opening !== undefined) this.#enter(this.#opening.phase);
      this.#abandon();
      this.#failure = asHandshakeError(error, this.#lastPhase, write);
      throw this.#failure ?? error;
    }
  }

  /**
   * To be called when the connection ends, or reading from it fails with `cause` (a reset, a deadline). Throws
   * {@link HandshakeError} `header-missing`, `header-incomplete` or `connection-lost`, with the text that the original
   * has for it: for the end of the connection `EOF` or `unexpected EOF`, else the text of `cause`.
   */
  end(cause?: Error): never {
    this.#requireRunning();
    const phase = this.#lastPhase;
    if (this.#opening !== undefined) {
      const text = cause?.message ?? this.#opening.endText();
      throw this.#fail(new HandshakeError("connection-lost", text, { phase, cause }));
    }
    const received = this.#queue.takeAll();
    const text = cause?.message ?? (received.length === 0 ? "EOF" : "unexpected EOF");
    throw this.#fail(headerInterrupted(received, text, cause));
  }

  /** Reads the header and begins what follows it; false if it has not come whole. */
  #readHeader(write: Uint8Array[]): boolean {
    const header = this.#queue.take(headerBytes);
    if (header === undefined) return false;
    this.#options.tap?.("in", "header", header);
    const version = chooseVersion(decodeHeader(header), this.#options);
    const context = this.#makeContext();
    this.#opening = version === 1 ? new OpeningV1(context) : new OpeningV2(context);
    this.#enter(this.#opening.phase);
    write.push(...this.#opening.start());
    return true;
  }

  #makeContext(): OpeningContext {
    const { features, password, outbound, randomBytes, types, backend, tap } = this.#options;
    const passwords =
      password === undefined ? [] : password instanceof Uint8Array ? [password] : [...password];
    const keyPair = passwords.length === 0 ? undefined : generateKeyPair(randomBytes(keyBytes));
    this.#secretKey = keyPair?.secretKey;
    return {
      queue: this.#queue,
      features,
      outbound,
      keyPair,
      passwords: outbound ? passwords.slice(0, 1) : passwords,
      backend,
      types,
      tap: (direction, part, bytes) => tap?.(direction, part, bytes),
    };
  }

  #enter(phase: HandshakeFailurePhase): void {
    this.#phase = phase;
    this.#lastPhase = phase;
  }

  #fail(error: HandshakeError): HandshakeError {
    this.#abandon();
    this.#failure = error;
    return error;
  }

  #abandon(): void {
    this.#phase = "failed";
    this.#opening?.wipe();
    this.#opening = undefined;
    this.#forgetSecretKey();
  }

  #forgetSecretKey(): void {
    this.#secretKey?.fill(0);
    this.#secretKey = undefined;
  }

  #requireRunning(): void {
    if (!this.#started) throw this.#outOfOrder("the handshake was not started");
    if (this.#phase === "done")
      throw this.#outOfOrder("the handshake is done; the bytes belong to its session");
    if (this.#phase === "failed") throw this.#outOfOrder("the handshake has failed before");
  }

  #outOfOrder(message: string): HandshakeError {
    return new HandshakeError("out-of-order", message, {
      phase: this.#lastPhase,
      cause: this.#failure,
    });
  }
}

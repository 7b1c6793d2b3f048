/** What a message of the benchmarks is for; its first byte. The Go peer has the same numbers. */
export const Kind = { message: 0, end: 1, ping: 2, pong: 3, load: 4, ack: 5, broken: 6 } as const;

/** The least bytes that hold kind and number, twice. */
export const smallestPayload = 16;

/**
 *     kind u8, three zeros, number u32 big-endian, (7 + 31 i) mod 256 at each i, number again in the last four bytes
 */
export class Payloads {
  readonly size: number;
  readonly #pattern: Buffer;

  constructor(size: number) {
    if (size < smallestPayload) throw new RangeError(`a payload has at least ${smallestPayload} bytes`);
    this.size = size;
    this.#pattern = Buffer.alloc(size);
    for (let i = 8; i < size - 4; i++) this.#pattern[i] = 7 + 31 * i;
  }

  /** A payload of its own. */
  make(kind: number, number: number): Uint8Array {
    const payload = new Uint8Array(this.#pattern);
    this.set(payload, kind, number);
    return payload;
  }

  /** Turns a payload that `make` made into another one. */
  set(payload: Uint8Array, kind: number, number: number): void {
    payload[0] = kind;
    writeNumber(payload, 4, number);
    writeNumber(payload, this.size - 4, number);
  }

  /** Whether every byte is what `make` would make of this number; the kind is not looked at. */
  isIntact(payload: Uint8Array, number: number): boolean {
    const { size } = this;
    if (payload.length !== size) return false;
    if (numberOf(payload) !== number || readNumber(payload, size - 4) !== number) return false;
    if (size > 128) return this.#pattern.compare(payload, 8, size - 4, 8, size - 4) === 0;
    const pattern = this.#pattern;
    for (let i = 8; i < size - 4; i++) if (payload[i] !== pattern[i]) return false;
    return true;
  }
}

/** The number that a payload carries. */
export function numberOf(payload: Uint8Array): number {
  return readNumber(payload, 4);
}

function readNumber(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function writeNumber(bytes: Uint8Array, at: number, number: number): void {
  bytes[at] = number >>> 24;
  bytes[at + 1] = number >>> 16;
  bytes[at + 2] = number >>> 8;
  bytes[at + 3] = number;
}

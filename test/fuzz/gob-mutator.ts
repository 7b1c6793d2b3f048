/** Streams made from good ones by damage, the same for the same seed. */
export class GobMutator {
  readonly #streams: readonly (readonly Uint8Array[])[];
  readonly #longest: number;
  #state: number;

  /** `longest` is about the most bytes of a stream, 64 KiB by default. */
  constructor(seed: number, streams: readonly Uint8Array[], longest: number = 1 << 16) {
    this.#longest = longest;
    this.#state = seed >>> 0;
    this.#streams = streams.map(splitMessages);
  }

  #below(limit: number): number {
    // xorshift32: enough to pick places and bytes.
    let state = this.#state || 0x9e3779b9;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state % limit;
  }

  /** One damaged stream, and the index of the good one that it came from. */
  next(): { bytes: Uint8Array; origin: number } {
    const origin = this.#below(this.#streams.length);
    const messages = this.#streams[origin]!.map((message) => [...message]);
    const times = 1 + this.#below(4);
    for (let i = 0; i < times; i++) this.#damage(messages);
    const framed = messages.flatMap((message) => [...number(message.length), ...message]);
    // Now and then the framing, too.
    if (this.#below(8) === 0 && framed.length > 0) framed[this.#below(framed.length)] = this.#below(256);
    if (this.#below(16) === 0) framed.length = this.#below(framed.length + 1);
    return { bytes: Uint8Array.from(framed), origin };
  }

  #damage(messages: number[][]): void {
    const index = this.#below(messages.length || 1);
    const message = messages[index] ?? [];
    const at = this.#below(message.length || 1);
    switch (this.#below(11)) {
      case 0:
        message[at] = this.#below(256);
        break;
      case 1:
        message[at] = (message[at] ?? 0) ^ (1 << this.#below(8));
        break;
      case 2:
        message[at] = ((message[at] ?? 0) + (this.#below(2) === 0 ? 1 : 255)) & 0xff;
        break;
      case 3:
        message.splice(at, 1 + this.#below(4));
        break;
      case 4:
        message.splice(at, 0, ...Array.from({ length: 1 + this.#below(4) }, () => this.#below(256)));
        break;
      case 5:
        // A number at the edge of something, whole.
        message.splice(at, 1, ...edges[this.#below(edges.length)]!);
        break;
      case 6:
        messages.splice(this.#below(messages.length + 1), 0, message.slice());
        break;
      case 7:
        messages.splice(index, 1);
        break;
      case 8:
        this.#repeat(messages, index);
        break;
      case 9: {
        // The same bytes many times over, with a length in front that may fit.
        const piece = message.slice(at, at + 1 + this.#below(8));
        const times = Math.min(1 << this.#below(14), Math.floor(this.#longest / (piece.length || 1)));
        const repeated = Array.from({ length: times }, () => piece).flat();
        message.splice(
          at,
          piece.length,
          ...number(this.#below(2) === 0 ? times : repeated.length),
          ...repeated,
        );
        break;
      }
      default: {
        const other = this.#streams[this.#below(this.#streams.length)]!;
        const from = other[this.#below(other.length || 1)] ?? [];
        messages.splice(this.#below(messages.length + 1), 0, [...from]);
      }
    }
  }

  /** One message many times; a definition with a new id each time. */
  #repeat(messages: number[][], index: number): void {
    const message = messages[index];
    if (message === undefined || message.length === 0) return;
    const times = Math.min(1 << this.#below(10), Math.floor(this.#longest / message.length));
    const isDefinition = message[0] === 0xff && (message[1]! & 1) === 1;
    const copies = Array.from({ length: times }, (_, copy) => {
      if (!isDefinition) return message.slice();
      const id = 100 + copy;
      return [...number(2 * (id - 1) + 1), ...message.slice(2)];
    });
    messages.splice(index, 0, ...copies);
  }
}

/** An unsigned integer as gob writes it. */
function number(value: number): number[] {
  if (value < 0x80) return [value];
  if (value < 0x100) return [0xff, value];
  return value < 0x10000
    ? [0xfe, value >> 8, value & 0xff]
    : [0xfd, value >> 16, (value >> 8) & 0xff, value & 0xff];
}

const edges = [
  [0x00],
  [0x7f],
  [0xff, 0x80],
  [0xff, 0x82],
  [0xff, 0x81],
  [0xfe, 0xff, 0xff],
  [0xfc, 0x7f, 0xff, 0xff, 0xff],
  [0xfc, 0xff, 0xff, 0xff, 0xff],
  [0xf8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xf9, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x10],
];

/** The contents of a good stream's messages. */
function splitMessages(stream: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    const first = stream[at++]!;
    let length = first;
    if (first >= 0x80) {
      length = 0;
      for (let i = 0; i < 0x100 - first; i++) length = length * 256 + stream[at++]!;
    }
    messages.push(stream.subarray(at, at + length));
    at += length;
  }
  return messages;
}

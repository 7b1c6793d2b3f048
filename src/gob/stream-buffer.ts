const noBytes = new Uint8Array();

/**
 * The bytes of a stream that were pushed and not yet consumed, always in one piece.
 *
 * A chunk that arrives while nothing is left over is used where it lies; otherwise it is appended to a
 * buffer of ours that grows by doubling, so that each byte is copied a bounded number of times whatever
 * the sizes of the chunks.
 */
export class StreamBuffer {
  /** Valid from `start` to `end`. */
  data: Uint8Array = noBytes;
  start = 0;
  end = 0;
  /** Offset in the stream of `data[0]`. */
  base = 0;
  #isOwn = false;

  /** Bytes consumed since the beginning of the stream. */
  get offset(): number {
    return this.base + this.start;
  }

  /** Adds a chunk; it must not change before its values were read. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    const left = this.end - this.start;
    if (left === 0) {
      this.base += this.start;
      this.data = chunk;
      this.start = 0;
      this.end = chunk.length;
      this.#isOwn = false;
      return;
    }
    if (!this.#isOwn || this.end + chunk.length > this.data.length) this.#move(left, chunk.length);
    this.data.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** Brings what is left to the head of a buffer of ours with room for `extra` more bytes. */
  #move(left: number, extra: number): void {
    const needed = left + extra;
    const rest = this.data.subarray(this.start, this.end);
    if (this.#isOwn && needed * 2 <= this.data.length) {
      this.data.copyWithin(0, this.start, this.end);
    } else {
      const grown = new Uint8Array(Math.max(256, needed * 2));
      grown.set(rest);
      this.data = grown;
      this.#isOwn = true;
    }
    this.base += this.start;
    this.start = 0;
    this.end = left;
  }

  /** Consumes up to index `index` of `data`. */
  consume(index: number): void {
    this.start = index;
  }
}

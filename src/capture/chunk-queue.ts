/** Chunks in a row, read from the front. Joins chunks only where what is read crosses their bounds. */
export class ChunkQueue {
  #chunks: Uint8Array[] = [];
  /** Index of the first chunk that is left, and of the first byte in it. */
  #first = 0;
  #start = 0;
  #length = 0;

  /** The number of bytes that are left. */
  get length(): number {
    return this.#length;
  }

  /** Adds a chunk, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The first `count` bytes, which must be there, as a view that stays as it is. */
  peek(count: number): Uint8Array {
    const first = this.#chunks[this.#first]!;
    if (this.#start + count > first.length) this.#join(count);
    return this.#chunks[this.#first]!.subarray(this.#start, this.#start + count);
  }

  /** Takes `count` bytes off the front, which must be there. */
  skip(count: number): void {
    this.#length -= count;
    let at = this.#start + count;
    while (this.#first < this.#chunks.length && at >= this.#chunks[this.#first]!.length) {
      at -= this.#chunks[this.#first++]!.length;
    }
    this.#start = at;
    if (this.#first === this.#chunks.length || (this.#first > 32 && 2 * this.#first > this.#chunks.length)) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Joins as many chunks as hold the first `count` bytes. */
  #join(count: number): void {
    let end = this.#first;
    let length = -this.#start;
    while (length < count) length += this.#chunks[end++]!.length;
    const joined = new Uint8Array(length);
    let at = 0;
    for (let index = this.#first; index < end; index++) {
      const chunk = this.#chunks[index]!;
      const piece = index === this.#first ? chunk.subarray(this.#start) : chunk;
      joined.set(piece, at);
      at += piece.length;
    }
    this.#first = end - 1;
    this.#chunks[this.#first] = joined;
    this.#start = 0;
  }
}

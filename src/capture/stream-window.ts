const firstBufferBytes = 512;
/** The size up to which each new buffer is twice the one before, so that a busy stream needs few and an idle one little. */
const usualBufferBytes = 64 * 1024;
/** Chunks from this size on are kept as they are, if nothing comes before them and they are no small view. */
const adoptedBytes = 8 * 1024;

/**
 * One direction's bytes as they were recorded, with holes where some were lost. Holes read as zeros, so that what is
 * known of lengths still tells where the next message begins.
 */
export class StreamWindow {
  #data: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #offset = 0;
  /** Whether `data` is ours to append to. */
  #own = false;
  #nextBufferBytes = firstBufferBytes;
  /** Lost ranges, by offset in the stream, in order. */
  #holes: { readonly from: number; readonly to: number }[] = [];
  /** Index of the first hole that is not behind us. */
  #firstHole = 0;

  /** Offset in the stream of the first byte that was not taken. */
  get offset(): number {
    return this.#offset;
  }

  /** The number of bytes that were not taken. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds bytes; the chunk is kept and must not change. */
  push(chunk: Uint8Array): void {
    // Small chunks share a buffer, so that a message in many packets does not cost one each.
    const isWhole = 2 * chunk.length >= chunk.buffer.byteLength;
    if (this.length === 0 && chunk.length >= adoptedBytes && isWhole) {
      this.#data = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#own = false;
    } else {
      this.#reserve(chunk.length);
      this.#data.set(chunk, this.#end);
      this.#end += chunk.length;
    }
  }

  /** Adds bytes that were lost. */
  pushHole(count: number): void {
    const from = this.#offset + this.length;
    this.#holes.push({ from, to: from + count });
    this.#reserve(count);
    this.#data.subarray(this.#end, this.#end + count).fill(0);
    this.#end += count;
  }

  /** Gives up what was not taken, and `count` bytes after it that were lost. */
  jump(count: number): void {
    this.#offset += this.length + count;
    this.#start = 0;
    this.#end = 0;
    this.#data = new Uint8Array(0);
    this.#own = false;
    this.#holes = [];
    this.#firstHole = 0;
  }

  /** The byte at `index` from the front; `undefined` if it has not come. */
  at(index: number): number | undefined {
    return index < this.length ? this.#data[this.#start + index] : undefined;
  }

  /** The bytes from `index` on, `count` of them, as a view that stays as it is. They must be there. */
  view(index: number, count: number): Uint8Array {
    return this.#data.subarray(this.#start + index, this.#start + index + count);
  }

  /** Takes bytes off the front. They must be there. */
  skip(count: number): void {
    this.#start += count;
    this.#offset += count;
    const holes = this.#holes;
    while (this.#firstHole < holes.length && holes[this.#firstHole]!.to <= this.#offset) this.#firstHole++;
    if (
      holes.length > 0 &&
      (this.#firstHole === holes.length || (this.#firstHole > 32 && 2 * this.#firstHole > holes.length))
    ) {
      this.#holes = holes.slice(this.#firstHole);
      this.#firstHole = 0;
    }
    if (this.length > 0 || this.#own) return;
    this.#data = noBytes;
    this.#start = 0;
    this.#end = 0;
  }

  /** The number of lost bytes among the first `count`. */
  lostIn(count: number): number {
    let lost = 0;
    const end = this.#offset + count;
    for (let index = this.#firstHole; index < this.#holes.length; index++) {
      const { from, to } = this.#holes[index]!;
      if (from >= end) break;
      lost += Math.min(to, end) - Math.max(from, this.#offset);
    }
    return lost;
  }

  /** The end of the first hole, counted from the front; 0 if there is none. */
  endOfHole(): number {
    const first = this.#holes[this.#firstHole];
    return first === undefined ? 0 : Math.min(first.to - this.#offset, this.length);
  }

  /** Makes space for `count` bytes. Views were given out, so a full buffer is replaced and not written to again. */
  #reserve(count: number): void {
    if (this.#own && this.#end + count <= this.#data.length) return;
    const kept = this.#data.subarray(this.#start, this.#end);
    const larger = new Uint8Array(Math.max(this.#nextBufferBytes, 2 * (kept.length + count)));
    this.#nextBufferBytes = Math.min(usualBufferBytes, 2 * this.#nextBufferBytes);
    larger.set(kept);
    this.#data = larger;
    this.#start = 0;
    this.#end = kept.length;
    this.#own = true;
  }
}

const noBytes = new Uint8Array(0);

const firstBufferBytes = 64 * 1024;
/** Chunks from this size on are kept as they are, if nothing comes before them. */
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
  /** Lost ranges, by offset in the stream, in order. */
  #holes: { readonly from: number; readonly to: number }[] = [];

  /** Offset in the stream of the first byte that was not taken. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes that can be looked at. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds bytes; the chunk is kept and must not change. */
  push(chunk: Uint8Array): void {
    // Small chunks share a buffer, so that a message in many packets does not cost one each.
    if (this.length === 0 && chunk.length >= adoptedBytes) {
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
    this.#data.fill(0, this.#end, this.#end + count);
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
    while (this.#holes.length > 0 && this.#holes[0]!.to <= this.#offset) this.#holes.shift();
  }

  /** Bytes lost among the first `count`. */
  lostIn(count: number): number {
    let lost = 0;
    const end = this.#offset + count;
    for (const { from, to } of this.#holes) {
      if (from >= end) break;
      lost += Math.min(to, end) - Math.max(from, this.#offset);
    }
    return lost;
  }

  /** Where the first hole ends, counted from the front; 0 if there is none. */
  endOfHole(): number {
    return this.#holes.length === 0 ? 0 : Math.min(this.#holes[0]!.to - this.#offset, this.length);
  }

  /** What was given out as a view is never written to: when the buffer is full, a new one takes its place. */
  #reserve(count: number): void {
    if (this.#own && this.#end + count <= this.#data.length) return;
    const kept = this.#data.subarray(this.#start, this.#end);
    const larger = new Uint8Array(Math.max(firstBufferBytes, 2 * (kept.length + count)));
    larger.set(kept);
    this.#data = larger;
    this.#start = 0;
    this.#end = kept.length;
    this.#own = true;
  }
}

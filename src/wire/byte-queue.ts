/** The first buffer that is made for a message which comes in several chunks, in bytes. */
const firstAssemblyBytes = 256 * 1024;

/**
 * Received bytes in the order in which they came, taken out in pieces of the reader's choice.
 *
 * A piece that lies in one chunk is a view of it; one that does not is put together, each byte being copied a
 * bounded number of times however small the chunks are. Memory follows what has come, not what was announced.
 * Chunks are kept, not copied: whoever pushes one must not change it afterwards.
 */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  /** Index of the first chunk that is not used up, and how much of it is. */
  #first = 0;
  #offset = 0;
  #length = 0;
  /** The beginning of a piece that has not come whole; it goes before all chunks. */
  #assembly: Uint8Array | undefined;
  #assembled = 0;
  #wanted = 0;

  /** Bytes that can be taken. */
  get length(): number {
    return this.#length;
  }

  /** Adds a chunk at the end. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The byte at `index` from the front, `undefined` if it has not come. For the first few bytes only. */
  byteAt(index: number): number | undefined {
    if (index >= this.#length) return undefined;
    if (index < this.#assembled) return this.#assembly![index];
    let at = index - this.#assembled + this.#offset;
    for (let i = this.#first; ; i++) {
      const chunk = this.#chunks[i]!;
      if (at < chunk.length) return chunk[at];
      at -= chunk.length;
    }
  }

  /**
   * The next `count` bytes, or `undefined` if fewer have come; nothing is taken then, and the call is to be
   * repeated after the next `push`.
   */
  take(count: number): Uint8Array | undefined {
    if (this.#assembly !== undefined && this.#wanted !== count) this.#disassemble();
    if (this.#length < count) {
      this.#gather(count);
      return undefined;
    }
    if (this.#assembly !== undefined) {
      this.#gather(count);
      const piece = this.#assembly;
      this.#assembly = undefined;
      this.#assembled = 0;
      this.#length -= count;
      return piece;
    }
    this.#length -= count;
    const chunk = this.#chunks[this.#first];
    if (chunk !== undefined && chunk.length - this.#offset >= count) {
      const start = this.#offset;
      this.#skip(count);
      return chunk.subarray(start, start + count);
    }
    const piece = new Uint8Array(count);
    this.#fill(piece, 0, count);
    return piece;
  }

  /** Everything that is there. */
  takeAll(): Uint8Array {
    return this.take(this.#length)!;
  }

  /** Moves what has come into one buffer, so that a flood of tiny chunks costs no more than its bytes. */
  #gather(count: number): void {
    const available = Math.min(count, this.#length);
    if (available === 0) return;
    let assembly = this.#assembly;
    if (assembly === undefined || assembly.length < available) {
      const room = Math.min(count, Math.max(firstAssemblyBytes, 2 * available));
      const larger = new Uint8Array(room);
      if (assembly !== undefined) larger.set(assembly.subarray(0, this.#assembled));
      assembly = larger;
      this.#assembly = larger;
      this.#wanted = count;
    }
    this.#fill(assembly, this.#assembled, available);
    this.#assembled = available;
  }

  /** Turns a begun piece back into a chunk, because a piece of another size is asked for now. */
  #disassemble(): void {
    const begun = this.#assembly!.subarray(0, this.#assembled);
    const rest = this.#chunks.slice(this.#first);
    if (this.#offset > 0) rest[0] = rest[0]!.subarray(this.#offset);
    this.#chunks = [begun, ...rest];
    this.#first = 0;
    this.#offset = 0;
    this.#assembly = undefined;
    this.#assembled = 0;
  }

  /** Copies from the chunks into `target[from, to)` and uses those bytes up. */
  #fill(target: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const chunk = this.#chunks[this.#first]!;
      const count = Math.min(to - at, chunk.length - this.#offset);
      target.set(chunk.subarray(this.#offset, this.#offset + count), at);
      at += count;
      this.#skip(count);
    }
  }

  /** Uses up `count` bytes of the first chunk, which has them. */
  #skip(count: number): void {
    if (count === 0) return;
    this.#offset += count;
    if (this.#offset < this.#chunks[this.#first]!.length) return;
    this.#offset = 0;
    this.#first++;
    if (this.#first === this.#chunks.length) {
      this.#chunks = [];
      this.#first = 0;
    } else if (this.#first >= 1024) {
      // Many chunks without one taking that empties the queue: let go of the used ones now and then.
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** The least size of the first buffer for a piece that arrives in several chunks, in bytes. */
const firstAssemblyBytes = 4 * 1024;

/** As {@link firstAssemblyBytes}, from a sender that is trusted: large pieces are then copied less often. */
const trustedAssemblyBytes = 256 * 1024;

/**
 * The memory that a queued chunk takes besides its bytes, in bytes: the objects of its typed array, its buffer and the
 * buffer's backing store (565 bytes for a chunk of 1 byte in Node 20).
 */
export const chunkOverheadBytes = 560;

/**
 * Received bytes in order of arrival, taken out in pieces of a size that the reader chooses.
 *
 * A piece that lies in one chunk is a view of it. Other pieces are assembled in a buffer of their own. The buffer grows
 * by doubling, so each byte is copied a bounded number of times however small the chunks are, and the memory follows
 * the bytes received, not the length announced. Chunks are kept, not copied: the caller must not change them after
 * `push`.
 */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  /** Index of the first chunk with unread bytes, and the number of its bytes already read. */
  #first = 0;
  #offset = 0;
  #length = 0;
  /** Memory of the chunks with unread bytes. */
  #chunkMemory = 0;
  /** The beginning of an incomplete piece; it precedes all chunks. */
  #assembly: Uint8Array | undefined;
  #assembled = 0;
  #wanted = 0;
  #firstAssemblyBytes = firstAssemblyBytes;

  /** The number of bytes that can be taken. */
  get length(): number {
    return this.#length;
  }

  /**
   * The memory that the queue keeps alive, in bytes: whole chunks while one of their bytes is unread, the buffers that
   * chunks are views of, and the objects around them.
   */
  get heldBytes(): number {
    return this.#chunkMemory + (this.#assembly?.length ?? 0);
  }

  /** Takes note that the sender has proved itself: buffers may be larger than the bytes received. */
  trustSender(): void {
    this.#firstAssemblyBytes = trustedAssemblyBytes;
  }

  /** Adds a chunk at the end. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    this.#chunkMemory += memoryOf(chunk);
  }

  /** The byte at `index` from the front, `undefined` if it has not arrived. For the first few bytes only. */
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
   * Returns the next `count` bytes, or `undefined` if fewer have arrived. Nothing is taken then, and the caller repeats
   * the call after the next `push`.
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

  /** Takes all bytes that have arrived. */
  takeAll(): Uint8Array {
    return this.take(this.#length)!;
  }

  /** Moves the received bytes into one buffer, so that a flood of tiny chunks costs no more than its bytes. */
  #gather(count: number): void {
    const available = Math.min(count, this.#length);
    if (available === 0) return;
    let assembly = this.#assembly;
    if (assembly === undefined || assembly.length < available) {
      const larger = new Uint8Array(Math.min(count, Math.max(this.#firstAssemblyBytes, 2 * available)));
      if (assembly !== undefined) larger.set(assembly.subarray(0, this.#assembled));
      assembly = larger;
      this.#assembly = larger;
      this.#wanted = count;
    }
    this.#fill(assembly, this.#assembled, available);
    this.#assembled = available;
  }

  /** Turns an incomplete piece back into a chunk, because the caller now asks for a piece of another size. */
  #disassemble(): void {
    const begun = this.#assembly!.subarray(0, this.#assembled);
    const rest = this.#chunks.slice(this.#first);
    if (this.#offset > 0) rest[0] = rest[0]!.subarray(this.#offset); // holds the same buffer, so the memory stays
    this.#chunks = [begun, ...rest];
    this.#chunkMemory += memoryOf(begun);
    this.#first = 0;
    this.#offset = 0;
    this.#assembly = undefined;
    this.#assembled = 0;
  }

  /** Moves bytes from the chunks into `target[from, to)`. */
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

  /** Drops `count` bytes of the first chunk, which must have that many. */
  #skip(count: number): void {
    if (count === 0) return;
    this.#offset += count;
    const chunk = this.#chunks[this.#first]!;
    if (this.#offset < chunk.length) return;
    this.#chunkMemory -= memoryOf(chunk);
    this.#offset = 0;
    this.#first++;
    if (this.#first === this.#chunks.length) {
      this.#chunks = [];
      this.#first = 0;
    } else if (this.#first >= 1024) {
      // With many chunks the queue may never become empty, so the chunks already read are dropped from time to time.
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** The memory that a chunk keeps alive: the whole buffer, of which it may be a small part, and the objects. */
function memoryOf(chunk: Uint8Array): number {
  return chunk.buffer.byteLength + chunkOverheadBytes;
}

/** Stands where a chunk was: an array that is old when it is dropped would keep its chunks from being collected as young ones. */
const taken = new Uint8Array(0);

/** Chunks in the order in which they came, counted in bytes. Nothing is copied on the way in. */
export class ByteQueue {
  /** How many bytes it holds. */
  length = 0;
  private chunks: Uint8Array[] = [];
  /** Chunks before this one are taken; shifting the array each time would cost its whole length. */
  private head = 0;

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.length += chunk.length;
  }

  /** The first chunk, or its first `limit` bytes as a view of it; the queue must not be empty. */
  take(limit: number): Uint8Array {
    const first = this.chunks[this.head]!;
    if (first.length > limit) {
      this.chunks[this.head] = first.subarray(limit);
      this.length -= limit;
      return first.subarray(0, limit);
    }
    this.length -= first.length;
    this.chunks[this.head++] = taken;
    if (this.head === this.chunks.length) {
      this.chunks = [];
      this.head = 0;
    } else if (this.head > 1000 && this.head * 2 > this.chunks.length) {
      this.chunks = this.chunks.slice(this.head);
      this.head = 0;
    }
    return first;
  }

  /** Moves the first bytes to `target`, as many as fill it, which must be there. */
  moveTo(target: Uint8Array): void {
    for (let at = 0; at < target.length; ) {
      const piece = this.take(target.length - at);
      target.set(piece, at);
      at += piece.length;
    }
  }

  /** Size of the first chunk; 0 if there is none. */
  get firstLength(): number {
    return this.chunks[this.head]?.length ?? 0;
  }

  clear(): void {
    this.chunks = [];
    this.head = 0;
    this.length = 0;
  }
}

const lineEnd = 0x0a;

/** Cuts chunks into lines. A line is given as the pieces in which it came, so that a long one need not be joined. */
export class LinePieces {
  readonly #chunks: Uint8Array[] = [];
  /** Index of the first chunk that was not cut up, and of the first byte in it. */
  #first = 0;
  #start = 0;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;

  /** The number of bytes that came of a line that is not complete, as far as `next` has gone. */
  get pendingBytes(): number {
    return this.#pieceBytes;
  }

  /** The pieces that came of a line that is not complete, as far as `next` has gone. */
  get pending(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** Adds bytes, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  /** The next line without its end; undefined if it has not come whole. */
  next(): Uint8Array[] | undefined {
    for (; this.#first < this.#chunks.length; this.#first++, this.#start = 0) {
      const chunk = this.#chunks[this.#first]!;
      const end = chunk.indexOf(lineEnd, this.#start);
      const piece = chunk.subarray(this.#start, end === -1 ? chunk.length : end);
      if (piece.length > 0) this.#pieces.push(piece);
      this.#pieceBytes += piece.length;
      if (end === -1) continue;
      this.#start = end + 1;
      const line = this.#pieces;
      this.#pieces = [];
      this.#pieceBytes = 0;
      return line;
    }
    this.#chunks.length = 0;
    this.#first = 0;
    return undefined;
  }
}

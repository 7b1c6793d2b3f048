/** The message numbers that are tried on a sealed message after damage. */
export const numbersTried = 64;
/** The work, in bytes gone through, that a direction may cost at first. */
export const firstCredit = 256 * 1024 * 1024;
/** The work, in bytes gone through, that each byte of a direction may cost besides. */
export const creditPerByte = 64;
/** The work of one lost byte that is kept as a zero: it is written, and searched for the next message. */
const holeCost = 8;

/**
 * Limits the work that damage causes in one direction, so that it stays in proportion to the direction's bytes: finding
 * message numbers, and the next message, by trying to open messages; and keeping lost bytes as zeros.
 */
export class WorkCredit {
  #bytes = firstCredit;

  /** Adds the credit of bytes that arrived. */
  add(arrived: number): void {
    this.#bytes += creditPerByte * arrived;
  }

  /** Takes the credit for trying all message numbers on a message of `size` bytes; whether there was enough. */
  takeTrials(size: number): boolean {
    return this.#take(numbersTried * size);
  }

  /** Takes the credit for keeping `count` lost bytes as zeros; whether there was enough. */
  takeHole(count: number): boolean {
    return this.#take(holeCost * count);
  }

  #take(cost: number): boolean {
    if (cost > this.#bytes) return false;
    this.#bytes -= cost;
    return true;
  }
}

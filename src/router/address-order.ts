/**
 * The order in which the addresses of a host name are dialled. An address that has failed, by a failed dial or by a
 * failed handshake, comes after all others until it is the one that failed least recently.
 *
 * It remembers addresses of the last lookup only.
 */
export class AddressOrder {
  /** Least recent failure first. */
  readonly #failed = new Set<string>();
  #dialled: string | undefined;

  /** Returns the addresses in the order in which to dial them. */
  arrange(addresses: readonly string[]): string[] {
    const present = new Set(addresses);
    for (const ip of this.#failed) if (!present.has(ip)) this.#failed.delete(ip);
    return [...addresses.filter((ip) => !this.#failed.has(ip)), ...this.#failed];
  }

  /** Takes note of the address that is dialled now. */
  dialling(ip: string): void {
    this.#dialled = ip;
  }

  /** The dial, or the connection to the address dialled last, has failed. */
  failed(): void {
    if (this.#dialled === undefined) return;
    this.#failed.delete(this.#dialled);
    this.#failed.add(this.#dialled);
  }

  /** The connection to the address dialled last has ended after a long time, so that this address is as good as any. */
  lasted(): void {
    if (this.#dialled !== undefined) this.#failed.delete(this.#dialled);
  }
}

import type { PeerName, Router } from "../../src/index.ts";

/**
 * Whether all routers know every peer with all its connections, all established. A router that knew it once is asked
 * again only when all others know it, too: the picture is the last one, unless a connection breaks.
 */
export class Agreement {
  readonly #routers: readonly Router[];
  readonly #degrees: ReadonlyMap<PeerName, number>;
  #waitingFor: Router[];

  constructor(routers: readonly Router[], degrees: ReadonlyMap<PeerName, number>) {
    this.#routers = routers;
    this.#degrees = degrees;
    this.#waitingFor = [...routers];
  }

  /** Asks from the last one on, until one does not know it all. */
  reached(): boolean {
    for (;;) {
      const router = this.#waitingFor.at(-1);
      if (router === undefined) break;
      if (!this.#knowsAll(router)) return false;
      this.#waitingFor.pop();
    }
    this.#waitingFor = this.#routers.filter((router) => !this.#knowsAll(router));
    return this.#waitingFor.length === 0;
  }

  #knowsAll(router: Router): boolean {
    const peers = router.peers();
    if (peers.length !== this.#degrees.size) return false;
    if (peers.some(({ name, connectionCount }) => connectionCount !== this.#degrees.get(name))) return false;
    return router
      .status()
      .peers.every(({ connections }) => connections.every(({ established }) => established));
  }
}

import type { PeerName } from "../peer-name.ts";
import type { Peer } from "../topology/index.ts";
import type { Clock } from "../transport/index.ts";
import { DeferredAction } from "./deferred.ts";
import { announcementDelayMs } from "./timing.ts";

/**
 * Collects what has changed about us and tells the mesh 1 s after the first change: the deferred topology updates of
 * the original's localPeer (local_peer.go, broadcastPeerUpdate). Ourselves is always among what is told.
 */
export class Announcer {
  readonly #deferred: DeferredAction;
  readonly #ourName: PeerName;
  #names = new Set<PeerName>();

  constructor(clock: Clock, ourName: PeerName, tell: (names: ReadonlySet<PeerName>) => void) {
    this.#ourName = ourName;
    this.#deferred = new DeferredAction(clock, announcementDelayMs, () => {
      const names = this.#names.add(this.#ourName);
      this.#names = new Set();
      tell(names);
    });
  }

  /** Asks for an announcement of ourselves and of the peers given. */
  announce(...peers: readonly Peer[]): void {
    for (const peer of peers) this.#names.add(peer.name);
    this.#deferred.request();
  }

  /** Announces now what waits. */
  flush(): void {
    this.#deferred.runNow();
  }

  /** Forgets what waits. */
  cancel(): void {
    this.#deferred.cancel();
  }
}

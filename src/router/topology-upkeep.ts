import type { PeerName } from "../peer-name.ts";
import { LocalPeer, type Peer, Peers, Routes, randomShortId } from "../topology/index.ts";
import { Announcer } from "./announcer.ts";
import { DeferredAction } from "./deferred.ts";
import type { RouterSettings } from "./options.ts";
import { RouteCalculation } from "./route-calculation.ts";
import { collectionDelayMs } from "./timing.ts";

/** What others do when the mesh has changed; everything comes after the change is complete. */
export interface TopologyHandlers {
  added(peer: Peer): void;
  removed(peer: Peer): void;
  shortIdsInvalidated(): void;
  routesChanged(): void;
  /** Tells random neighbours what we know of these peers. */
  tell(names: ReadonlySet<PeerName>): void;
}

/**
 * The mesh as we know it, and what is put off and shared to keep it so: recalculation (100 ms), announcements and
 * collection (1 s).
 */
export class TopologyUpkeep {
  readonly ourself: LocalPeer;
  readonly peers: Peers;
  readonly routes: Routes;
  readonly #calculation: RouteCalculation;
  readonly #announcer: Announcer;
  readonly #collection: DeferredAction;

  constructor(settings: RouterSettings, on: TopologyHandlers) {
    const { clock, random, flavour, name, nickname, uid } = settings;
    this.ourself = new LocalPeer({ name, nickName: nickname, uid, shortId: randomShortId(random) });
    this.peers = new Peers(this.ourself, {
      random,
      flavour,
      on: {
        added: on.added,
        removed: on.removed,
        shortIdsInvalidated: on.shortIdsInvalidated,
        localPeerChanged: () => this.announce(),
      },
    });
    this.routes = new Routes(this.ourself, this.peers, random);
    this.#calculation = new RouteCalculation(clock, this.routes, on.routesChanged);
    this.#announcer = new Announcer(clock, name, on.tell);
    this.#collection = new DeferredAction(clock, collectionDelayMs, () => this.peers.garbageCollect());
  }

  /** Asks for the routes to be recalculated. */
  recalculate(): void {
    this.#calculation.request();
  }

  /** Runs `action` once no recalculation is pending: at once, or with a promise for it. */
  whenRoutesCurrent(action: () => void): void | Promise<void> {
    return this.#calculation.whenCurrent(action);
  }

  /** Asks for ourselves, and the peers given, to be announced to the mesh. */
  announce(...peers: readonly Peer[]): void {
    this.#announcer.announce(...peers);
  }

  /** An update has been applied: what it left unreachable is to be collected. */
  collectSoon(): void {
    this.#collection.request();
  }

  /** Does now what was put off, as there will be no later. */
  flush(): void {
    this.#calculation.runNow();
    this.#announcer.flush();
  }

  /** Forgets what was put off. Whoever waits for the routes goes on. */
  stop(): void {
    this.#calculation.runNow();
    this.#announcer.cancel();
    this.#collection.cancel();
  }
}

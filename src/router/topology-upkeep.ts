import type { PeerName } from "../peer-name.ts";
import { LocalPeer, type Peer, Peers, Routes, randomShortId, topologyLimits } from "../topology/index.ts";
import { Announcer } from "./announcer.ts";
import { DeferredAction } from "./deferred.ts";
import type { RouterSettings } from "./options.ts";
import { RouteCalculation } from "./route-calculation.ts";
import { collectionDelayMs } from "./timing.ts";
import { TopologyRefusals } from "./topology-refusals.ts";

/** Called when the mesh has changed, after the change is complete. */
export interface TopologyHandlers {
  added(peer: Peer): void;
  removed(peer: Peer): void;
  shortIdsInvalidated(): void;
  routesChanged(): void;
  /** Tells random neighbours what we know of these peers. */
  tell(names: ReadonlySet<PeerName>): void;
}

/**
 * The mesh as we know it, with the deferred and shared work that keeps it current: recalculation (100 ms), announcements and
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
    const { clock, random, flavour, name, nickname, uid, logger } = settings;
    const refusals = new TopologyRefusals(clock, (line) => logger.warn(line));
    this.ourself = new LocalPeer({ name, nickName: nickname, uid, shortId: randomShortId(random) });
    this.peers = new Peers(this.ourself, {
      random,
      flavour,
      limits: topologyLimits,
      on: {
        added: on.added,
        removed: on.removed,
        shortIdsInvalidated: on.shortIdsInvalidated,
        localPeerChanged: () => this.announce(),
        refused: (descriptions) => refusals.add(descriptions),
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

  /** Asks for the collection of unreachable peers, after an update. */
  collectSoon(): void {
    this.#collection.request();
  }

  /** Runs the deferred recalculation and announcement now. */
  flush(): void {
    this.#calculation.runNow();
    this.#announcer.flush();
  }

  /** Drops deferred work. Actions that wait for the routes run now. */
  stop(): void {
    this.#calculation.runNow();
    this.#announcer.cancel();
    this.#collection.cancel();
  }
}

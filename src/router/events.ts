import type { PeerName } from "../peer-name.ts";
import type { RefusalReason } from "../wire/index.ts";

/** A peer that came or went. */
export interface PeerEventDetail {
  readonly name: PeerName;
  readonly nickName: string;
}

/** A connection of ours. */
export interface ConnectionEventDetail {
  /** The remote peer; undefined if the connection ended before it said who it is. */
  readonly peer: PeerEventDetail | undefined;
  readonly address: string;
  readonly outbound: boolean;
}

/** Why a connection ended. */
export interface ConnectionClosedEventDetail extends ConnectionEventDetail {
  readonly error: Error;
  /** The reason as a code, if the connection was refused by us or, most likely, by the other side. */
  readonly reason: RefusalReason | undefined;
  /** The reason in words, for people. */
  readonly explanation: string | undefined;
}

/** What a router tells its listeners, by the event's type; each event is a CustomEvent with such a `detail`. */
export interface RouterEventMap {
  /** A peer has become known, perhaps only by name. */
  peeradded: CustomEvent<PeerEventDetail>;
  /** A peer that could no longer be reached was forgotten. */
  peerremoved: CustomEvent<PeerEventDetail>;
  /** A connection of ours is established. */
  connectionestablished: CustomEvent<ConnectionEventDetail>;
  /** A connection of ours, or a handshake, has ended. */
  connectionclosed: CustomEvent<ConnectionClosedEventDetail>;
  /** The routes were recalculated. */
  routeschanged: CustomEvent<undefined>;
  /** A short ID may now stand for another peer than before. */
  shortidsinvalidated: CustomEvent<undefined>;
  /** Something failed that has no caller to go to, such as a throw of a gossiper's `gossip`. */
  error: CustomEvent<{ readonly error: Error }>;
}

type AnyListener = Parameters<EventTarget["addEventListener"]>[1];
type ListenerOptions = Parameters<EventTarget["addEventListener"]>[2];

/** An EventTarget whose events are known by type. Events come after the change that they tell of is complete. */
export class TypedEventTarget<Events extends { [type in keyof Events]: CustomEvent }> {
  readonly #target = new EventTarget();
  /** The types that somebody has ever listened for: of the others no event need be made. */
  readonly #listened = new Set<string>();

  /** As EventTarget's; `options` may hold `once` and `signal`. */
  addEventListener<T extends keyof Events & string>(
    type: T,
    listener: (event: Events[T]) => void,
    options?: ListenerOptions,
  ): void {
    this.#listened.add(type);
    this.#target.addEventListener(type, listener as unknown as AnyListener, options);
  }

  /** As EventTarget's. */
  removeEventListener<T extends keyof Events & string>(type: T, listener: (event: Events[T]) => void): void {
    this.#target.removeEventListener(type, listener as unknown as AnyListener);
  }

  /** Queues an event for the end of the current turn, so that listeners never see a half-made change. */
  protected emit<T extends keyof Events & string>(type: T, detail: Events[T]["detail"]): void {
    if (!this.#listened.has(type)) return;
    queueMicrotask(() => this.#target.dispatchEvent(new CustomEvent(type, { detail })));
  }
}

import { hash } from "node:crypto";
import type { PeerName } from "../peer-name.ts";
import { Fifo } from "./fifo.ts";
import type { Gossiper } from "./gossiper.ts";
import { type BudgetHolder, SharedBudget } from "./shared-budget.ts";
import { SurrogateData } from "./surrogate-data.ts";

/**
 * The most updates that the surrogates of a router remember together, about 150 bytes of memory each. Beyond it the
 * surrogate that remembers most forgets its oldest, and a repetition of them would be relayed again.
 */
export const maxRememberedGossips = 2 ** 17;

/** The surroundings of a surrogate. */
export interface SurrogateOptions {
  /** Milliseconds since the epoch. */
  now(): number;
  /** The gossip interval in milliseconds: the least time that an update is remembered while others come. */
  gossipIntervalMs: number;
  /** The number of updates that surrogates remember together. Default: {@link maxRememberedGossips} for this one. */
  memory?: SharedBudget;
}

/**
 * Stands in for a gossiper on a channel that nobody registered here, so that the channel's messages still cross this
 * peer: the counterpart of the original's surrogateGossiper (surrogate_gossiper.go).
 *
 * It ignores unicasts, relays broadcasts and gossip unread, and drops gossip that repeats, byte for byte, an update
 * that it remembers. Updates older than one gossip interval are forgotten when other gossip comes, not before: on a
 * quiet channel a repetition stays dropped.
 */
export class SurrogateGossiper implements Gossiper<SurrogateData>, BudgetHolder {
  readonly #options: SurrogateOptions;
  readonly #memory: SharedBudget;
  /** The digests of the remembered updates. */
  readonly #seen = new Set<string>();
  /** The same, oldest first, and when each came. A Set whose first is often deleted finds its next first slowly. */
  readonly #digests = new Fifo<string>();
  readonly #times = new Fifo<number>();

  constructor(options: SurrogateOptions) {
    this.#options = options;
    this.#memory = options.memory ?? new SharedBudget(maxRememberedGossips);
  }

  /** The number of remembered updates. */
  get held(): number {
    return this.#digests.length;
  }

  onUnicast(_source: PeerName, _message: Uint8Array): void {}

  onBroadcast(_source: PeerName, update: Uint8Array): SurrogateData {
    return SurrogateData.of(update);
  }

  gossip(): undefined {
    return undefined;
  }

  onGossip(update: Uint8Array): SurrogateData | undefined {
    // A cryptographic digest stands for the update: equal digests, equal bytes. As Latin-1 it is a string of 32 bytes.
    const digest = hash("sha256", update, "binary");
    if (this.#seen.has(digest)) return undefined;
    const now = this.#options.now();
    const forgetUpTo = now - this.#options.gossipIntervalMs;
    for (let at = this.#times.first; at !== undefined && at <= forgetUpTo; at = this.#times.first) {
      this.dropOldest();
    }
    if (this.held === 0) this.#memory.join(this);
    this.#seen.add(digest);
    this.#digests.push(digest);
    this.#times.push(now);
    this.#memory.take(1);
    this.#memory.enforce();
    return SurrogateData.of(update);
  }

  /** Forgets everything, for a surrogate that is not used any more. */
  forget(): void {
    while (this.held > 0) this.dropOldest();
  }

  dropOldest(): void {
    const digest = this.#digests.take();
    if (digest === undefined) return;
    this.#times.take();
    this.#seen.delete(digest);
    this.#memory.give(1);
    if (this.held === 0) this.#memory.leave(this);
  }

  reportDropped(): void {}
}

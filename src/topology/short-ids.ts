import type { Random } from "../transport/index.ts";
import { Claimants } from "./claimants.ts";
import { type Peer, shortIdCount } from "./peer.ts";

interface Claims {
  /** The peer that has the short ID: the claimant with the lowest name. Undefined: free, but used before. */
  owner: Peer | undefined;
  /** The other claimants; undefined while there are none. */
  others: Claimants | undefined;
}

/** The effect of a claim on the table. */
export interface ClaimResult {
  /** The short ID changed hands, or was free again and is now reused: what others derived from it is invalid. */
  readonly invalidated: boolean;
  /** The peer that had it and lost it. */
  readonly displaced: Peer | undefined;
}

/**
 * The peer that each short ID stands for. Peers choose theirs at random, so several can claim the same one.
 *
 * Source: peers.go, `addByShortID`, `deleteByShortID`, `chooseShortID`.
 */
export class ShortIds {
  readonly #claims = new Map<number, Claims>();

  /** The peer that this short ID stands for. */
  owner(shortId: number): Peer | undefined {
    return this.#claims.get(shortId)?.owner;
  }

  /** Enters the claim of a peer that has a short ID and does not claim one yet. */
  add(peer: Peer): ClaimResult {
    const claims = this.#claims.get(peer.shortId);
    if (claims === undefined) {
      this.#claims.set(peer.shortId, { owner: peer, others: undefined });
      return { invalidated: false, displaced: undefined };
    }
    const { owner } = claims;
    if (owner === undefined) {
      claims.owner = peer;
      return { invalidated: true, displaced: undefined };
    }
    if (peer.name < owner.name) {
      addTo(claims, owner);
      claims.owner = peer;
      return { invalidated: true, displaced: owner };
    }
    addTo(claims, peer);
    return { invalidated: false, displaced: undefined };
  }

  /**
   * Takes back the claim of a peer; returns whether the short ID went to another peer. A short ID that becomes free stays in the
   * table, so that its reuse is noticed.
   */
  delete(peer: Peer): boolean {
    const claims = this.#claims.get(peer.shortId);
    if (claims === undefined) return false;
    const isOwner = claims.owner === peer;
    if (isOwner) claims.owner = claims.others?.takeLowest();
    else claims.others?.delete(peer);
    if (claims.others?.size === 0) claims.others = undefined;
    return isOwner && claims.owner !== undefined;
  }

  /** Returns a free short ID: by 10 random tries, then a random one of all that are free. Undefined if all are taken. */
  choose(random: Random): number | undefined {
    for (let attempt = 0; attempt < 10; attempt++) {
      const shortId = random.int(shortIdCount);
      if (this.owner(shortId) === undefined) return shortId;
    }
    const free: number[] = [];
    for (let shortId = 0; shortId < shortIdCount; shortId++) {
      if (this.owner(shortId) === undefined) free.push(shortId);
    }
    return free.length === 0 ? undefined : free[random.int(free.length)];
  }
}

function addTo(claims: Claims, peer: Peer): void {
  claims.others ??= new Claimants();
  claims.others.add(peer);
}

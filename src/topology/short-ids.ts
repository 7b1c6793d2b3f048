import type { Random } from "../transport/index.ts";
import { type Peer, shortIdCount } from "./peer.ts";

interface Claims {
  /** Who has the short ID: of those who claim it, the peer with the lowest name. Undefined: free, but used before. */
  owner: Peer | undefined;
  /** Those who claim it in vain. */
  others: Peer[];
}

/** Few claim the same one as a rule, and what `push` and spreading make has room for 16 more: for the first few, `concat`. */
function addTo(claims: Claims, peer: Peer): void {
  if (claims.others.length < 4) claims.others = claims.others.concat(peer);
  else claims.others.push(peer);
}

/** What became of the table by a claim. */
export interface ClaimResult {
  /** The short ID changed hands, or was free again and is now reused: what others derived from it is invalid. */
  readonly invalidated: boolean;
  /** The peer that had it and lost it. */
  readonly displaced: Peer | undefined;
}

/**
 * Which peer each short ID stands for. Peers choose theirs at random, so several can claim the same one.
 *
 * Source: peers.go, `addByShortID`, `deleteByShortID`, `chooseShortID`.
 */
export class ShortIds {
  readonly #claims = new Map<number, Claims>();

  /** The peer that this short ID stands for. */
  owner(shortId: number): Peer | undefined {
    return this.#claims.get(shortId)?.owner;
  }

  /** Enters the claim of a peer that has a short ID. */
  add(peer: Peer): ClaimResult {
    const claims = this.#claims.get(peer.shortId);
    if (claims === undefined) {
      this.#claims.set(peer.shortId, { owner: peer, others: [] });
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
   * Takes back the claim of a peer; returns whether the short ID went to another. One that becomes free stays in the table,
   * so that its reuse is noticed.
   */
  delete(peer: Peer): boolean {
    const claims = this.#claims.get(peer.shortId);
    if (claims === undefined) return false;
    const { others } = claims;
    if (claims.owner !== peer) {
      const at = others.indexOf(peer);
      if (at >= 0) others.splice(at, 1);
      return false;
    }
    if (others.length === 0) {
      claims.owner = undefined;
      return false;
    }
    const heir = others.reduce((lowest, other) => (other.name < lowest.name ? other : lowest));
    others.splice(others.indexOf(heir), 1);
    claims.owner = heir;
    return true;
  }

  /** A short ID that nobody has: by 10 random tries, then a random one of those left; undefined if all are taken. */
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

import type { Flavour } from "../peer-name.ts";
import { decodeUpdate, type PeerDescription } from "../topology/index.ts";

/** What an update said that was not known before. */
export interface TopologyDifference {
  /** Peers that it described. */
  readonly described: number;
  /** Of these, those of which nothing was new. */
  readonly repeated: number;
  /** One line for each piece of news. */
  readonly news: readonly string[];
  /** Set if the update cannot be read. */
  readonly fault?: string;
}

/** What the updates of a session have told so far. */
export class TopologyKnowledge {
  readonly #peers = new Map<string, PeerDescription>();

  /** Every peer that was described, as last described. */
  get peers(): readonly PeerDescription[] {
    return [...this.#peers.values()];
  }

  /** A peer by its name. */
  get(name: string): PeerDescription | undefined {
    return this.#peers.get(name);
  }

  /** A name with the nickname, if that was told. */
  label(name: string): string {
    const nickName = this.#peers.get(name)?.nickName;
    return nickName === undefined || nickName === "" ? name : `${name}(${nickName.toWellFormed()})`;
  }

  /** Takes in an update and tells what was new in it. */
  apply(update: Uint8Array, flavour: Flavour): TopologyDifference {
    let peers: readonly PeerDescription[];
    try {
      peers = decodeUpdate(update, flavour).peers;
    } catch (error) {
      return { described: 0, repeated: 0, news: [], fault: (error as Error).message };
    }
    const news: string[] = [];
    let repeated = 0;
    // Nicknames first, so that connections name peers that come later in the same update.
    const before = new Map(peers.map((peer) => [peer.name as string, this.#peers.get(peer.name)]));
    for (const peer of peers) {
      const known = before.get(peer.name);
      if (known === undefined || isNewer(peer, known)) this.#peers.set(peer.name, peer);
    }
    for (const peer of peers) {
      const known = before.get(peer.name);
      if (known !== undefined && !isNewer(peer, known)) {
        repeated++;
        continue;
      }
      this.#tell(peer, known, news);
    }
    return { described: peers.length, repeated, news };
  }

  #tell(peer: PeerDescription, known: PeerDescription | undefined, news: string[]): void {
    const label = this.label(peer.name);
    const shortId = peer.hasShortId ? `short ID ${peer.shortId}` : "no short ID";
    if (known === undefined) {
      news.push(`+ peer ${label}: UID ${peer.uid}, version ${peer.version}, ${shortId}`);
    } else if (known.uid !== peer.uid) {
      news.push(
        `~ peer ${label}: restarted, UID ${known.uid} -> ${peer.uid}, version ${peer.version}, ${shortId}`,
      );
    } else {
      const changes = [`version ${known.version} -> ${peer.version}`];
      if (known.nickName !== peer.nickName) changes.push(`nickname was ${known.nickName.toWellFormed()}`);
      if (known.shortId !== peer.shortId || known.hasShortId !== peer.hasShortId) changes.push(shortId);
      news.push(`~ peer ${label}: ${changes.join(", ")}`);
    }
    const old = new Map(known?.connections.map((connection) => [connection.name, connection]));
    for (const connection of peer.connections) {
      const was = old.get(connection.name);
      old.delete(connection.name);
      const verb = connection.outbound ? "dialled" : "accepted";
      const state = connection.established ? "established" : "pending";
      const text = `${label} ${verb} ${this.label(connection.name)} at ${connection.remoteAddress.toWellFormed()}`;
      if (was === undefined) news.push(`  + ${text}, ${state}`);
      else if (was.established !== connection.established) news.push(`  ~ ${text}: now ${state}`);
      else if (was.remoteAddress !== connection.remoteAddress || was.outbound !== connection.outbound) {
        news.push(`  ~ ${text}, ${state}: another connection than before`);
      }
    }
    for (const name of old.keys()) news.push(`  - ${label} is no longer connected to ${this.label(name)}`);
  }
}

/** The original's order of descriptions of one peer (peers.go, applyDecodedUpdate). */
function isNewer(peer: PeerDescription, known: PeerDescription): boolean {
  if (peer.version !== known.version) return peer.version > known.version;
  if (peer.uid !== known.uid) return peer.uid > known.uid;
  return peer.hasShortId && !known.hasShortId;
}

import { cutText } from "../go-text/index.ts";
import type { Flavour } from "../peer-name.ts";
import { decodeUpdate, type PeerDescription } from "../topology/index.ts";
import { MemoryBudget } from "./memory-budget.ts";

/** The memory, in bytes, for the peers that are remembered of all sessions that are read together. */
export const maxKnowledgeBytes = 64 * 1024 * 1024;
/** The most lines of news of one update. */
export const maxNewsLines = 10_000;
/** The most bytes of a name, nickname or address in a line of news. */
const maxLabelBytes = 256;
/** About the memory of a peer and of a connection, without their texts. */
const peerCost = 400;
const connectionCost = 200;

/** An update's difference to what was known before. */
export interface TopologyDifference {
  /** Peers that it described. */
  readonly described: number;
  /** Of these, those of which nothing was new. */
  readonly repeated: number;
  /** One line for each piece of news, at most 10,000; the last one then says how many were left out. */
  readonly news: readonly string[];
  /** Set if the update cannot be read. */
  readonly fault?: string;
}

/**
 * The peers that the updates of a session have described so far. Peers for which the budget has no memory are not
 * remembered: they count as new again when they are described again.
 */
export class TopologyKnowledge {
  readonly #budget: MemoryBudget;
  readonly #peers = new Map<string, PeerDescription>();
  #taken = 0;
  #unremembered = 0;

  /** `budget` is the memory, which other sessions may share. Default: 64 MiB of its own. */
  constructor(budget: MemoryBudget = new MemoryBudget(maxKnowledgeBytes)) {
    this.#budget = budget;
  }

  /** The number of descriptions for which there was no memory. */
  get unremembered(): number {
    return this.#unremembered;
  }

  /** Forgets all peers and gives back their memory. */
  release(): void {
    this.#budget.release(this.#taken);
    this.#taken = 0;
    this.#peers.clear();
  }

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
    const shown = shownText(name);
    return nickName === undefined || nickName === "" ? shown : `${shown}(${shownText(nickName)})`;
  }

  /** Takes in an update and tells what was new in it. */
  apply(update: Uint8Array, flavour: Flavour): TopologyDifference {
    let peers: readonly PeerDescription[];
    try {
      peers = decodeUpdate(update, flavour).peers;
    } catch (error) {
      return { described: 0, repeated: 0, news: [], fault: (error as Error).message };
    }
    const news = new News();
    let repeated = 0;
    // Nicknames first, so that connections name peers that come later in the same update.
    const before = new Map(peers.map((peer) => [peer.name as string, this.#peers.get(peer.name)]));
    for (const peer of peers) {
      const known = before.get(peer.name);
      if (known === undefined || isNewer(peer, known)) this.#remember(peer);
    }
    for (const peer of peers) {
      const known = before.get(peer.name);
      if (known !== undefined && !isNewer(peer, known)) {
        repeated++;
        continue;
      }
      this.#tell(peer, known, news);
    }
    return { described: peers.length, repeated, news: news.lines() };
  }

  #remember(peer: PeerDescription): void {
    const old = this.#peers.get(peer.name);
    const more = costOf(peer) - (old === undefined ? 0 : costOf(old));
    if (more > 0 && !this.#budget.take(more)) {
      this.#unremembered++;
      return;
    }
    if (more < 0) this.#budget.release(-more);
    this.#taken += more;
    this.#peers.set(peer.name, peer);
  }

  #tell(peer: PeerDescription, known: PeerDescription | undefined, news: News): void {
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
      if (known.nickName !== peer.nickName) changes.push(`nickname was ${shownText(known.nickName)}`);
      if (known.shortId !== peer.shortId || known.hasShortId !== peer.hasShortId) changes.push(shortId);
      news.push(`~ peer ${label}: ${changes.join(", ")}`);
    }
    const old = new Map(known?.connections.map((connection) => [connection.name, connection]));
    for (const connection of peer.connections) {
      const was = old.get(connection.name);
      old.delete(connection.name);
      const verb = connection.outbound ? "dialled" : "accepted";
      const state = connection.established ? "established" : "pending";
      const text = `${label} ${verb} ${this.label(connection.name)} at ${shownText(connection.remoteAddress)}`;
      if (was === undefined) news.push(`  + ${text}, ${state}`);
      else if (was.established !== connection.established) news.push(`  ~ ${text}: now ${state}`);
      else if (was.remoteAddress !== connection.remoteAddress || was.outbound !== connection.outbound) {
        news.push(`  ~ ${text}, ${state}: another connection than before`);
      }
    }
    for (const name of old.keys()) news.push(`  - ${label} is no longer connected to ${this.label(name)}`);
  }
}

/** Lines of news, up to {@link maxNewsLines}; further ones are counted. */
class News {
  readonly #lines: string[] = [];
  #leftOut = 0;

  push(line: string): void {
    if (this.#lines.length < maxNewsLines - 1) this.#lines.push(line);
    else this.#leftOut++;
  }

  lines(): readonly string[] {
    return this.#leftOut === 0 ? this.#lines : [...this.#lines, `and ${this.#leftOut} more pieces of news`];
  }
}

function shownText(text: string): string {
  return cutText(text, maxLabelBytes).toWellFormed();
}

/** About the memory that a description takes, in bytes. */
function costOf({ nickName, connections }: PeerDescription): number {
  let cost = peerCost + 2 * nickName.length + connections.length * connectionCost;
  for (const { remoteAddress } of connections) cost += 2 * remoteAddress.length;
  return cost;
}

/** The original's order of descriptions of one peer (peers.go, applyDecodedUpdate). */
function isNewer(peer: PeerDescription, known: PeerDescription): boolean {
  if (peer.version !== known.version) return peer.version > known.version;
  if (peer.uid !== known.uid) return peer.uid > known.uid;
  return peer.hasShortId && !known.hasShortId;
}

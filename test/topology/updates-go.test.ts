import { isDeepStrictEqual } from "node:util";
import test from "ava";
import { encodeUtf8 } from "../../src/gob/index.ts";
import { type Flavour, PeerName } from "../../src/peer-name.ts";
import {
  type ConnectionRecord,
  decodeUpdate,
  encodeUpdate,
  LocalPeer,
  Peer,
  Peers,
  RemoteConnection,
  TopologyError,
} from "../../src/topology/index.ts";
import type { Random } from "../../src/transport/index.ts";
import { readFixture } from "./fixtures.ts";

/** Bytes in hex, 64-bit numbers in decimal. */
interface PeerRecord {
  nameByte: string;
  nickName: string;
  uid: string;
  version: string;
  shortId: number;
  hasShortId: boolean;
  connections: { nameByte: string; address: string; outbound: boolean; established: boolean }[];
}

interface Step {
  do: "gossip" | "broadcast" | "connect" | "disconnect" | "collect";
  update?: string;
  connect?: {
    name: PeerName;
    nickName: string;
    uid: string;
    shortId?: number;
    address: string;
    established: boolean;
  };
  name?: PeerName;
  /** The update is cut short or has a byte changed; it may be valid yet. */
  damaged?: boolean;
  refused?: boolean;
  relayed?: PeerName[];
  invalidated?: number;
  collected?: PeerName[];
  peers?: Record<PeerName, PeerRecord>;
  shortIds?: Record<string, PeerName>;
}

interface Sequence {
  name: PeerName;
  uid: string;
  shortId: number;
  steps: Step[];
}

interface UpdatesFixture {
  flavour: Flavour;
  updates: number;
  sequences: Sequence[];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

/** Our peers, fed with what the Go router was fed with. */
class Replay {
  readonly ourself: LocalPeer;
  readonly peers: Peers;
  readonly connections = new Map<PeerName, ConnectionRecord>();
  /** The short ID that the Go router drew when it had to choose another. */
  nextShortId = 0;
  invalidated = 0;
  collected: PeerName[] = [];

  constructor(flavour: Flavour, { name, uid, shortId }: Sequence) {
    const random: Random = { bytes: () => new Uint8Array(8), int: () => this.nextShortId };
    this.ourself = new LocalPeer({ name, nickName: "ourself", uid: BigInt(uid), shortId });
    this.peers = new Peers(this.ourself, {
      random,
      flavour,
      on: {
        removed: (peer) => this.collected.push(peer.name),
        shortIdsInvalidated: () => this.invalidated++,
      },
    });
  }

  /** Does what the step says; returns what would be relayed, undefined if the update was refused. */
  do(step: Step): ReadonlySet<PeerName> | undefined {
    this.invalidated = 0;
    this.collected = [];
    switch (step.do) {
      case "gossip":
        return this.#apply(step)?.changed;
      case "broadcast":
        return this.#apply(step)?.described;
      case "connect":
        this.#connect(step.connect!);
        break;
      case "disconnect":
        this.#disconnect(step.name!);
        break;
      case "collect":
        this.peers.garbageCollect();
        break;
    }
    return new Set();
  }

  #apply(step: Step) {
    try {
      return this.peers.applyUpdate(unhex(step.update ?? ""));
    } catch (error) {
      if (error instanceof TopologyError) return undefined;
      throw error;
    }
  }

  #connect({ name, nickName, uid, shortId, address, established }: NonNullable<Step["connect"]>): void {
    const remote = this.peers.fetchWithDefault(new Peer({ name, nickName, uid: BigInt(uid), shortId }));
    const connection = new RemoteConnection(remote, address, false, established);
    this.connections.set(name, connection);
    this.ourself.addConnection(connection);
    if (established) this.ourself.connectionEstablished(connection);
  }

  #disconnect(name: PeerName): void {
    const connection = this.connections.get(name)!;
    this.peers.dereference(connection.remote);
    this.ourself.deleteConnection(connection);
    this.peers.garbageCollect();
  }

  records(): Map<PeerName, PeerRecord> {
    return new Map(Array.from(this.peers, (peer) => [peer.name, recordOf(peer)]));
  }
}

function recordOf(peer: Peer): PeerRecord {
  const connections = Array.from(peer.connections.values(), (connection) => ({
    nameByte: hex(connection.remote.nameBytes),
    address: hex(encodeUtf8(connection.remoteAddress)),
    outbound: connection.outbound,
    established: connection.established,
  }));
  return {
    nameByte: hex(peer.nameBytes),
    nickName: hex(encodeUtf8(peer.nickName)),
    uid: String(peer.uid),
    version: String(peer.version),
    shortId: peer.shortId,
    hasShortId: peer.hasShortId,
    connections: connections.sort((a, b) => (a.nameByte < b.nameByte ? -1 : 1)),
  };
}

function sorted<T>(byName: ReadonlyMap<PeerName, T>): [PeerName, T][] {
  return [...byName].sort(([a], [b]) => PeerName.compare(a, b));
}

/**
 * Whether two peers with the same short ID came or went in one step. Go adds and collects them in the random order of a map,
 * and by that order the short ID passes from one to the other, which counts as an invalidation, or does not.
 */
function dependsOnMapOrder(step: Step, before: ReadonlyMap<PeerName, PeerRecord>): boolean {
  const came = Object.entries(step.peers ?? {}).flatMap(([name, record]) =>
    before.has(name as PeerName) ? [] : [record],
  );
  const went = (step.collected ?? []).map((name) => before.get(name)!);
  const shortIds = [...came, ...went].filter((peer) => peer.hasShortId).map((peer) => peer.shortId);
  return new Set(shortIds).size < shortIds.length;
}

for (const flavour of ["mac", "hash"] as const) {
  const fixture = readFixture<UpdatesFixture>(`updates-${flavour}.json.gz`);

  test(`peers, ${flavour}: after each of 2,000 random updates all is as in a Go router fed the same`, (t) => {
    t.is(fixture.flavour, flavour);
    t.true(fixture.updates >= 2000);
    for (const [number, sequence] of fixture.sequences.entries()) {
      const replay = new Replay(flavour, sequence);
      const expected = replay.records();
      const owners = new Map<number, PeerName>();
      for (const [at, step] of sequence.steps.entries()) {
        const where = `sequence ${number}, step ${at}: ${step.do}`;
        replay.nextShortId = step.peers?.[sequence.name]?.shortId ?? 0;
        const relayed = replay.do(step);
        t.is(relayed === undefined, step.refused ?? false, where);
        t.is([...(relayed ?? [])].sort().join(), (step.relayed ?? []).join(), `${where}, relayed`);
        if (!dependsOnMapOrder(step, expected)) {
          t.is(replay.invalidated, step.invalidated ?? 0, `${where}, short IDs invalidated`);
        }
        t.is(replay.collected.sort().join(), (step.collected ?? []).join(), `${where}, collected`);
        for (const name of step.collected ?? []) expected.delete(name);
        for (const [name, record] of Object.entries(step.peers ?? {})) expected.set(name as PeerName, record);
        const [ours, theirs] = [sorted(replay.records()), sorted(expected)];
        // Much quicker than an assertion, which is for showing the difference.
        if (!isDeepStrictEqual(ours, theirs)) t.deepEqual(ours, theirs, `${where}, peers`);
        for (const [shortId, name] of Object.entries(step.shortIds ?? {})) owners.set(Number(shortId), name);
        for (const [shortId, name] of owners) {
          t.is(
            replay.peers.byShortId(shortId)?.name,
            name === "" ? undefined : name,
            `${where}, short ID ${shortId}`,
          );
        }
      }
    }
  });

  test(`topology update, ${flavour}: what Go encoded is the same bytes after decoding and encoding`, (t) => {
    for (const { steps } of fixture.sequences) {
      for (const { update, damaged } of steps) {
        if (update === undefined || damaged) continue;
        const { peers, types } = decodeUpdate(unhex(update), flavour);
        t.is(hex(encodeUpdate(peers, types)), update);
      }
    }
  });
}

import test from "ava";
import fc from "fast-check";
import { PeerName } from "../../src/peer-name.ts";
import { encodeUpdate, Peer, shortIdCount } from "../../src/topology/index.ts";
import { ShortIds } from "../../src/topology/short-ids.ts";
import { connect, description, meshOf, nameOf } from "./fixtures.ts";

/** A mesh in which we are number 10, with what others hear counted. */
function observed(shortId = 1) {
  const heard = { invalidated: 0, announced: 0 };
  const mesh = meshOf({
    name: nameOf(10),
    shortId,
    on: { shortIdsInvalidated: () => heard.invalidated++, localPeerChanged: () => heard.announced++ },
  });
  const add = (number: number, id: number) =>
    mesh.peers.fetchWithDefault(new Peer({ name: nameOf(number), uid: 1n, shortId: id }));
  return { ...mesh, heard, add };
}

test("short IDs: the first use of one is no invalidation", (t) => {
  const { peers, heard, add } = observed();
  const peer = add(20, 5);
  t.is(peers.byShortId(5), peer);
  t.deepEqual(heard, { invalidated: 0, announced: 0 });
});

test("short IDs: the lowest name has it, whoever came first", (t) => {
  const { peers, heard, add } = observed();
  add(21, 5);
  add(22, 5);
  t.is(peers.byShortId(5)?.name, nameOf(21));
  t.is(heard.invalidated, 0);
  add(20, 5);
  t.is(peers.byShortId(5)?.name, nameOf(20));
  t.is(heard.invalidated, 1);
});

test("short IDs: when the owner goes, the lowest of the others takes over; when the last one goes, it is free", (t) => {
  const { peers, heard, add } = observed();
  const others = [23, 21, 22].map((number) => add(number, 5));
  const [peer23, peer21, peer22] = others as [Peer, Peer, Peer];
  t.is(peers.byShortId(5), peer21);
  heard.invalidated = 0;
  for (const [gone, next, invalidations] of [
    [peer21, peer22, 1],
    [peer22, peer23, 2],
    [peer23, undefined, 2],
  ] as const) {
    peers.dereference(gone);
    peers.garbageCollect();
    t.is(peers.byShortId(5), next);
    t.is(heard.invalidated, invalidations);
  }
  add(24, 5);
  t.is(heard.invalidated, 3, "its reuse is an invalidation");
});

test("short IDs: when we lose ours we take another, which is announced and a version more", (t) => {
  const { ourself, peers, heard, add } = observed(5);
  const lower = add(9, 5);
  t.is(peers.byShortId(5), lower);
  t.not(ourself.shortId, 5);
  t.is(peers.byShortId(ourself.shortId), ourself);
  t.is(ourself.version, 1n);
  t.deepEqual(heard, { invalidated: 1, announced: 1 });
});

test("short IDs: a higher name that claims ours gets nothing", (t) => {
  const { ourself, peers, heard, add } = observed(5);
  add(11, 5);
  t.is(peers.byShortId(5), ourself);
  t.deepEqual(heard, { invalidated: 0, announced: 0 });
});

test("short IDs: with all but one taken we find the one", (t) => {
  const { ourself, peers, add } = observed(0);
  for (let id = 1; id < shortIdCount; id++) if (id !== 1234) add(100 + id, id);
  add(9, 0);
  t.is(ourself.shortId, 1234);
  t.is(peers.byShortId(1234), ourself);
});

test("short IDs: with none free we try again after a collection that removes a peer", (t) => {
  const { ourself, peers, heard, add } = observed(0);
  for (let id = 1; id < shortIdCount; id++) add(100 + id, id);
  add(9, 0);
  t.is(ourself.shortId, 0);
  t.is(heard.announced, 0);
  peers.garbageCollect();
  t.is(heard.announced, 0, "nothing was removed");
  peers.dereference(peers.get(nameOf(100 + 77))!);
  peers.garbageCollect();
  t.is(ourself.shortId, 77);
  t.is(heard.announced, 1);
});

test("short IDs: those of gossip may lie above 12 bits and take none from us", (t) => {
  const { peers } = observed();
  const peer = description(nameOf(20), [], { shortId: 0xffff, hasShortId: true });
  peers.applyUpdate(encodeUpdate([peer]));
  t.is(peers.byShortId(0xffff)?.name, nameOf(20));
});

test("short IDs: a peer without one claims none, whatever number it gives", (t) => {
  const { peers } = observed();
  peers.applyUpdate(encodeUpdate([description(nameOf(20), [], { shortId: 7, hasShortId: false })]));
  t.is(peers.byShortId(7), undefined);
  peers.applyUpdate(encodeUpdate([description(nameOf(20), [], { shortId: 7, hasShortId: true })]));
  t.is(peers.byShortId(7)?.name, nameOf(20), "having one is news at the same version");
});

test("short IDs: a peer that changes its own gives the old one up", (t) => {
  const { peers, heard } = observed();
  connect(peers, nameOf(20));
  peers.applyUpdate(encodeUpdate([description(nameOf(20), [], { shortId: 7, hasShortId: true })]));
  peers.applyUpdate(
    encodeUpdate([description(nameOf(20), [], { shortId: 8, hasShortId: true, version: 2n })]),
  );
  t.is(peers.byShortId(7), undefined);
  t.is(peers.byShortId(8)?.name, nameOf(20));
  t.is(heard.invalidated, 0);
});

test("short IDs: whoever comes and goes, few or many, the lowest name that claims one has it", (t) => {
  const step = fc.record({
    number: fc.integer({ min: 0, max: 59 }),
    shortId: fc.constantFrom(5, 5, 5, 6),
    leave: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const ids = new ShortIds();
      const claiming = new Map<number, Peer>();
      for (const { number, shortId, leave } of steps) {
        const claim = claiming.get(number);
        if (claim === undefined) {
          const peer = new Peer({ name: nameOf(number), shortId });
          const owner = lowest(claiming, shortId);
          const { displaced } = ids.add(peer);
          claiming.set(number, peer);
          if (displaced !== (owner !== undefined && owner.name > peer.name ? owner : undefined)) return false;
        } else if (leave) {
          const owner = lowest(claiming, claim.shortId);
          claiming.delete(number);
          const heir = lowest(claiming, claim.shortId);
          if (ids.delete(claim) !== (owner === claim && heir !== undefined)) return false;
        }
        if ([5, 6].some((id) => ids.owner(id) !== lowest(claiming, id))) return false;
      }
      return true;
    }),
    { numRuns: 200 },
  );
  t.pass();
});

/** The one of these peers with the lowest name that claims a short ID. */
function lowest(claiming: ReadonlyMap<number, Peer>, shortId: number): Peer | undefined {
  const claimants = [...claiming.values()].filter((peer) => peer.shortId === shortId);
  return claimants.sort((a, b) => PeerName.compare(a.name, b.name))[0];
}

import test from "ava";
import { PeerName } from "../../src/peer-name.ts";
import {
  DialLimiter,
  discoveredAttemptsPerSecond,
  maxDiscoveredAttempts,
} from "../../src/router/dial-limiter.ts";
import {
  Discovery,
  discoveredAddress,
  freeSearchSteps,
  maxDiscoveredAddressLength,
  maxDiscoveredTargets,
  maxReplacements,
  replacementMs,
  searchStepsPerMs,
} from "../../src/router/discovery.ts";
import { Multiset } from "../../src/router/multiset.ts";
import { Target } from "../../src/router/target.ts";
import { seededRandom, VirtualClock } from "../../src/testing.ts";
import { LocalPeer, Peer, Peers, RemoteConnection } from "../../src/topology/index.ts";

const name = (index: number): PeerName => PeerName.fromUint(BigInt(index));
const remote = new Peer({ name: name(0xffff) });
const at = (address: string, outbound = true) => new RemoteConnection(remote, address, outbound, true);

test("discovery: takes IP addresses in canonical form, the port of dialled ones, ours for the others", (t) => {
  const ours = 6783;
  const cases: [string, boolean, string | undefined][] = [
    ["10.0.0.7:1234", true, "10.0.0.7:1234"],
    ["10.0.0.7:1234", false, "10.0.0.7:6783"],
    ["10.0.0.7:01234", true, "10.0.0.7:1234"],
    ["[fd00::1]:1234", true, "[fd00::1]:1234"],
    ["[FD00:0:0::1]:1234", false, "[fd00::1]:6783"],
    ["[fe80::1%eth0]:1234", true, "[fe80::1%eth0]:1234"],
    ["[::ffff:10.0.0.7]:1", true, "10.0.0.7:1"],
    ["10.0.0.7:0", true, undefined],
    ["10.0.0.7:65536", true, undefined],
    ["10.0.0.7:http", true, undefined],
    ["10.0.0.7:", true, undefined],
    ["10.0.0.7", true, undefined],
    ["fd00::1:1234", true, undefined],
    ["peer.example:6783", true, undefined],
    ["peer.example:6783", false, undefined],
    ["localhost:6783", true, undefined],
    ["", true, undefined],
    [":6783", true, undefined],
    ["10.0.0.7\n:6783", true, undefined],
    [`[fe80::1%${"e".repeat(maxDiscoveredAddressLength)}]:1234`, true, undefined],
  ];
  for (const [address, outbound, expected] of cases) {
    t.is(discoveredAddress(at(address, outbound), ours), expected, address);
  }
});

/** A discovery in a mesh in which one peer has the given connections to peers unknown to us. */
function meshOf(addresses: readonly string[]) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = seededRandom("discovery");
  const ourself = new LocalPeer({ name: name(1), nickName: "", uid: 1n, shortId: 1 });
  const peers = new Peers(ourself, { random, flavour: "mac" });
  const other = peers.fetchWithDefault(new Peer({ name: name(2) }));
  other.connections = new Map(
    addresses.map((address, i) => [
      name(100 + i),
      new RemoteConnection(new Peer({ name: name(100 + i) }), address, true, true),
    ]),
  );
  const targets = new Map<string, Target>();
  const connected = { names: new Multiset(), addresses: new Multiset() };
  const host = { clock, random, ourself, peers, port: 6783 };
  return { clock, targets, connected, other, discovery: new Discovery(host, targets, connected) };
}

const address = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:6783`;

test("discovery: keeps a limited number of targets, and replaces failed ones until all had their turn", (t) => {
  const count = maxDiscoveredTargets + 500;
  const { clock, targets, discovery } = meshOf(Array.from({ length: count }, (_, i) => address(i)));
  const seen = new Set<string>();
  let now = clock.now();
  let searches = 0;
  while (seen.size < count && searches++ < 200) {
    t.is(discovery.run(now), replacementMs);
    t.is(targets.size, maxDiscoveredTargets);
    let fresh = 0;
    for (const [each, target] of targets) {
      if (!seen.has(each)) fresh++;
      seen.add(each);
      target.failed(new Error("refused"), undefined);
    }
    if (searches > 1) t.true(fresh <= maxReplacements);
    t.is(discovery.run(now + replacementMs - 1), 1, "not before");
    now += replacementMs;
  }
  t.is(seen.size, count);
});

test("discovery: targets that are dialled, connected or named are not replaced", (t) => {
  const { clock, targets, discovery } = meshOf(
    Array.from({ length: maxDiscoveredTargets + 1000 }, (_, i) => address(i)),
  );
  discovery.run(clock.now());
  const first = [...targets.keys()];
  for (const [index, target] of [...targets.values()].entries()) {
    target.failed(new Error("refused"), undefined);
    if (index % 2 === 0) target.state = index % 4 === 0 ? "attempting" : "connected";
    else target.namedAt = 1;
  }
  discovery.run(clock.now() + replacementMs);
  t.deepEqual([...targets.keys()], first);
});

test("discovery: searches only after a change, and pauses in proportion to a large search", (t) => {
  const small = meshOf([address(1)]);
  const now = small.clock.now();
  t.is(small.discovery.run(now), Number.POSITIVE_INFINITY);
  const target = small.targets.get(address(1))!;
  small.other.connections = new Map();
  small.discovery.run(now);
  t.true(small.discovery.found(target), "nothing was reported as changed");
  small.discovery.request();
  small.discovery.run(now);
  t.false(small.discovery.found(target));

  const steps = freeSearchSteps * 4;
  const large = meshOf(Array.from({ length: steps }, () => "nowhere"));
  large.discovery.run(now);
  large.discovery.request();
  const pause = large.discovery.run(now);
  t.true(pause >= steps / searchStepsPerMs && pause < steps / searchStepsPerMs + 1, `${pause} ms`);
  large.other.connections = new Map();
  t.is(large.discovery.run(now + pause), Number.POSITIVE_INFINITY);
});

test("dial limiter: admits a burst, then a rate, those due longest first; named targets always", (t) => {
  const now = Date.UTC(2026, 0, 1);
  const limiter = new DialLimiter(now);
  const make = (count: number, named = false) =>
    Array.from({ length: count }, (_, i) => ({ address: `${i}`, target: new Target(now - i), named }));
  const all = make(5000);
  const burst = limiter.admit([...all, ...make(10, true)], now);
  t.is(burst.length, maxDiscoveredAttempts + 10);
  t.deepEqual(
    burst.slice(0, maxDiscoveredAttempts).map(({ target }) => target),
    all.slice(-maxDiscoveredAttempts).map(({ target }) => target),
  );
  const rest = all.slice(0, -maxDiscoveredAttempts);
  // All places are taken until attempts end, however much time passes.
  t.is(limiter.admit(rest, now + 60_000).length, 0);
  for (const { target } of burst) limiter.ended(target);
  let admitted = 0;
  let at = now;
  for (let i = 0; i < 100; i++) {
    const some = limiter.admit(rest, at);
    admitted += some.length;
    for (const { target } of some) {
      limiter.ended(target);
      target.tryAfterMs = at;
    }
    at += 100;
  }
  t.true(admitted <= 10 * discoveredAttemptsPerSecond + 1, `${admitted} in 10 s`);
  t.true(admitted >= 9 * discoveredAttemptsPerSecond);
});

test("dial limiter: tells when others wait for the end of an attempt", (t) => {
  const now = Date.UTC(2026, 0, 1);
  const limiter = new DialLimiter(now);
  const due = Array.from({ length: maxDiscoveredAttempts + 1 }, (_, i) => {
    return { address: `${i}`, target: new Target(now), named: false };
  });
  const admitted = limiter.admit(due, now);
  t.false(limiter.short);
  t.true(limiter.ended(admitted[0]!.target));
  t.false(limiter.ended(admitted[0]!.target), "an attempt ends once");
});

test("target: keeps the text of its last error alone, cut", (t) => {
  const target = new Target(0);
  target.failed(new Error("x".repeat(100_000)), { reason: undefined, text: "because" });
  t.is(target.lastError, `${"x".repeat(1024)}... (100,000 bytes)`);
  t.is(target.explanation?.text, "because");
  t.is(target.state, "waiting");
});

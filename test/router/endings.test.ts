import test, { type ExecutionContext } from "ava";
import * as gob from "../../src/gob/index.ts";
import { PeerName, type RouterOptions } from "../../src/index.ts";
import { encodeBroadcast, encodeGossip, encodeUnicast, type Features, Tag } from "../../src/wire/index.ts";
import { bytes, record, TestMesh, type TestPeer } from "./mesh.ts";
import { RawPeer, rawFeatures } from "./raw-peer.ts";

/** A way in which a connection ends badly. */
interface Ending {
  readonly title: string;
  readonly options?: Partial<RouterOptions>;
  /** What the other side does. */
  readonly act: (mesh: TestMesh, peer: TestPeer) => Promise<RawPeer>;
  /** How long until it has its effect, in milliseconds. */
  readonly afterMs?: number;
  /** The error's code. */
  readonly code: string;
  /** The end of the log line about it, in the original's words. */
  readonly text: string | RegExp;
}

const raw = PeerName.parse("::63");

/** Joins with features that differ from an honest peer's. */
const introduce =
  (changes: Record<string, string | undefined>, options: { maxVersion?: number } = {}) =>
  (mesh: TestMesh, peer: TestPeer): Promise<RawPeer> =>
    RawPeer.join(mesh, peer, { features: rawFeatures(changes) as Features, ...options });

/** Joins honestly, then sends one message. */
const say =
  (tag: number, body: (peer: TestPeer) => Uint8Array, maxVersion = 2) =>
  async (mesh: TestMesh, peer: TestPeer): Promise<RawPeer> => {
    const other = await RawPeer.join(mesh, peer, { maxVersion });
    other.send(tag, body(peer));
    return other;
  };

/** Connects and sends bytes as they are, then perhaps finishes. */
const blurt =
  (text: number[], finish = false) =>
  async (mesh: TestMesh, peer: TestPeer): Promise<RawPeer> => {
    const other = await RawPeer.dial(mesh, peer);
    other.sendBytes(...text);
    if (finish) void other.socket.close();
    return other;
  };

const header = [...bytes("weave"), 1, 2];
const name = (text: string): Uint8Array => gob.encode(gob.string, text);
const timeout = /: read tcp 10\.0\.0\.1:6783->10\.0\.0\.99:\d+: i\/o timeout$/;

const endings: Ending[] = [
  {
    title: "random bytes for a header",
    act: blurt([...bytes("GET / HTTP/1.1\r\n")]),
    code: "header-not-recognised",
    text: "connection shutting down due to error during handshake: remote protocol header not recognised: [71 69 84 32 47]",
  },
  {
    title: "half a header, then the end",
    act: blurt(header.slice(0, 3), true),
    code: "header-incomplete",
    text: "received incomplete remote protocol header (3 octets instead of 7): [119 101 97]; error: unexpected EOF",
  },
  {
    title: "the end at once",
    act: blurt([], true),
    code: "header-missing",
    text: "failed to receive remote protocol header: EOF",
  },
  {
    title: "silence instead of a header, for 10 s",
    act: blurt([]),
    afterMs: 10_000,
    code: "header-missing",
    text: /failed to receive remote protocol header: read tcp .*: i\/o timeout$/,
  },
  {
    title: "silence in the middle of the handshake, for 60 s",
    act: blurt(header),
    afterMs: 60_000,
    code: "connection-lost",
    text: timeout,
  },
  {
    title: "no common version",
    options: { protocolMinVersion: 2 },
    act: blurt([...bytes("weave"), 1, 1]),
    code: "version-incompatible",
    text: "remote version range [1,1] is incompatible with ours [2,2]",
  },
  {
    title: "an encryption flag that does not exist",
    act: blurt([...header, 7]),
    code: "bad-encryption-flag",
    text: "Bad encryption flag 7",
  },
  {
    title: "a password where we have none",
    act: (mesh, peer) => RawPeer.join(mesh, peer, { password: bytes("secret") }),
    code: "encryption-unexpected",
    text: "no password specificed, but peer requested an encrypted connection",
  },
  {
    title: "no password where we have one",
    options: { password: "secret" },
    act: (mesh, peer) => RawPeer.join(mesh, peer),
    code: "encryption-expected",
    text: "password specified, but peer requested an unencrypted connection",
  },
  {
    title: "another password",
    options: { password: "secret" },
    act: (mesh, peer) => RawPeer.join(mesh, peer, { password: bytes("guess") }),
    code: "cannot-decrypt",
    text: "Unable to decrypt TCP msg",
  },
  {
    title: "features that are not gob",
    act: blurt([...header, 0, 0, 0, 0, 2, 0x55, 0xaa]),
    code: "malformed-features",
    text: /connection shutting down due to error during handshake: /,
  },
  ...["PeerNameFlavour", "Name", "NickName", "UID", "ConnID"].map((feature) => ({
    title: `features without ${feature}`,
    act: introduce({ [feature]: undefined }),
    code: "missing-feature",
    text: `field ${feature} is missing`,
  })),
  {
    title: "another flavour of names",
    act: introduce({ PeerNameFlavour: "hash", Name: "00".repeat(16) }),
    code: "flavour-mismatch",
    text: "Peer name flavour mismatch (ours: 'mac', theirs: 'hash')",
  },
  {
    title: "a UID that is no number",
    act: introduce({ UID: "many" }),
    code: "malformed-feature",
    text: 'strconv.ParseUint: parsing "many": invalid syntax',
  },
  {
    title: "a short ID of more than 12 bits",
    act: introduce({ ShortID: "4096" }),
    code: "malformed-feature",
    text: 'strconv.ParseUint: parsing "4096": value out of range',
  },
  {
    title: "a name that is none",
    act: introduce({ Name: "nobody" }),
    code: "malformed-feature",
    text: 'invalid peer name format: "nobody"',
  },
  {
    title: "our own name with another UID",
    act: introduce({ Name: "00:00:00:00:00:01", NickName: "twin" }),
    code: "name-collision",
    text: 'local "00:00:00:00:00:01(peer-1)" and remote "00:00:00:00:00:01(twin)" peer names collision',
  },
  {
    title: "more connections than the limit",
    options: { connectionLimit: 1 },
    act: async (mesh, peer) => {
      const other = await mesh.start(2);
      other.router.connect([peer.ip]);
      await mesh.clock.advance(100);
      return RawPeer.join(mesh, peer);
    },
    code: "connection-limit",
    text: "Connection limit reached (1)",
  },
  {
    title: "an empty frame is no reason to end, an oversized one is, in version 2",
    act: async (mesh, peer) => {
      const other = await RawPeer.join(mesh, peer);
      other.sendBytes(0, 0, 0, 0);
      other.sendBytes(0x00, 0xa0, 0x00, 0x01);
      return other;
    },
    code: "frame-too-large",
    text: "incoming message exceeds maximum size: 10485761 > 10485760",
  },
  {
    title: "an oversized message in version 1",
    act: async (mesh, peer) => {
      const other = await RawPeer.join(mesh, peer, { maxVersion: 1 });
      // A gob message of 2^32-1 bytes begins.
      other.sendBytes(0xfc, 0xff, 0xff, 0xff, 0xff);
      return other;
    },
    code: "frame-too-large",
    text: /connection shutting down due to error: /,
  },
  {
    title: "a sealed message that does not open",
    options: { password: "secret" },
    act: async (mesh, peer) => {
      const other = await RawPeer.join(mesh, peer, { password: bytes("secret") });
      other.sendBytes(0, 0, 0, 20, ...new Array<number>(20).fill(1));
      return other;
    },
    code: "cannot-decrypt",
    text: "Unable to decrypt TCP msg",
  },
  {
    title: "a message without a channel",
    act: say(Tag.gossip, () => new Uint8Array(0)),
    code: "truncated",
    text: "connection shutting down due to error: EOF",
  },
  {
    title: "a message whose channel is not gob",
    act: say(Tag.gossip, () => Uint8Array.of(3, 1, 2)),
    code: "truncated",
    text: /connection shutting down due to error: /,
  },
  {
    title: "a message that ends after the channel",
    act: say(Tag.broadcast, () => name("talk")),
    code: "truncated",
    text: "connection shutting down due to error: EOF",
  },
  {
    title: "a source of another flavour",
    act: say(Tag.gossip, () => Uint8Array.from([...name("talk"), ...name("name")])),
    code: "malformed-envelope",
    text: /connection shutting down due to error: /,
  },
  {
    title: "a topology update that is not gob",
    act: say(Tag.gossip, () => encodeGossip("topology", raw, Uint8Array.of(9, 9, 9))),
    code: "gossiper-failed",
    text: /connection shutting down due to error: /,
  },
  {
    title: "a topology unicast to us",
    act: say(Tag.unicast, (peer) => encodeUnicast("topology", raw, peer.name, Uint8Array.of(1, 20))),
    code: "unexpected-unicast",
    text: "connection shutting down due to error: unexpected topology gossip unicast: [1 20]",
  },
  {
    title: "a reset in the middle of a frame",
    act: async (mesh, peer) => {
      const other = await RawPeer.join(mesh, peer);
      other.sendBytes(0, 0, 1, 0, 4);
      await mesh.clock.advance(10);
      other.socket.reset();
      return other;
    },
    code: "reset",
    text: /connection shutting down due to error: read tcp .*: read: connection reset by peer$/,
  },
  {
    title: "the end in the middle of a frame",
    act: async (mesh, peer) => {
      const other = await RawPeer.join(mesh, peer);
      other.sendBytes(0, 0, 1, 0, 4);
      void other.socket.close();
      return other;
    },
    code: "truncated",
    text: "connection shutting down due to error: unexpected EOF",
  },
  {
    title: "the end between two messages",
    act: async (mesh, peer) => {
      const other = await RawPeer.join(mesh, peer);
      void other.socket.close();
      return other;
    },
    code: "closed-by-peer",
    text: "connection shutting down due to error: EOF",
  },
  {
    title: "silence for 60 s",
    act: (mesh, peer) => RawPeer.join(mesh, peer),
    afterMs: 60_000,
    code: "timeout",
    text: timeout,
  },
];

/** Its own connection ends, with this error and this line; the router and another connection live on. */
async function check(t: ExecutionContext, ending: Ending): Promise<void> {
  const mesh = new TestMesh(t.title);
  const peer = await mesh.start(1, { peerDiscovery: false, ...ending.options });
  const before = peer.events.length;
  const other = await ending.act(mesh, peer);
  await mesh.clock.advance((ending.afterMs ?? 0) + 100);
  t.like(
    peer.events.slice(before).filter((event) => event.startsWith("connectionclosed")),
    [`connectionclosed ${ending.code}`],
  );
  const line = peer.log.find((each) => each.includes("connection shutting down"));
  if (typeof ending.text === "string") t.true(line?.endsWith(ending.text), line);
  else t.regex(line ?? "", ending.text);
  t.not(other.ended, "no");
  const newcomer = await mesh.start(3, { ...ending.options });
  if (ending.options?.connectionLimit !== undefined) return;
  newcomer.router.connect([peer.ip]);
  await mesh.until(t, "the router lives on", () => newcomer.events.includes("connectionestablished"));
}

for (const ending of endings) test(`endings: ${ending.title} ends its own connection`, check, ending);

test("endings: an error of a gossiper ends the connection that the message came on, and only that", async (t) => {
  for (const kind of ["unicast", "broadcast", "gossip", "late gossip"]) {
    const mesh = new TestMesh(t.title + kind);
    const peer = await mesh.start(1, { peerDiscovery: false });
    const bystander = await mesh.start(2);
    bystander.router.connect([peer.ip]);
    const fail = (): never => {
      throw new Error("no appetite");
    };
    const late = kind === "late gossip" ? async () => fail() : fail;
    record(peer, "talk", { onUnicast: fail, onBroadcast: fail, onGossip: late });
    const other = await RawPeer.join(mesh, peer);
    const payload = bytes("x");
    if (kind === "unicast") other.send(Tag.unicast, encodeUnicast("talk", raw, peer.name, payload));
    else if (kind === "broadcast") other.send(Tag.broadcast, encodeBroadcast("talk", raw, payload));
    else other.send(Tag.gossip, encodeGossip("talk", raw, payload));
    await mesh.clock.advance(200);
    t.deepEqual(
      peer.log.filter((line) => line.includes("shutting down")).map((line) => line.split(": ").slice(1)),
      [["connection shutting down due to error", "no appetite"]],
    );
    t.true(peer.events.includes("connectionclosed gossiper-failed"));
    t.is(peer.router.status().connections.length, 1);
  }
});

test("endings: connecting to oneself is refused, does not count, and is not tried again", async (t) => {
  const mesh = new TestMesh(t.title);
  const peer = await mesh.start(1);
  peer.router.connect([peer.ip]);
  await mesh.clock.advance(600_000);
  const attempts = peer.log.filter((line) => line.includes("attempting connection"));
  t.is(attempts.length, 1);
  t.is(peer.log.filter((line) => line.endsWith("cannot connect to ourself")).length, 2);
  t.is(peer.router.status().terminationCount, 0);
  t.is(peer.router.status().connections[0]?.info, "cannot connect to ourself, retry: never");
});

test("endings: a name collision is not tried again until the target is named anew", async (t) => {
  const mesh = new TestMesh(t.title);
  const peer = await mesh.start(1);
  const twin = await mesh.start(2, { name: peer.name });
  peer.router.connect([twin.ip]);
  const attempts = (): number => peer.log.filter((line) => line.includes("attempting connection")).length;
  await mesh.clock.advance(600_000);
  t.is(attempts(), 1);
  t.deepEqual(peer.router.targets({ activeOnly: true }), []);
  peer.router.connect([twin.ip]);
  await mesh.clock.advance(1_000);
  t.is(attempts(), 2);
});

test("endings: an unknown name at a discovered address is refused by the dialler", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const b = await mesh.start(2, { peerDiscovery: false });
  const known = await mesh.start(3, { peerDiscovery: false });
  known.router.connect([b.ip]);
  await mesh.untilAgreed(t, [b, known]);
  // What b tells of its neighbour's address leads to another peer now, and b does not notice.
  mesh.network.cut(known.ip, b.ip);
  mesh.network.crash(known.ip);
  const stranger = await mesh.start(3, { name: PeerName.parse("::77"), peerDiscovery: false });
  a.router.connect([b.ip]);
  await mesh.until(t, "refused", () => a.events.includes("connectionclosed unknown-peer"), 5_000);
  t.true(
    a.log.some((line) => line.includes(`Found unknown remote name: ${stranger.name} at ${stranger.ip}:6783`)),
  );
});

test("endings: a name that does not resolve is logged, shown, and tried again with growing intervals", async (t) => {
  const mesh = new TestMesh(t.title);
  const peer = await mesh.start(1);
  t.deepEqual(
    peer.router.connect(["nowhere.example:6783", ":6783", "a:b:c"]).map(({ message }) => message),
    ['invalid peer name ":6783", should be host[:port]', "address a:b:c:0: too many colons in address"],
  );
  await mesh.clock.advance(100);
  t.true(peer.log.some((line) => line.includes("error during connection attempt: lookup nowhere.example")));
  const [target] = peer.router.status().connections;
  t.is(target?.state, "failed");
  t.regex(target!.info, /^lookup nowhere\.example: no such host, retry: 2026-01-01 /);
  await mesh.clock.advance(60_000);
  const attempts = peer.log.filter((line) => line.includes("attempting connection")).length;
  t.true(attempts >= 4 && attempts <= 10, `${attempts} attempts in a minute`);
});

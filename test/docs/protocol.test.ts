import { readFileSync } from "node:fs";
import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { PeerName } from "../../src/peer-name.ts";
import { decodeUpdate, encodeUpdate } from "../../src/topology/index.ts";
import {
  EnvelopeReader,
  encodeBroadcast,
  encodeFeatures,
  encodeGossip,
  encodeHeader,
  encodeUnicast,
  type Features,
  Handshake,
  messageNonce,
  type Session,
  Tag,
} from "../../src/wire/index.ts";

const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");

/** The listings of the page by name: on each line the bytes before two blanks, or before the line's end. */
const listings = new Map(
  [...page.matchAll(/```vector ([a-z0-9-]+)\n([^`]*)```/g)].map(([, name, text]) => [
    name!,
    listedBytes(text!),
  ]),
);

function listedBytes(text: string): string {
  const lines = text.split("\n").map((line) => /^((?:[0-9a-f]{2} )*[0-9a-f]{2})?(?: {2}.*)?$/.exec(line));
  if (lines.includes(null)) throw new Error(`not a listing:\n${text}`);
  return lines
    .map((line) => line![1] ?? "")
    .join("")
    .replaceAll(" ", "");
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const listed = (name: string): Uint8Array => new Uint8Array(Buffer.from(listings.get(name) ?? "", "hex"));

const dialler = PeerName.parse("00:00:00:00:00:01");
const acceptor = PeerName.parse("00:00:00:00:00:02");
const broadcaster = PeerName.parse("ff:ff:ff:ff:ff:ff");
const hello = new TextEncoder().encode("hello");

function features(name: PeerName, nickname: string, number: number): Features {
  return new Map([
    ["PeerNameFlavour", "mac"],
    ["Name", name],
    ["NickName", nickname],
    ["ShortID", String(number)],
    ["UID", String(10 + number)],
    ["ConnID", String(100 + number)],
    ["Trusted", "false"],
  ]);
}

/** Two peers that open a connection; all that the dialling one writes, and its session. */
function open(options: { maxVersion: 1 | 2; password?: string }): {
  written: Uint8Array[];
  session: Session;
} {
  const password =
    options.password === undefined ? {} : { password: new TextEncoder().encode(options.password) };
  const side = (outbound: boolean): Handshake =>
    new Handshake({
      ...{ minVersion: 1, maxVersion: options.maxVersion, outbound, ...password },
      features: outbound ? features(dialler, "a", 1) : features(acceptor, "b", 2),
      randomBytes: (length) => new Uint8Array(length).fill(outbound ? 1 : 2),
    });
  const [ours, theirs] = [side(true), side(false)];
  const written = [ours.start()];
  let [toThem, toUs] = [[...written], [theirs.start()]];
  for (;;) {
    const results = toUs.map((chunk) => ours.push(chunk));
    toUs = toThem.flatMap((chunk) => theirs.push(chunk).write);
    toThem = results.flatMap((result) => result.write);
    written.push(...toThem);
    const session = results.find((result) => result.session !== undefined)?.session;
    if (session !== undefined) return { written, session };
  }
}

const plain = open({ maxVersion: 2 });
const sealed = open({ maxVersion: 2, password: "secret" });
const emptySecret = open({ maxVersion: 2, password: "" });
const old = open({ maxVersion: 1 });
const oldSealed = open({ maxVersion: 1, password: "secret" });

/** What our code makes of each listing of the page. */
const made: Record<string, () => Uint8Array> = {
  "gob-string": () => gob.encode(gob.string, "default"),
  "gob-uint": () => gob.encode(gob.uint, 2),
  header: () => encodeHeader({ minVersion: 1, maxVersion: 2 }),
  "flag-plain": () => plain.written[1]!,
  "flag-sealed": () => sealed.written[1]!,
  "features-type": () => encodeFeatures(new Map()).subarray(0, 15),
  "features-frame": () => plain.written[2]!,
  "v1-features": () => old.written[1]!,
  "v1-heartbeat": () => old.session.outgoing.encode(Tag.heartbeat, new Uint8Array()),
  "session-key": () => sealed.session.sessionKey!,
  "session-key-empty": () => emptySecret.session.sessionKey!,
  nonce: () => messageNonce(true, 1n),
  "sealed-heartbeat": () => sealed.session.outgoing.encode(Tag.heartbeat, new Uint8Array()),
  "v1-sealed-heartbeat": () => oldSealed.session.outgoing.encode(Tag.heartbeat, new Uint8Array()),
  unicast: () =>
    plain.session.outgoing.encode(Tag.unicast, encodeUnicast("default", dialler, acceptor, hello)),
  broadcast: () => plain.session.outgoing.encode(Tag.broadcast, encodeBroadcast("default", dialler, hello)),
  gossip: () => plain.session.outgoing.encode(Tag.gossip, encodeGossip("default", broadcaster, hello)),
  "v1-unicast": () =>
    old.session.outgoing.encode(Tag.unicast, encodeUnicast("default", dialler, acceptor, hello)),
  "unicast-hash": () =>
    encodeUnicast(
      "default",
      PeerName.fromUserInput("test", "hash"),
      PeerName.fromUserInput("test2", "hash"),
      hello,
    ),
  topology: () => {
    const { peers, types } = decodeUpdate(listed("topology"), "mac");
    return encodeUpdate(peers, types);
  },
};

for (const [name, make] of Object.entries(made)) {
  test(`protocol.md: ${name} is what we send`, (t) => {
    t.is(hex(make()), listings.get(name) ?? "");
  });
}

test("protocol.md: every listing is tested", (t) => {
  t.deepEqual([...listings.keys()].sort(), Object.keys(made).sort());
});

test("protocol.md: the topology says what is told of it", (t) => {
  const { peers } = decodeUpdate(listed("topology"), "mac");
  t.like(peers[0], { name: dialler, nickName: "a", uid: 11n, version: 2n, shortId: 1, hasShortId: true });
  t.like(peers[0]?.connections[0], { name: acceptor, remoteAddress: "10.0.0.2:6783", outbound: true });
  t.true(peers[0]?.connections[0]?.established);
  t.like(peers[1], { name: acceptor, nickName: "b", uid: 12n, version: 0n, shortId: 2, connections: [] });
});

test("protocol.md: an envelope is read value by value", (t) => {
  const envelope = new EnvelopeReader(listed("unicast").subarray(5), "mac");
  t.is(envelope.channel(), "default");
  t.is(envelope.peerName(), dialler);
  t.is(envelope.peerName(), acceptor);
  t.deepEqual(new Uint8Array(envelope.payload()), hello);
});

test("protocol.md: links within the page lead to its headings", (t) => {
  const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1]!);
  t.true(links.length > 10);
  t.deepEqual(
    links.filter((link) => !anchors.includes(link)),
    [],
  );
});

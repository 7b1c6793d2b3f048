import test from "ava";
import { PeerName } from "../../src/peer-name.ts";
import {
  decodeUpdate,
  encodeUpdate,
  type PeerDescription,
  TopologyError,
  updateFromJson,
  updateToJson,
  updateTypeIds,
  updateTypes,
} from "../../src/topology/index.ts";
import { description, nameOf } from "./fixtures.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

const twoPeers: PeerDescription[] = [
  {
    name: nameOf(1),
    nickName: "ts-1",
    uid: 300n,
    version: 2n,
    shortId: 5,
    hasShortId: true,
    connections: [{ name: nameOf(2), remoteAddress: "10.0.0.2:6783", outbound: true, established: true }],
  },
  description(nameOf(2), [], { uid: 0n, version: 0n }),
];

/** What Go 1.26 makes of the two peers in a fresh process, value by value. */
const goBytes = {
  // Length, -64, the definition of peerSummary with its six fields.
  peerDefinition:
    "617f0301010b7065657253756d6d61727901ff8000010601084e616d6542797465010a0001084e69636b4e616d65010c0001035549440106000107" +
    "56657273696f6e010600010753686f72744944010600010a48617353686f727449440102000000",
  // Length, 64, then each field by its distance from the one before; a zero ends the struct.
  firstPeer: "1bff800106000000000001010474732d3101fe012c01020105010100",
  // -66 before -65: the list before its elements.
  listDefinition: "0dff83020102ff840001ff820000",
  connectionDefinition:
    "5bff8103010111636f6e6e656374696f6e53756d6d61727901ff8200010401084e616d6542797465010a00010d52656d6f7465544350416464720" +
    "10c0001084f7574626f756e64010200010b45737461626c69736865640102000000",
  // Length, 66, a zero since it is no struct, one element.
  firstList: "20ff8400010106000000000002010d31302e302e302e323a363738330101010100",
  secondPeer: "0bff80010600000000000200",
  secondList: "04ff840000",
};
const goUpdate = Object.values(goBytes).join("");
const go126Types = { peer: 64, connection: 65, connections: 66 };

test("topology update: encodes to the bytes that Go encodes to, given its type ids", (t) => {
  t.is(hex(encodeUpdate(twoPeers, updateTypes(go126Types))), goUpdate);
});

test("topology update: decodes what Go encoded, with its type ids", (t) => {
  const { peers, types } = decodeUpdate(unhex(goUpdate), "mac");
  t.deepEqual(peers, twoPeers);
  t.deepEqual(updateTypeIds(types), go126Types);
});

test("topology update: by default the type ids are 66 to 68, as those of the binaries in the field", (t) => {
  const { types } = decodeUpdate(encodeUpdate(twoPeers), "mac");
  t.deepEqual(updateTypeIds(types), { peer: 66, connection: 67, connections: 68 });
});

test("topology update: an empty one is valid", (t) => {
  t.deepEqual(decodeUpdate(new Uint8Array(0), "mac").peers, []);
  t.is(encodeUpdate([]).length, 0);
});

test("topology update: the input may lie inside a larger buffer, and is not kept", (t) => {
  const odd = [{ ...twoPeers[1]!, name: nameOf(5), nameBytes: Uint8Array.of(5) }];
  const bytes = encodeUpdate(odd);
  const larger = new Uint8Array(bytes.length + 20).fill(0xee);
  larger.set(bytes, 7);
  const { peers } = decodeUpdate(larger.subarray(7, 7 + bytes.length), "mac");
  larger.fill(0);
  t.deepEqual(peers, odd);
});

test("topology update: of each prefix, one that ends before a list is without that peer, one between peers is whole, all others are refused", (t) => {
  const { peerDefinition, firstPeer, listDefinition, connectionDefinition, firstList, secondPeer } = goBytes;
  const lengthOf = (...pieces: string[]): number => pieces.join("").length / 2;
  const afterFirst = lengthOf(peerDefinition, firstPeer, listDefinition, connectionDefinition, firstList);
  const expected = new Map([
    [0, 0],
    [lengthOf(peerDefinition, firstPeer), 0],
    [afterFirst, 1],
    [afterFirst + lengthOf(secondPeer), 1],
    [goUpdate.length / 2, 2],
  ]);
  const bytes = unhex(goUpdate);
  for (let length = 0; length <= bytes.length; length++) {
    const decode = () => decodeUpdate(bytes.subarray(0, length), "mac").peers.length;
    const count = expected.get(length);
    if (count === undefined) t.is(t.throws(decode, { instanceOf: TopologyError })?.code, "malformed-update");
    else t.is(decode(), count, `${length} bytes`);
  }
});

test("topology update: an error says where and why", (t) => {
  const bytes = unhex(goUpdate.replace(goBytes.firstPeer, goBytes.firstPeer.replace("0106", "0186")));
  const error = t.throws(() => decodeUpdate(bytes, "mac"), { instanceOf: TopologyError });
  t.regex(error?.message ?? "", /^gob: /);
  t.like(error?.cause, { name: "GobError" });
});

test("topology update: what Go takes for the end of the stream ends it, and what came before counts", (t) => {
  const whole = unhex(goUpdate);
  // An empty message, and one that ends within its value.
  for (const end of ["00", "02ff80"]) {
    t.is(decodeUpdate(Uint8Array.from([...whole, ...unhex(end)]), "mac").peers.length, 2);
  }
});

test("topology update: strings that are not UTF-8 keep their bytes", (t) => {
  const peer = description(nameOf(1), [nameOf(2)], { nickName: "\udcff\ufeffé\udc80" });
  peer.connections[0]!.remoteAddress = "\udcfe:1";
  const bytes = encodeUpdate([peer]);
  t.true(hex(bytes).includes("ffefbbbfc3a980"));
  t.deepEqual(decodeUpdate(bytes, "mac").peers, [peer]);
});

test("topology update: a mac name of other than six bytes is sent on as it came", (t) => {
  for (const [nameByte, name] of [
    ["", "00:00:00:00:00:00"],
    ["01", "00:00:00:00:00:01"],
    ["00010203040506", "01:02:03:04:05:06"],
  ] as const) {
    const peer = description(PeerName.parse(name), [], { nameBytes: unhex(nameByte) });
    const bytes = encodeUpdate([peer]);
    const decoded = decodeUpdate(bytes, "mac");
    t.deepEqual(decoded.peers, [peer]);
    t.is(hex(encodeUpdate(decoded.peers, decoded.types)), hex(bytes));
  }
});

test("topology update: hash names are their bytes in hex, of any length", (t) => {
  for (const text of ["", "0a", "00112233445566778899aabbccddeeff"]) {
    const peer = description(PeerName.parse(text, "hash"));
    t.deepEqual(decodeUpdate(encodeUpdate([peer]), "hash").peers, [peer]);
  }
});

test("topology update: goes through JSON text without loss", (t) => {
  const odd = description(nameOf(3), [nameOf(1)], {
    nickName: "\udcff",
    uid: 2n ** 64n - 1n,
    nameBytes: Uint8Array.of(3),
  });
  odd.connections[0]!.nameBytes = Uint8Array.of(0, 1);
  odd.connections[0]!.remoteAddress = "\udcc3(";
  const bytes = encodeUpdate([...twoPeers, odd], updateTypes({ peer: 70, connection: 71, connections: 90 }));
  const text = JSON.stringify(updateToJson(decodeUpdate(bytes, "mac")));
  t.true(/^[ -~]*$/.test(text), "plain ASCII, so that any editor keeps it");
  const { peers, types } = updateFromJson(JSON.parse(text));
  t.is(hex(encodeUpdate(peers, types)), hex(bytes));
});

test("topology update: JSON with a number of more than 64 bits is refused, however long", (t) => {
  const json = updateToJson({ peers: [description(nameOf(2))], types: updateTypes() });
  for (const [key, value] of [
    ["uid", "9".repeat(1_000_000)],
    ["version", "1".repeat(21)],
    ["version", "x"],
  ] as const) {
    const changed = { ...json, peers: [{ ...json.peers[0]!, [key]: value }] };
    t.throws(() => updateFromJson(changed), { instanceOf: SyntaxError });
  }
});

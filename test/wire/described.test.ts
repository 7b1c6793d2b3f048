import test from "ava";
import { PeerName } from "../../src/peer-name.ts";
import {
  type DescribedMessage,
  describeFeatures,
  describeHeader,
  describeKey,
  describeMessage,
  encodeBroadcast,
  encodeDescribed,
  encodeGossip,
  encodeUnicast,
  type PayloadDescriber,
  type PayloadEncoder,
  Tag,
} from "../../src/wire/index.ts";
import { ascii, concat, hex, pattern, unhex } from "./bytes.ts";

const one = PeerName.parse("::1");
const two = PeerName.parse("::2");

/** As if written to a file as JSON and read by another process. */
function throughJson(described: DescribedMessage): DescribedMessage {
  return JSON.parse(JSON.stringify(described)) as DescribedMessage;
}

const body = (tag: number, envelope: Uint8Array) => concat(Uint8Array.of(tag), envelope);

const cases: readonly (readonly [name: string, bytes: Uint8Array, described: DescribedMessage])[] = [
  ["a header", unhex("77656176650102"), describeHeader(unhex("77656176650102"))],
  ["another header", ascii("GET / H"), describeHeader(ascii("GET / H"))],
  ["a short header", ascii("weave"), describeHeader(ascii("weave"))],
  ["no key", unhex("00"), describeKey(unhex("00"))],
  ["a key", concat(unhex("01"), pattern(32)), describeKey(concat(unhex("01"), pattern(32)))],
  ["a bad key", unhex("02"), describeKey(unhex("02"))],
  ...[
    ["features", "0d7f040102ff8000010c010c000008ff80000101410162"],
    ["features that are not UTF-8", "0eff81040102ff8200010c010c00000aff820001024180 02ff00"],
    ["features with bytes after them", "0d7f040102ff8000010c010c000008ff8000010141016200"],
    ["features with a name twice", "0d7f040102ff8000010c010c00000cff800002014101620141 0163"],
    ["broken features", "0d7f0401"],
  ].map(([name, bytes]) => [name!, unhex(bytes!), describeFeatures(unhex(bytes!))] as const),
  ...(
    [
      ["gossip", body(Tag.gossip, encodeGossip("topology", one, pattern(30)))],
      ["an empty broadcast", body(Tag.broadcast, encodeBroadcast("\udcff", one, pattern(0)))],
      ["a unicast", body(Tag.unicast, encodeUnicast("default", one, two, ascii("hello")))],
      [
        "a unicast with more after it",
        body(Tag.unicast, concat(encodeUnicast("c", one, two, pattern(3)), pattern(9))),
      ],
      ["a unicast with a length of another form", unhex("05 fe0004 0c000163 03060001 03060002 040a000101")],
      ["a gossip that does not decode", unhex("04 040c0001")],
      ["a heartbeat", unhex("00")],
      ["a heartbeat with a payload", unhex("00ff")],
      ["overlay control", unhex("07 0102")],
      ["an old overlay control", unhex("02")],
      ["an unknown tag", unhex("63 00")],
      ["an empty message", unhex("")],
    ] as const
  ).map(([name, bytes]) => [name, bytes, describeMessage(bytes, "mac")] as const),
];
for (const [name, bytes, described] of cases) {
  test(`described: ${name} comes back from JSON byte for byte`, (t) => {
    t.is(hex(encodeDescribed(throughJson(described))), hex(bytes));
  });
}

test("described: only what Go does not make is raw", (t) => {
  t.deepEqual(
    cases.filter(([, , described]) => described.kind === "raw").map(([name]) => name),
    [
      "another header",
      "a short header",
      "a bad key",
      "features with bytes after them",
      "features with a name twice",
      "broken features",
      "a unicast with a length of another form",
      "a gossip that does not decode",
      "an empty message",
    ],
  );
});

test("described: features show order and type id", (t) => {
  const described = describeFeatures(unhex("0d7f040102ff8000010c010c00000cff8000020162013101610131"));
  t.deepEqual(described, {
    kind: "features",
    typeId: 64,
    entries: [
      ["b", "1"],
      ["a", "1"],
    ],
  });
});

test("described: a unicast shows its parts", (t) => {
  const bytes = body(Tag.unicast, concat(encodeUnicast("default", one, two, ascii("hello")), unhex("ff")));
  t.deepEqual(describeMessage(bytes, "mac"), {
    kind: "unicast",
    channel: "default",
    source: "00:00:00:00:00:01",
    destination: "00:00:00:00:00:02",
    payload: "aGVsbG8=",
    trailing: "/w==",
  });
});

test("described: names of the hash flavour come back", (t) => {
  const name = PeerName.fromUserInput("peer", "hash");
  const bytes = body(Tag.gossip, encodeGossip("c", name, pattern(3)));
  const described = describeMessage(bytes, "hash");
  t.is(described.kind, "gossip");
  t.is(hex(encodeDescribed(throughJson(described))), hex(bytes));
});

const describePayload: PayloadDescriber = (channel, payload) =>
  channel === "text" ? { text: Buffer.from(payload).toString("utf8") } : undefined;
const encodePayload: PayloadEncoder = (_, described) => ascii((described as { text: string }).text);

test("described: payloads can be described, too, where that leads back to the same bytes", (t) => {
  const text = body(Tag.gossip, encodeGossip("text", one, ascii("hello")));
  const described = describeMessage(text, "mac", describePayload, encodePayload);
  t.deepEqual(described, {
    kind: "gossip",
    channel: "text",
    source: "00:00:00:00:00:01",
    payload: { text: "hello" },
  });
  t.is(hex(encodeDescribed(throughJson(described), encodePayload)), hex(text));
  t.throws(() => encodeDescribed(described), { instanceOf: TypeError });

  for (const [channel, payload] of [
    ["text", unhex("ff")],
    ["other", ascii("hello")],
  ] as const) {
    const bytes = body(Tag.gossip, encodeGossip(channel, one, payload));
    const plain = describeMessage(bytes, "mac", describePayload, encodePayload);
    t.true("payload" in plain && typeof plain.payload === "string");
    t.is(hex(encodeDescribed(plain)), hex(bytes));
  }
});

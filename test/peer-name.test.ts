import { readFileSync } from "node:fs";
import test from "ava";
import { decodeUtf8 } from "../src/gob/index.ts";
import { type Flavour, PeerName, PeerNameError } from "../src/peer-name.ts";

interface NameCase {
  text?: string;
  hex?: string;
  name?: string;
  error?: string;
}

interface NameFixture {
  flavour: Flavour;
  fromString: NameCase[];
  fromUserInput: NameCase[];
  fromBin: [bytes: string, name: string][];
}

const fixtures = (["mac", "hash"] as const).map((flavour): NameFixture => {
  const path = new URL(`../fixtures/topology/peer-names-${flavour}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8"));
});

/** The text of a case: as the fixture has it, or from its bytes. */
function textOf({ text, hex }: NameCase): string {
  return text ?? decodeUtf8(Buffer.from(hex!, "hex"));
}

function answer(parse: () => PeerName): { name: string } | { error: string } {
  try {
    return { name: parse() };
  } catch (error) {
    if (error instanceof PeerNameError) return { error: error.message };
    throw error;
  }
}

for (const { flavour, fromString, fromUserInput, fromBin } of fixtures) {
  test(`peer name, ${flavour}: parse takes and refuses what Go's PeerNameFromString does, with its texts`, (t) => {
    t.true(fromString.length > 2000);
    for (const one of fromString) {
      const { text: _text, hex: _hex, ...expected } = one;
      t.deepEqual(
        answer(() => PeerName.parse(textOf(one), flavour)),
        expected as ReturnType<typeof answer>,
        JSON.stringify(one),
      );
    }
  });

  test(`peer name, ${flavour}: fromUserInput gives the name that Go gives`, (t) => {
    for (const one of fromUserInput) {
      const { text: _text, hex: _hex, ...expected } = one;
      t.deepEqual(
        answer(() => PeerName.fromUserInput(textOf(one), flavour)),
        expected as ReturnType<typeof answer>,
        JSON.stringify(one),
      );
    }
  });

  test(`peer name, ${flavour}: fromBytes takes any length as Go's PeerNameFromBin does`, (t) => {
    for (const [bytes, name] of fromBin)
      t.is(PeerName.fromBytes(Buffer.from(bytes, "hex"), flavour) as string, name);
  });
}

test("peer name: bytes, numbers and text of a name agree", (t) => {
  const mac = PeerName.parse("1:0:ff:0:0:9");
  t.is(mac as string, "01:00:ff:00:00:09");
  t.deepEqual(PeerName.toBytes(mac), Uint8Array.of(1, 0, 255, 0, 0, 9));
  t.is(PeerName.toUint(mac), 0x0100ff000009n);
  t.is(PeerName.fromUint(0x0100ff000009n), mac);
  t.is(PeerName.fromUint(0x0100ff000009), mac);
  t.is(PeerName.fromUint(0xabcd_0100ff000009n), mac);
  const hash = PeerName.parse("00FF", "hash");
  t.is(hash as string, "00ff");
  t.deepEqual(PeerName.toBytes(hash), Uint8Array.of(0, 255));
  t.deepEqual(PeerName.toBytes(PeerName.unknown("hash")), new Uint8Array(0));
});

test("peer name: a name knows its flavour, the unknown ones too", (t) => {
  t.is(PeerName.flavourOf(PeerName.parse("::1")), "mac");
  t.is(PeerName.flavourOf(PeerName.unknown("mac")), "mac");
  t.is(PeerName.flavourOf(PeerName.fromUserInput("x", "hash")), "hash");
  t.is(PeerName.flavourOf(PeerName.unknown("hash")), "hash");
  t.is(PeerName.unknown("mac"), PeerName.fromUint(0));
});

test("peer name: names are in the order of their numbers or strings", (t) => {
  const numbers = [0n, 1n, 9n, 10n, 0xffn, 0x100n, 0x800000000000n, 0xffffffffffffn];
  const names = numbers.map(PeerName.fromUint);
  t.deepEqual(names.toReversed().sort(PeerName.compare), names);
  t.is(PeerName.compare(names[0]!, names[0]!), 0);
});

test("peer name: errors have a code and the text that was given", (t) => {
  const codes = {
    "invalid-format": ["1:2", "mac"],
    "invalid-hex-digit": ["zz", "hash"],
    "odd-hex-length": ["0", "hash"],
  } as const;
  for (const [code, [text, flavour]] of Object.entries(codes)) {
    t.like(
      t.throws(() => PeerName.parse(text, flavour), { instanceOf: PeerNameError }),
      { code, text },
    );
  }
});

import test from "ava";
import { parseLineCommand, readLines } from "../../src/cli/stdin-commands.ts";
import { type Flavour, PeerName } from "../../src/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (line: string, flavour: Flavour = "mac") => parseLineCommand(bytes(line), flavour);

test("standard input: unicast names a peer and a text", (t) => {
  t.deepEqual(parse("unicast 0:0:0:0:0:A hello there"), {
    kind: "unicast",
    peer: PeerName.parse("00:00:00:00:00:0a"),
    payload: bytes("hello there"),
  });
});

test("standard input: in the hash flavour the peer is hexadecimal", (t) => {
  const name = "9f86d081884c7d659a2feaa0c55ad015";
  t.deepEqual(parse(`unicast ${name} x`, "hash"), {
    kind: "unicast",
    peer: PeerName.parse(name, "hash"),
    payload: bytes("x"),
  });
});

test("standard input: the text is kept byte for byte", (t) => {
  t.deepEqual(parse("broadcast  two blanks "), { kind: "broadcast", payload: bytes(" two blanks ") });
  t.deepEqual(parse("broadcast "), { kind: "broadcast", payload: new Uint8Array() });
  const line = Uint8Array.of(...bytes("broadcast "), 0xff, 0x0d);
  t.deepEqual(parseLineCommand(line, "mac"), { kind: "broadcast", payload: Uint8Array.of(0xff, 0x0d) });
});

test("standard input: an empty line asks for nothing", (t) => {
  t.deepEqual(parse(""), { kind: "blank" });
});

const malformed: [string, RegExp][] = [
  ["hello", /unknown command "hello"/],
  ["Broadcast x", /unknown command "Broadcast"/],
  ["broadcast", /text is missing/],
  ["unicast", /text is missing/],
  ["unicast 00:00:00:00:00:01", /text is missing/],
  ["unicast nobody hello", /invalid peer name format: "nobody"/],
  [" broadcast x", /begins with a blank/],
];

for (const [line, reason] of malformed) {
  test(`standard input: ${JSON.stringify(line)} is reported`, (t) => {
    const command = parse(line);
    t.is(command.kind, "malformed");
    t.regex(command.kind === "malformed" ? command.reason : "", reason);
  });
}

async function lines(chunks: string[], limit = 100): Promise<(string | undefined)[]> {
  async function* source() {
    for (const chunk of chunks) yield bytes(chunk);
  }
  const found: (string | undefined)[] = [];
  for await (const line of readLines(source(), limit)) {
    found.push(line === undefined ? undefined : new TextDecoder().decode(line));
  }
  return found;
}

test("standard input: lines do not depend on how they are cut into chunks", async (t) => {
  const text = "one\n\ntwo\nthree";
  const expected = ["one", "", "two", "three"];
  t.deepEqual(await lines([text]), expected);
  t.deepEqual(await lines([...text]), expected);
  t.deepEqual(await lines(["on", "e\n\nt", "wo\nthr", "ee"]), expected);
});

test("standard input: a last line end does not begin another line", async (t) => {
  t.deepEqual(await lines(["one\n"]), ["one"]);
  t.deepEqual(await lines([]), []);
});

test("standard input: a line over the limit is given up, those after it are not", async (t) => {
  t.deepEqual(await lines(["12345\n123456\n1\n"], 5), ["12345", undefined, "1"]);
  t.deepEqual(await lines(["123", "456", "7\n1\n"], 5), [undefined, "1"]);
  t.deepEqual(await lines(["1234567"], 5), [undefined]);
});

import test from "ava";
import {
  formatHostPort,
  parseChoice,
  parseFlags,
  parseHostPort,
  parsePeer,
  parseWhole,
} from "../../src/cli/arguments.ts";

const flags = {
  nickname: { type: "string" },
  peer: { type: "string", multiple: true },
  "no-discovery": { type: "boolean" },
} as const;

const accepted: [string, string[], object][] = [
  ["two dashes", ["--nickname", "a"], { nickname: "a" }],
  ["one dash, as in Go", ["-nickname", "a"], { nickname: "a" }],
  ["an equals sign", ["--nickname=a=b"], { nickname: "a=b" }],
  ["one dash and an equals sign", ["-nickname=a"], { nickname: "a" }],
  ["an empty value", ["--nickname", ""], { nickname: "" }],
  ["a value that begins with a dash", ["--nickname", "--peer"], { nickname: "--peer" }],
  ["a repeated flag", ["--peer", "a", "-peer", "b"], { peer: ["a", "b"] }],
  ["a switch", ["-no-discovery", "--peer", "a"], { "no-discovery": true, peer: ["a"] }],
];

for (const [title, args, values] of accepted) {
  test(`arguments: ${title}`, (t) => {
    t.deepEqual({ ...parseFlags(args, flags).values }, values);
  });
}

const refused: [string, string[], RegExp][] = [
  ["an unknown flag", ["--nick", "a"], /--nick/],
  ["a missing value", ["--nickname"], /--nickname.*missing/],
  ["a value for a switch", ["--no-discovery=x"], /--no-discovery/],
  ["an argument that is no flag", ["a"], /'a'/],
];

for (const [title, args, message] of refused) {
  test(`arguments: ${title} is refused`, (t) => {
    const error = t.throws(() => parseFlags(args, flags), { name: "CliError", code: "usage", message });
    t.false(error.message.includes("\n"));
  });
}

test("arguments: other arguments are returned where they are allowed", (t) => {
  t.deepEqual(parseFlags(["a", "--no-discovery", "--", "-b"], flags, true).positionals, ["a", "-b"]);
});

const addresses: [string, { host: string; port: number }][] = [
  ["127.0.0.1:6783", { host: "127.0.0.1", port: 6783 }],
  [":0", { host: "", port: 0 }],
  ["[::1]:65535", { host: "::1", port: 65535 }],
  ["localhost:80", { host: "localhost", port: 80 }],
];

for (const [text, address] of addresses) {
  test(`arguments: the address ${text} is read and written back`, (t) => {
    t.deepEqual(parseHostPort("--mesh", text), address);
    t.is(formatHostPort(address), text);
  });
}

for (const text of [
  "",
  "127.0.0.1",
  "::1:80",
  "host:65536",
  "host:-1",
  "host:http",
  "[::1]",
  "[::1",
  "a,b:80",
  "a/b:80",
  " a:80",
]) {
  test(`arguments: ${JSON.stringify(text)} is no address`, (t) => {
    t.throws(() => parseHostPort("--mesh", text), { name: "CliError", code: "usage", message: /^--mesh: / });
  });
}

test("arguments: an address to reach has a port", (t) => {
  t.deepEqual(parseHostPort("--to", "a:1", 1), { host: "a", port: 1 });
  t.throws(() => parseHostPort("--to", "a:0", 1), { code: "usage", message: /port from 1 to 65535$/ });
});

test("arguments: peers are IP addresses and host names, with or without a port", (t) => {
  const names = [
    "a",
    "my_service-1.tasks.",
    "1234567890",
    "bücher.example",
    "A.B:65535",
    "10.0.0.1",
    "10.0.0.1:1",
  ];
  const addresses = ["::1", "[::1]", "[::1]:6783", "[fe80::1%eth0]:6783", "fe80::1%eth0", "::ffff:10.0.0.1"];
  for (const text of [...names, ...addresses]) t.is(parsePeer("--peer", text), text);
});

const malformedPeers: [string, RegExp][] = [
  ["", / is not HOST\[:PORT\]/],
  ["http://10.0.0.1:6783", /leave out the scheme$/],
  ["10.0.0.1,10.0.0.2", /repeat --peer for each peer$/],
  ["10.0.0.1:6783,10.0.0.2:6783", /repeat --peer for each peer$/],
  ["a b", /port from 1 to 65535$/],
  ...["a:0", "a:65536", "a:-1", "a:http", "a:", ":6783", ":", "a:1:2", "::1:zz", "[::1", "[a]:1", "[]:1"].map(
    (text): [string, RegExp] => [text, /port from 1 to 65535$/],
  ),
  ...["10.0.0.256", "10.0.0", "a..b", "-a", "a/b", "user@a", "a\n", `${"x".repeat(64)}.y`].map(
    (text): [string, RegExp] => [text, /port from 1 to 65535$/],
  ),
];

for (const [text, message] of malformedPeers) {
  test(`arguments: ${JSON.stringify(text)} is no peer`, (t) => {
    const error = t.throws(() => parsePeer("--peer", text), { code: "usage", message });
    t.true(error.message.startsWith("--peer: "));
  });
}

test("arguments: whole numbers have bounds", (t) => {
  t.is(parseWhole("--conn-limit", "0", 0, 10), 0);
  t.is(parseWhole("--conn-limit", "10", 0, 10), 10);
  for (const text of ["11", "-1", "1.5", "", "ten", "0x1", " 1"]) {
    t.throws(() => parseWhole("--conn-limit", text, 0, 10), { code: "usage" }, text);
  }
});

test("arguments: a choice is one of its words", (t) => {
  t.is(parseChoice("--flavour", "hash", ["mac", "hash"]), "hash");
  t.throws(() => parseChoice("--flavour", "MAC", ["mac", "hash"]), {
    message: '--flavour: "MAC" is none of mac, hash',
  });
});

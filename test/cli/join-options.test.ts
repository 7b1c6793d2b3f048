import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { joinHelp, parseJoinOptions } from "../../src/cli/join-options.ts";

const name = ["--hwaddr", "00:00:00:00:00:01"];

test("join: without flags it is what the original's example is, but plain", (t) => {
  t.deepEqual(parseJoinOptions(name), {
    mesh: { host: "0.0.0.0", port: 6783 },
    hwaddr: "00:00:00:00:00:01",
    nickname: hostname(),
    peers: [],
    password: undefined,
    channel: "default",
    flavour: "mac",
    connectionLimit: 64,
    peerDiscovery: true,
    trustedSubnets: [],
    protocolMinVersion: 1,
    protocolMaxVersion: 2,
    gossipIntervalMs: 30_000,
    http: undefined,
    httpHosts: [],
    logLevel: "info",
    record: undefined,
    keylog: undefined,
  });
});

test("join: every flag is taken", (t) => {
  const flags = `--mesh [::1]:6001 --nickname n --peer a --peer b:1 --peer a --password p --channel c --flavour hash
    --conn-limit 0 --no-discovery --trusted-subnets 10.0.0.0/8,fd00::/8 --min-protocol 2 --max-protocol 2
    --gossip-interval 0.5 --http :0 --http-host mesh.example --http-host node-1 --log-level silent --record recordings
    --keylog keys`;
  t.deepEqual(parseJoinOptions([...name, ...flags.split(/\s+/)]), {
    mesh: { host: "::1", port: 6001 },
    hwaddr: "00:00:00:00:00:01",
    nickname: "n",
    peers: ["a", "b:1"],
    password: new TextEncoder().encode("p"),
    channel: "c",
    flavour: "hash",
    connectionLimit: 0,
    peerDiscovery: false,
    trustedSubnets: ["10.0.0.0/8", "fd00::/8"],
    protocolMinVersion: 2,
    protocolMaxVersion: 2,
    gossipIntervalMs: 500,
    http: { host: "", port: 0 },
    httpHosts: ["mesh.example", "node-1"],
    logLevel: "silent",
    record: "recordings",
    keylog: "keys",
  });
});

test("join: an empty password is not the same as none", (t) => {
  t.is(parseJoinOptions(name).password, undefined);
  t.deepEqual(parseJoinOptions([...name, "--password", ""]).password, new Uint8Array());
  t.deepEqual(parseJoinOptions([...name, "--password="]).password, new Uint8Array());
});

const files: [string, string, string][] = [
  ["a line end at its end is not part of it", "secret\n", "secret"],
  ["nor is one of Windows", "secret\r\n", "secret"],
  ["only one is taken away", "secret\n\n", "secret\n"],
  ["an empty file is an empty password", "", ""],
];

for (const [title, content, expected] of files) {
  test(`join: password file: ${title}`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), "weave-mesh-"));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "password");
    writeFileSync(file, content);
    const { password } = parseJoinOptions([...name, "--password-file", file]);
    t.deepEqual(password, new TextEncoder().encode(expected));
  });
}

test("join: a password file may hold bytes that are not UTF-8", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "weave-mesh-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "password"), Uint8Array.of(0xff, 0x00, 0x0a));
  const { password } = parseJoinOptions([...name, "--password-file", join(folder, "password")]);
  t.deepEqual(password, Uint8Array.of(0xff, 0x00));
});

const refused: [string, string[], RegExp][] = [
  ["both kinds of password", ["--password", "a", "--password-file", "b"], /exclude each other/],
  ["no versions at all", ["--min-protocol", "2", "--max-protocol", "1"], /--min-protocol is above/],
  ["an unknown version", ["--max-protocol", "3"], /--max-protocol/],
  ["an unknown flavour", ["--flavour", "ip"], /--flavour/],
  ["an unknown log level", ["--log-level", "loud"], /--log-level/],
  ["a negative interval", ["--gossip-interval=-1"], /--gossip-interval/],
  ["the topology's own channel", ["--channel", "topology"], /--channel/],
  ["an address without a port", ["--http", "localhost"], /--http/],
  ["a host name for no HTTP server", ["--http-host", "a"], /--http-host needs --http/],
  ["a host name with a port", ["--http", ":0", "--http-host", "a:80"], /"a:80" is not a host name/],
  ["a URL for a host name", ["--http", ":0", "--http-host", "http://a/"], /is not a host name/],
  ["an empty host name", ["--http", ":0", "--http-host", ""], /is not a host name/],
];

for (const [title, flags, message] of refused) {
  test(`join: ${title} is a mistake in the arguments`, (t) => {
    t.throws(() => parseJoinOptions([...name, ...flags]), { name: "CliError", code: "usage", message });
  });
}

test("join: a password file that is not there is a failure", (t) => {
  t.throws(() => parseJoinOptions([...name, "--password-file", "/no/such/file"]), {
    name: "CliError",
    code: "failed",
    message: /^--password-file: ENOENT/,
  });
});

test("join: the help names every flag, in lines that fit a terminal", (t) => {
  for (const flag of ["mesh", "hwaddr", "password-file", "trusted-subnets", "gossip-interval", "log-level"]) {
    t.true(joinHelp.includes(`  --${flag} `), flag);
  }
  t.deepEqual(
    joinHelp.split("\n").filter((line) => line.length > 120),
    [],
  );
});

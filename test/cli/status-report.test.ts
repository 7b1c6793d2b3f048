import test from "ava";
import { parseStatusDocument } from "../../src/cli/status-document.ts";
import { statusReport } from "../../src/cli/status-report.ts";
import { table } from "../../src/cli/table.ts";

const status = {
  Protocol: "weave",
  ProtocolMinVersion: 1,
  ProtocolMaxVersion: 2,
  Encryption: true,
  PeerDiscovery: false,
  Name: "00:00:00:00:00:01",
  NickName: "ts-1",
  Port: 6783,
  Peers: [
    {
      Name: "00:00:00:00:00:02",
      NickName: "go-2",
      UID: "UID2",
      ShortID: 7,
      Version: 3,
      Connections: [
        { Name: "00:00:00:00:00:01", NickName: "ts-1", Address: "a:1", Outbound: true, Established: true },
        { Name: "00:00:00:00:00:03", NickName: "", Address: "a:3", Outbound: true, Established: false },
      ],
    },
    { Name: "00:00:00:00:00:01", NickName: "ts-1", UID: 5, ShortID: 9, Version: 2, Connections: null },
    { Name: "00:00:00:00:00:03", NickName: "", UID: 0, ShortID: 0, Version: 0, Connections: null },
  ],
  UnicastRoutes: [
    { Dest: "00:00:00:00:00:02", Via: "00:00:00:00:00:02" },
    { Dest: "00:00:00:00:00:01", Via: "00:00:00:00:00:00" },
  ],
  BroadcastRoutes: [{ Source: "00:00:00:00:00:01", Via: ["00:00:00:00:00:02"] }],
  Connections: [
    {
      Address: "127.0.0.1:50000",
      Outbound: false,
      State: "established",
      Info: "encrypted   none   x",
      Attrs: null,
    },
    { Address: "127.0.0.1:1", Outbound: true, State: "retrying", Info: "EOF", Attrs: null },
  ],
  TerminationCount: 4,
  Targets: ["b", "a"],
  OverlayDiagnostics: null,
  TrustedSubnets: ["10.0.0.0/8"],
};
const withUid = (document: object): string =>
  JSON.stringify(document).replace('"UID2"', "11274217283412345678");
const json = withUid(status);

test("status: UIDs keep all their digits", (t) => {
  t.is(parseStatusDocument(json).Peers?.[0]?.UID, "11274217283412345678");
});

test("status: long numbers inside of texts are left alone", (t) => {
  const nickname = 'peer \\" 11274217283412345678';
  const document = parseStatusDocument(withUid({ ...status, NickName: nickname }));
  t.is(document.NickName, nickname);
});

for (const text of ["", "<html>", "null", "[]", "{}", '{"Protocol":"weave"}', '{"Protocol":"other"}']) {
  test(`status: ${JSON.stringify(text)} is not a status`, (t) => {
    t.throws(() => parseStatusDocument(text), { name: "CliError", code: "failed" });
  });
}

const wrong: Record<string, object> = {
  NickName: { NickName: 7 },
  Port: { Port: "\x1b[2J" },
  TerminationCount: { TerminationCount: null },
  Peers: { Peers: [null] },
  Connections: { Connections: [{ Address: "a", Outbound: true, State: {}, Info: "" }] },
  BroadcastRoutes: { BroadcastRoutes: [{ Source: "a", Via: [7] }] },
  TrustedSubnets: { TrustedSubnets: 1 },
};
for (const [field, change] of Object.entries(wrong)) {
  test(`status: a document whose ${field} is of another type is refused by that name`, (t) => {
    t.throws(() => parseStatusDocument(withUid({ ...status, ...change })), {
      code: "failed",
      message: `the answer is not the status of a mesh peer: ${field} is missing or wrong`,
    });
  });
}

test("status: a nickname of 10 MiB and a number of a million digits take no longer than their length", (t) => {
  const document = { ...status, NickName: '\\"'.repeat(3_500_000), Extra: "EXTRA" };
  const text = withUid(document).replace('"EXTRA"', `${"1".repeat(1_000_000)}.5`);
  t.is(parseStatusDocument(text).NickName, document.NickName);
});

test("status: a person sees peers, connections and routes", (t) => {
  t.is(
    statusReport(parseStatusDocument(json)),
    `00:00:00:00:00:01(ts-1), port 6783, protocol 1 to 2, password, no discovery
Trusted subnets: 10.0.0.0/8

Peers
NAME               NICKNAME  UID                   SHORT ID  VERSION  CONNECTIONS
00:00:00:00:00:01  ts-1      5                     9         2        0                   this peer
00:00:00:00:00:02  go-2      11274217283412345678  7         3        1 of 2 established
00:00:00:00:00:03            0                     0         0        0                   not described yet

Connections
    ADDRESS          STATE        INFO
->  127.0.0.1:1      retrying     EOF
<-  127.0.0.1:50000  established  encrypted   none   x

Routes over established connections
TO                 NICKNAME  VIA                BROADCASTS FROM THERE GO TO
00:00:00:00:00:01  ts-1      this peer          00:00:00:00:00:02
00:00:00:00:00:02  go-2      00:00:00:00:00:02

Targets: a, b
Connections ended so far: 4
`,
  );
});

test("status: a peer alone has empty lists, which may be null", (t) => {
  const alone = { ...status, Peers: null, UnicastRoutes: null, BroadcastRoutes: null, Connections: null };
  const report = statusReport(
    parseStatusDocument(JSON.stringify({ ...alone, Targets: null, TrustedSubnets: [] })),
  );
  t.regex(report, /\nConnections\nnone\n/);
  t.regex(report, /\nTargets: none\n/);
});

test("status: a nickname cannot steer the terminal", (t) => {
  t.is(table(["NICKNAME"], [["a\x1b[2J\n\u202e\udc80"]]), "NICKNAME\na\\x1b[2J\\n\\u202e\\x80\n");
});

test("status: a table of 300,000 rows is laid out, and one long cell does not widen the others", (t) => {
  const lines = table(["A", "B"], [["x".repeat(5000), "y"], ...Array<string[]>(300_000).fill(["x", "y"])]);
  t.is(lines.length, "A".length + 80 + 2 + 1024 + "... (5,000 bytes)  y\n".length + 1 + 300_000 * 84);
});

test("status: columns are as wide as their widest cell, in characters", (t) => {
  t.is(
    table(
      ["A", "B"],
      [
        ["🐹🐹", "x"],
        ["", "y"],
      ],
    ),
    "A   B\n🐹🐹  x\n    y\n",
  );
});

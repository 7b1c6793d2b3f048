import test from "ava";
import { agree } from "../../src/cli/demo/agreement.ts";
import type { StatusDocument } from "../../src/cli/status-document.ts";

interface Seen {
  uid?: number;
  version?: number;
  to?: string[];
  established?: boolean;
}

/** The status of the peer `name`, that sees `peers`. */
function seenBy(name: string, peers: Record<string, Seen>): StatusDocument {
  const documents = Object.entries(peers).map(
    ([peer, { uid = 1, version = 2, to = [], established = true }]) => ({
      ...{ Name: peer, NickName: peer, UID: uid, ShortID: 0, Version: version },
      Connections: to.map((remote) => ({
        ...{ Name: remote, NickName: remote, Address: "", Outbound: true, Established: established },
      })),
    }),
  );
  return { Name: name, Peers: documents } as unknown as StatusDocument;
}

const whole = { a: { to: ["b"] }, b: { to: ["a"] } };

test("agreement: the same peers with the same connections", (t) => {
  t.true(agree([seenBy("a", whole), seenBy("b", whole)]));
});

const disagreements: [string, Record<string, Seen>, Record<string, Seen>][] = [
  ["another version", whole, { ...whole, a: { to: ["b"], version: 3 } }],
  ["another UID", whole, { ...whole, a: { to: ["b"], uid: 9 } }],
  ["a peer missing on one side", whole, { b: {} }],
  ["a connection missing on one side", whole, { a: {}, b: { to: ["a"] } }],
  ["a stranger on both sides", { ...whole, c: {} }, { ...whole, c: {} }],
  ["a connection that only one end knows", { a: { to: ["b"] }, b: {} }, { a: { to: ["b"] }, b: {} }],
  [
    "a connection not established",
    { a: { to: ["b"], established: false }, b: { to: ["a"] } },
    { a: { to: ["b"], established: false }, b: { to: ["a"] } },
  ],
];

for (const [title, a, b] of disagreements) {
  test(`agreement: not with ${title}`, (t) => {
    t.false(agree([seenBy("a", a), seenBy("b", b)]));
  });
}

import test from "ava";
import { disagreement, type View } from "../interop/driver/agreement.ts";
import { parseStatus } from "../interop/driver/status.ts";

interface Wire {
  to: string;
  outbound: boolean;
  established?: boolean;
}

/** A status as Go prints it, of the peer `self`, that describes peers and their connections. */
function statusText(self: string, peers: Record<string, Wire[]>, live = peers[self]?.length ?? 0): string {
  return JSON.stringify({
    Name: self,
    Peers: Object.entries(peers).map(([name, wires]) => ({
      ...{ Name: name, NickName: name, UID: `#${name}`, ShortID: 1, Version: 2 },
      Connections: wires.map(({ to, outbound, established }) => ({
        ...{
          Name: to,
          NickName: to,
          Address: `${to}:1`,
          Outbound: outbound,
          Established: established ?? true,
        },
      })),
    })),
    UnicastRoutes: Object.keys(peers).map((name) => ({ Dest: name, Via: name })),
    Connections: Array.from({ length: live }, () => ({ State: "established" })),
  }).replaceAll(/"#(\w+)"/g, (_, name: string) => `1844674407370955161${name.length}`);
}

function view(name: string, text: string): View {
  return { label: name.toUpperCase(), name, status: parseStatus(text) };
}

const pair = { a: [{ to: "b", outbound: true }], b: [{ to: "a", outbound: false }] };

test("interop: UIDs beyond 2^53 are read exactly", (t) => {
  const status = parseStatus('{"Peers":[{"NickName":"\\"UID\\":5","UID":18446744073709551615,"Version":7}]}');
  t.is(status.Peers[0]?.UID, 18446744073709551615n);
  t.is(status.Peers[0]?.Version, 7n);
  t.is(status.Peers[0]?.NickName, '"UID":5');
});

test("interop: two peers with the same view agree", (t) => {
  const views = [view("a", statusText("a", pair)), view("b", statusText("b", pair))];
  t.is(disagreement(views), undefined);
  t.is(disagreement(views, [["B", "A"]]), undefined);
});

test("interop: a peer without a status has to be seen alike by the others", (t) => {
  const blind: View = { label: "B", name: "b", status: undefined };
  t.is(disagreement([view("a", statusText("a", pair)), blind]), undefined);
  t.is(disagreement([view("a", statusText("a", { a: [] })), blind]), "A does not know B");
});

const differences: Record<string, [views: View[], expected: RegExp]> = {
  "a peer that is not known": [
    [view("a", statusText("a", pair)), view("b", statusText("b", { b: [] }))],
    /B does not know A/,
  ],
  "a peer that has gone": [[view("a", statusText("a", pair))], /A still knows b/],
  "a version": [
    [
      view("a", statusText("a", pair)),
      view("b", statusText("b", pair).replace('"Version":2', '"Version":3')),
    ],
    /A has A as .* version 2 .*, B as .* version 3/,
  ],
  "a connection that is not established": [
    [
      view("a", statusText("a", { ...pair, b: [{ to: "a", outbound: false, established: false }] })),
      view("b", statusText("b", pair)),
    ],
    /A has B to A not established/,
  ],
  "a connection that only one end has": [
    [view("a", statusText("a", { ...pair, b: [] })), view("b", statusText("b", pair))],
    /A has A to B without its counterpart/,
  ],
  "a connection that both ends dialled": [
    [
      view("a", statusText("a", { ...pair, b: [{ to: "a", outbound: true }] })),
      view("b", statusText("b", pair)),
    ],
    /both ends of A to B as diallers/,
  ],
  "a connection that the topology does not have": [
    [view("a", statusText("a", pair, 2)), view("b", statusText("b", pair))],
    /A has 2 live connections, but 1 in the topology/,
  ],
};

for (const [difference, [views, expected]] of Object.entries(differences)) {
  test(`interop: ${difference} is a disagreement`, (t) => {
    t.regex(disagreement(views) ?? "none", expected);
  });
}

test("interop: a connection too many or too few is a disagreement when they are given", (t) => {
  const views = [view("a", statusText("a", pair)), view("b", statusText("b", pair))];
  t.is(disagreement(views, []), "unexpected connection A - B");
  t.is(
    disagreement(views, [
      ["A", "B"],
      ["A", "C"],
    ]),
    "no connection A - C",
  );
});

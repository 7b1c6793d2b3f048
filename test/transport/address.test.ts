import test from "ava";
import {
  canonicalIp,
  formatAddress,
  isLoopback,
  isWildcard,
  joinHostPort,
  splitHostPort,
  splitTarget,
  TransportError,
} from "../../src/transport/index.ts";
import { servicePort } from "../../src/transport/service-port.ts";
import { rejection } from "./probe.ts";

test("address: is printed as Go prints it", (t) => {
  t.is(formatAddress({ host: "10.0.0.7", port: 6783 }), "10.0.0.7:6783");
  t.is(formatAddress({ host: "fd00::1", port: 6783 }), "[fd00::1]:6783");
  t.is(joinHostPort("", 0), ":0");
  t.is(joinHostPort("fe80::1%eth0", "http"), "[fe80::1%eth0]:http");
});

const canonical: [text: string, ip: string | undefined][] = [
  ["10.0.0.7", "10.0.0.7"],
  ["::ffff:10.0.0.7", "10.0.0.7"],
  ["::FFFF:0a00:0007", "10.0.0.7"],
  ["::ffff:255.254.1.0", "255.254.1.0"],
  ["FD00:0000::0001", "fd00::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["::1.2.3.4", "::102:304"],
  ["::", "::"],
  ["fe80::1%eth0", "fe80::1%eth0"],
  ["010.0.0.1", undefined],
  ["1.2.3", undefined],
  ["1.2.3.256", undefined],
  ["host", undefined],
  ["[::1]", undefined],
  ["", undefined],
];

for (const [text, ip] of canonical) {
  test(`address: the IP address ${JSON.stringify(text)} in canonical form is ${ip}`, (t) => {
    t.is(canonicalIp(text), ip);
  });
}

test("address: wildcards and loopback addresses are known", (t) => {
  t.deepEqual(["", "0.0.0.0", "::", "127.0.0.1"].map(isWildcard), [true, true, true, false]);
  t.deepEqual(["127.0.0.1", "127.8.9.1", "::1", "10.0.0.1", "127.example"].map(isLoopback), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

// What Go 1.26's net.SplitHostPort answers.
const split: [text: string, result: [string, string] | string][] = [
  ["a:b:c", "address a:b:c: too many colons in address"],
  ["a", "address a: missing port in address"],
  ["", "missing port in address"],
  ["::1", "address ::1: too many colons in address"],
  ["[::1]", "address [::1]: missing port in address"],
  ["[::1", "address [::1: missing ']' in address"],
  ["[a]b:1", "address [a]b:1: missing port in address"],
  ["[::1]:1:2", "address [::1]:1:2: too many colons in address"],
  ["[::1]]:1", "address [::1]]:1: missing port in address"],
  ["[[::1]:1", "address [[::1]:1: unexpected '[' in address"],
  ["a[b:1", "address a[b:1: unexpected '[' in address"],
  ["a]b:1", "address a]b:1: unexpected ']' in address"],
  ["[::1]:1", ["::1", "1"]],
  ["[a:1]:", ["a:1", ""]],
  ["[]:1", ["", "1"]],
  ["a:", ["a", ""]],
  [":", ["", ""]],
  ["host:http", ["host", "http"]],
];

for (const [text, result] of split) {
  test(`host and port: ${JSON.stringify(text)} splits as in Go`, (t) => {
    if (typeof result !== "string") {
      t.deepEqual(splitHostPort(text), { host: result[0], port: result[1] });
      return;
    }
    const error = t.throws(() => splitHostPort(text), { instanceOf: TransportError, message: result });
    t.is(error?.code, "address");
  });
}

const targets: [text: string, host: string, port: string | undefined][] = [
  ["10.0.0.7", "10.0.0.7", undefined],
  ["10.0.0.7:6783", "10.0.0.7", "6783"],
  ["peer.example:http", "peer.example", "http"],
  ["peer.example", "peer.example", undefined],
  ["peer.example:", "peer.example", ""],
  ["::1", "::1", undefined],
  ["[::1]", "::1", undefined],
  ["[::1]:6783", "::1", "6783"],
  ["fe80::1%eth0", "fe80::1%eth0", undefined],
  ["a:b:c", "a:b:c", undefined],
  [":6783", "", "6783"],
  ["", "", undefined],
];

for (const [text, host, port] of targets) {
  test(`target: ${JSON.stringify(text)} has host ${JSON.stringify(host)} and port ${port}`, (t) => {
    t.deepEqual(splitTarget(text), { host, port });
  });
}

test("service port: digits with or without a sign, and names in any case", async (t) => {
  const cases: [string, number][] = [
    ["", 0],
    ["0", 0],
    ["007", 7],
    ["+5", 5],
    ["65535", 65535],
    ["http", 80],
    ["Https", 443],
  ];
  for (const [service, port] of cases) t.is(await servicePort(service), port);
});

test("service port: what is none is refused in Go's words", async (t) => {
  for (const service of ["65536", "-1", "99999999999"]) {
    const error = await rejection(servicePort(service));
    t.is(error.code, "address");
    t.is(error.message, `address ${service}: invalid port`);
  }
  const error = await rejection(servicePort("nosuch"));
  t.is(error.code, "resolve");
  t.is(error.message, "lookup tcp/nosuch: unknown port");
});
